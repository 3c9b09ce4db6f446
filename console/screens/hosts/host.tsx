import type { Host } from '../../../protocol/schemas/host.ts';
import type { HostImageUsage } from '../../../protocol/schemas/image.ts';
import { formatBytes } from '../../format/quantity.ts';
import { hostState } from '../../format/state.ts';
import { linkTo } from '../../store/link.ts';
import { useContainersOf, useEvents, useOperation } from '../../store/lists.ts';
import { useItem, useList } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { EventList } from '../../ui/event-list.tsx';
import { Progress } from '../../ui/meter.tsx';
import { Empty, Facts, PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Badge, Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { ContainerTable } from '../apps/container-table.tsx';
import { MetricsLater } from '../metrics/metrics-later.tsx';
import { Steps } from '../operations/steps.tsx';
import { HostActions } from './host-actions.tsx';
import { CpuMeter, MemoryMeter } from './hosts.tsx';
import { LabelsPanel } from './labels-panel.tsx';

/** One host: what it carries, what is left, what is wanted of it. */
export function HostScreen({ id }: { readonly id: string }) {
  const reading = useItem<Host>(`/v1/hosts/${encodeURIComponent(id)}`, ['hosts', 'containers', 'members']);
  return <ReadingView of={reading}>{(host) => <HostView host={host} />}</ReadingView>;
}

function HostView({ host }: { readonly host: Host }) {
  const { tone, word } = hostState(host);
  const containers = useContainersOf({ host: host.id });
  const { value: events = [] } = useEvents({ host: host.id, limit: '20' });
  return (
    <>
      <PageHead
        crumbs={<a href={linkTo(['hosts'])}>{t('nav.hosts')}</a>}
        title={
          <span class="row">
            {host.name} <Badge tone={tone}>{t(word)}</Badge>
            {host.isSelf && <Badge tone="idle">{t('host.self')}</Badge>}
          </span>
        }
        actions={<HostActions host={host} />}
      />
      <div class="stack">
        {host.drainedBy !== undefined && <DrainPanel id={host.drainedBy} />}
        <div class="grid">
          <CapacityOfHost host={host} />
          <AboutHost host={host} />
          <LabelsPanel host={host} />
        </div>
        <Panel title={t('container.many')} isFlush>
          <ReadingView of={containers}>
            {(all) =>
              all.length === 0 ? <Empty title={t('host.noContainers')} /> : <ContainerTable containers={all} isOnHost />
            }
          </ReadingView>
        </Panel>
        <MetricsLater path={`/v1/hosts/${encodeURIComponent(host.id)}/metrics`} />
        {host.unmanaged.length > 0 && <UnmanagedPanel containers={host.unmanaged} />}
        <Panel title={t('nav.events')} isFlush>
          <EventList events={events} nothing={t('event.none')} />
        </Panel>
      </div>
    </>
  );
}

function UnmanagedPanel({ containers }: { readonly containers: Host['unmanaged'] }) {
  const columns: readonly Column<Host['unmanaged'][number]>[] = [
    { label: t('container.one'), cell: ({ name }) => name },
    {
      label: t('column.state'),
      cell: ({ running }) => (
        <Status tone={running ? 'ok' : 'idle'}>{t(running ? 'container.running' : 'container.stopped')}</Status>
      ),
    },
    { label: t('column.image'), cell: ({ image }) => <span class="wrap">{image}</span> },
    {
      label: t('capacity.memory'),
      isNumber: true,
      cell: ({ memoryBytes }) => (memoryBytes === 0 ? t('limits.none') : formatBytes(memoryBytes)),
    },
  ];
  return (
    <Panel title={t('host.unmanaged')} isFlush>
      <Table caption={t('host.unmanaged')} columns={columns} items={containers} keyOf={({ engineId }) => engineId} />
    </Panel>
  );
}

function CapacityOfHost({ host }: { readonly host: Host }) {
  const { capacity } = host;
  return (
    <Panel title={t('capacity.title')}>
      <div class="stack">
        <div>
          <h3>{t('capacity.memory')}</h3>
          <MemoryMeter host={host} />
        </div>
        <div>
          <h3>{t('capacity.cpu')}</h3>
          <CpuMeter host={host} />
        </div>
        <Facts
          facts={[
            [t('capacity.held'), formatBytes(capacity.heldBytes)],
            [t('capacity.reserve'), formatBytes(capacity.reserveBytes)],
            [t('capacity.unmanaged'), formatBytes(capacity.unmanagedBytes)],
            [t('capacity.machine'), formatBytes(capacity.memoryBytes)],
          ]}
        />
      </div>
    </Panel>
  );
}

function AboutHost({ host }: { readonly host: Host }) {
  const { value: usages = [] } = useList<HostImageUsage>(
    '/v1/image-usage',
    ['images', 'hosts'],
    ({ hostId }) => hostId,
  );
  const usage = usages.find(({ hostId }) => hostId === host.id);
  return (
    <Panel title={t('host.about')}>
      <Facts
        facts={[
          [t('column.since'), <Age key="since" at={host.since} />],
          [t('column.zone'), host.zone || '–'],
          [
            t('host.addresses'),
            <span key="addresses" class="mono">
              {host.addresses.join(' ')}
            </span>,
          ],
          ...(host.api === undefined ? [] : [[t('host.api'), <code key="api">{host.api}</code>] as const]),
          [t('host.engine'), `Docker ${host.engine.version}`],
          [t('host.agent'), host.agentVersion],
          ...(usage === undefined
            ? []
            : ([
                [
                  t('images.stored'),
                  t('capacity.of', { used: formatBytes(usage.usedBytes), total: formatBytes(usage.quotaBytes) }),
                ],
                [t('images.diskFree'), formatBytes(usage.diskFreeBytes)],
              ] as const)),
          [t('host.id'), <code key="id">{host.id}</code>],
        ]}
      />
    </Panel>
  );
}

/** How far a drain is, and what keeps containers where they are. */
function DrainPanel({ id }: { readonly id: string }) {
  const { value: operation } = useOperation(id);
  if (operation === undefined) return null;
  const { done, total } = operation;
  return (
    <Panel
      title={t('drain.title')}
      isFlush
      actions={
        <>
          <Progress done={done} total={total} label={t('drain.title')} />
          <a href={linkTo(['operations', id])}>{t('operation.one')}</a>
        </>
      }
    >
      <Steps operation={operation} />
    </Panel>
  );
}
