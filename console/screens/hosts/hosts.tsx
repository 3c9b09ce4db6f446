import type { Host } from '../../../protocol/schemas/host.ts';
import { formatBytes, formatCores } from '../../format/quantity.ts';
import { hostState } from '../../format/state.ts';
import { linkTo } from '../../store/link.ts';
import { useHosts } from '../../store/lists.ts';
import { route, setQuery } from '../../store/router.ts';
import type { Trail } from '../../store/trails.ts';
import { useUsageTrails } from '../../store/usage-trail.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { later } from '../../ui/later.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Empty, PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Badge, Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { CpuUsed, MemoryUsed } from '../metrics/usage-cells.tsx';

const tabs = ['hosts', 'clusters', 'capacity', 'rebalance'] as const;
const ClustersTab = later(() => import('./clusters-tab.tsx').then((part) => part.ClustersTab));
const CapacityTab = later(() => import('./capacity-tab.tsx').then((part) => part.CapacityTab));
const RebalanceTab = later(() => import('./rebalance-tab.tsx').then((part) => part.RebalanceTab));

/** The hosts, the sets that they form, what they have room for, and how evenly they are used. */
export function HostsScreen() {
  const { query } = route.value;
  const tab = tabs.find((one) => one === query.get('tab')) ?? 'hosts';
  const search = query.get('q') ?? '';
  return (
    <>
      <PageHead
        title={t('nav.hosts')}
        actions={
          tab === 'hosts' && (
            <SearchField label={t('host.search')} value={search} onText={(text) => setQuery({ q: text })} />
          )
        }
      />
      <Tabs
        label={t('nav.hosts')}
        current={tab}
        tabs={tabs.map((id) => ({
          id,
          label: t(`hosts.tab.${id}`),
          href: linkTo(['hosts'], { tab: id === 'hosts' ? undefined : id }),
        }))}
      />
      {tab === 'hosts' && <HostList search={search.toLowerCase()} />}
      {tab === 'clusters' && <ClustersTab />}
      {tab === 'capacity' && <CapacityTab />}
      {tab === 'rebalance' && <RebalanceTab />}
    </>
  );
}

function HostList({ search }: { readonly search: string }) {
  const trails = useUsageTrails();
  const fits = ({ name, zone, labels }: Host): boolean =>
    [name, zone, ...Object.entries(labels).map((pair) => pair.join('='))].some((word) =>
      word.toLowerCase().includes(search),
    );
  return (
    <ReadingView of={useHosts()}>
      {(hosts) => {
        const found = hosts.filter(fits).sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
        return (
          <Panel title={t('map.hosts', { hosts: found.length })} isFlush>
            {found.length === 0 ? (
              <Empty title={t('filter.nothing')} />
            ) : (
              <Table caption={t('nav.hosts')} columns={columns(trails)} items={found} keyOf={({ id }) => id} />
            )}
          </Panel>
        );
      }}
    </ReadingView>
  );
}

const columns = (trails: ReadonlyMap<string, Trail>): readonly Column<Host>[] => [
  {
    label: t('host.one'),
    cell: ({ id, name, isSelf }) => (
      <span class="row">
        <a href={linkTo(['hosts', id])}>{name}</a>
        {isSelf && <Badge tone="idle">{t('host.self')}</Badge>}
      </span>
    ),
  },
  {
    label: t('column.state'),
    cell: (host) => {
      const { tone, word } = hostState(host);
      return <Status tone={tone}>{t(word)}</Status>;
    },
  },
  { label: t('column.since'), cell: ({ since }) => <Age at={since} /> },
  { label: t('column.zone'), cell: ({ zone }) => <span class="nowrap">{zone || '–'}</span> },
  { label: t('container.many'), isNumber: true, cell: ({ containers }) => containers },
  { label: t('capacity.memory'), cell: (host) => <MemoryMeter host={host} /> },
  { label: t('capacity.cpu'), cell: (host) => <CpuMeter host={host} /> },
  {
    label: t('metrics.cpuUsed'),
    cell: ({ id, capacity }) => <CpuUsed trail={trails.get(id)} most={capacity.cpuMilli} />,
  },
  {
    label: t('metrics.memoryUsed'),
    cell: ({ id, capacity }) => <MemoryUsed trail={trails.get(id)} most={capacity.memoryBytes} />,
  },
  { label: t('host.agent'), cell: ({ agentVersion }) => <span class="muted">{agentVersion}</span> },
];

export function MemoryMeter({ host: { capacity } }: { readonly host: Host }) {
  const { promisedBytes, heldBytes, allocatableBytes } = capacity;
  return (
    <Meter
      label={t('capacity.memory')}
      used={promisedBytes}
      held={heldBytes}
      total={allocatableBytes}
      words={t('capacity.of', { used: formatBytes(promisedBytes), total: formatBytes(allocatableBytes) })}
    />
  );
}

export function CpuMeter({ host: { capacity } }: { readonly host: Host }) {
  const { promisedCpuMilli, cpuMilli } = capacity;
  return (
    <Meter
      label={t('capacity.cpu')}
      used={promisedCpuMilli}
      total={cpuMilli}
      words={t('capacity.of', { used: formatCores(promisedCpuMilli), total: formatCores(cpuMilli) })}
    />
  );
}
