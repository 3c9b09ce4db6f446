import { useMemo } from 'preact/hooks';
import { useEvents } from '../../store/lists.ts';
import { route, setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { EventList } from '../../ui/event-list.tsx';
import { PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { SearchField } from '../../ui/search-field.tsx';

/** How kinds begin; those of shells and images have several words. */
const kinds = [
  ...['app.*', 'version.*', 'group.*', 'cluster.*', 'container.*', 'shell*', 'recording.*', 'log-forward.*'],
  ...['host.*', 'engine.*', 'rebalance.*', 'member.*', 'token.*', 'credential.*', 'operation.*'],
  ...['image*', 'repository.*', 'namespace.*', 'upstream.*', 'catalog.*'],
];
const HOUR_MS = 3_600_000;
const sinceMs: Readonly<Record<string, number>> = { '1h': HOUR_MS, '6h': 6 * HOUR_MS, '24h': 24 * HOUR_MS };
const SHOWN = 200;
const SHOWN_MAX = 500;

/** What happened in the mesh, newest first, live. All that is chosen is in the address. */
export function EventsScreen() {
  const { query } = route.value;
  const kind = query.get('kind') ?? '';
  const text = query.get('text') ?? '';
  const actor = query.get('actor') ?? '';
  const since = query.get('since') ?? '';
  // Reckoned once: a beginning that moves would be another list at every look.
  const from = useMemo(() => new Date(Date.now() - (sinceMs[since] ?? 0)).toISOString(), [since]);
  const limit = query.get('limit') === String(SHOWN_MAX) ? SHOWN_MAX : SHOWN;
  const reading = useEvents({
    limit: String(limit),
    ...(kind === '' ? {} : { kind }),
    ...(text === '' ? {} : { text }),
    ...(actor === '' ? {} : { actor }),
    ...(sinceMs[since] === undefined ? {} : { since: from }),
  });
  return (
    <>
      <PageHead
        title={t('nav.events')}
        actions={
          <>
            <SearchField label={t('event.search')} value={text} onText={(text) => setQuery({ text })} />
            <select
              class="search"
              aria-label={t('event.kind')}
              value={kind}
              onChange={({ currentTarget }) => setQuery({ kind: currentTarget.value })}
            >
              <option value="">{t('filter.anyKind')}</option>
              {kinds.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
            <select
              class="search"
              aria-label={t('time.from')}
              value={since}
              onChange={({ currentTarget }) => setQuery({ since: currentTarget.value })}
            >
              <option value="">{t('time.any')}</option>
              {Object.keys(sinceMs).map((one) => (
                <option key={one} value={one}>
                  {t('time.last', { since: one })}
                </option>
              ))}
            </select>
            {actor !== '' && (
              <button type="button" onClick={() => setQuery({ actor: '' })}>
                {t('event.allActors', { actor })}
              </button>
            )}
          </>
        }
      />
      <ReadingView of={reading}>
        {(events) => (
          <Panel
            title={t('event.many')}
            isFlush
            actions={
              events.length === SHOWN && (
                <button type="button" class="quiet" onClick={() => setQuery({ limit: String(SHOWN_MAX) })}>
                  {t('event.older')}
                </button>
              )
            }
          >
            <EventList
              events={events}
              nothing={t(kind + text + actor + since === '' ? 'event.none' : 'filter.nothing')}
            />
          </Panel>
        )}
      </ReadingView>
    </>
  );
}
