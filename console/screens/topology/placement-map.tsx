import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Container, Host } from '../../../protocol/schemas/host.ts';
import { t } from '../../text/text.ts';
import { Empty, Panel } from '../../ui/panel.tsx';
import { type HostLanes, lanesOf } from './lanes-of.ts';
import { MapHost } from './map-host.tsx';

/** Above this many hosts a row is one thin lane. */
const DENSE = 50;

interface PlacementMapProps {
  readonly hosts: readonly Host[];
  readonly containers: readonly Container[];
  readonly search: string;
}

/** Zone -> host -> a lane for memory and one for CPU, with a block for each container, as wide as its share. */
export function PlacementMap({ hosts, containers, search }: PlacementMapProps) {
  const picked = useSignal<string | undefined>(undefined);
  // What did not change is the same object as before: its host is not drawn again.
  const known = useMemo(() => new Map<string, HostLanes>(), []);
  const zones = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    const rows = lanesOf(hosts, containers, known).filter(({ words }) => wanted === '' || words.includes(wanted));
    return [...Map.groupBy(rows, ({ host }) => host.zone)].sort(([a], [b]) => (a < b ? -1 : 1));
  }, [hosts, containers, search, known]);
  if (zones.length === 0) return <Empty title={t('filter.nothing')} />;
  const isDense = hosts.length > DENSE;
  return (
    <>
      <ul class="legend">
        <li>
          <span class="swatch block-1" />
          {t('map.block')}
        </li>
        <li>
          <span class="swatch block-1 block not-ready" />
          {t('map.notReady')}
        </li>
        <li>
          <span class="swatch hatched" />
          {t('map.held')}
        </li>
        <li>
          <span class="swatch unmanaged" />
          {t('capacity.unmanaged')}
        </li>
        <li>{t(isDense ? 'map.dense' : 'map.lanes')}</li>
        <li aria-live="polite">
          {picked.value === undefined ? t('map.pick') : t('map.picked', { app: picked.value })}
        </li>
      </ul>
      {zones.map(([zone, rows]) => (
        <Panel
          key={zone}
          title={zone === '' ? t('map.noZone') : zone}
          actions={<span class="muted small">{t('map.hosts', { hosts: rows.length })}</span>}
        >
          <div class={isDense ? 'map-hosts dense' : 'map-hosts'}>
            {rows.map((lanes) => (
              <MapHost key={lanes.host.id} lanes={lanes} isDense={isDense} picked={picked} />
            ))}
          </div>
        </Panel>
      ))}
    </>
  );
}
