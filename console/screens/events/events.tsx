import { useEvents } from '../../store/lists.ts';
import { route, setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { EventList } from '../../ui/event-list.tsx';
import { PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';

const kinds = ['container.*', 'app.*', 'host.*', 'member.*', 'operation.*', 'image.*', 'token.*', 'catalog.*'];
const SHOWN = 200;
const SHOWN_MAX = 500;

/** What happened in the mesh, newest first, live. */
export function EventsScreen() {
  const { query } = route.value;
  const kind = query.get('kind') ?? '';
  const text = query.get('text') ?? '';
  const limit = query.get('limit') === String(SHOWN_MAX) ? SHOWN_MAX : SHOWN;
  const reading = useEvents({
    limit: String(limit),
    ...(kind === '' ? {} : { kind }),
    ...(text === '' ? {} : { text }),
  });
  return (
    <>
      <PageHead
        title={t('nav.events')}
        actions={
          <>
            <input
              class="search"
              type="search"
              placeholder={t('event.search')}
              aria-label={t('event.search')}
              maxLength={256}
              value={text}
              onInput={({ currentTarget }) => setQuery({ text: currentTarget.value })}
            />
            <select
              class="search"
              aria-label={t('event.kind')}
              value={kind}
              onChange={({ currentTarget }) => setQuery({ kind: currentTarget.value })}
            >
              <option value="">{t('event.anyKind')}</option>
              {kinds.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
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
            <EventList events={events} nothing={t(kind === '' && text === '' ? 'event.none' : 'filter.nothing')} />
          </Panel>
        )}
      </ReadingView>
    </>
  );
}
