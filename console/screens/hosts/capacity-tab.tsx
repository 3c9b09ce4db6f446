import { useState } from 'preact/hooks';
import type { CapacityAnswer } from '../../../protocol/schemas/capacity.ts';
import { formatBytes, parseBytes, parseCores } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { useApps, useClusters } from '../../store/lists.ts';
import { useItem } from '../../store/resource.ts';
import { route, setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { Meter } from '../../ui/meter.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { ChoiceField, TextField } from '../../ui/text-field.tsx';

/** How many more replicas of a size, or of an app, would fit, where, and what limits each host. Live, and nothing is reserved. */
export function CapacityTab() {
  const { query } = route.value;
  const cluster = query.get('cluster') ?? 'default';
  const app = query.get('app') ?? '';
  const [memory, setMemory] = useState('256m');
  const [cpu, setCpu] = useState('');
  const { value: clusters = [] } = useClusters();
  const { value: apps = [] } = useApps();
  const memoryBytes = parseBytes(memory);
  const cpuMilli = cpu.trim() === '' ? 0 : parseCores(cpu);
  const names = [...new Set(['default', cluster, ...clusters.map(({ name }) => name)])];
  const size =
    app === '' ? { memoryBytes: String(memoryBytes), ...(cpuMilli ? { cpuMilli: String(cpuMilli) } : {}) } : { app };
  const isRead = app !== '' || (memoryBytes !== undefined && cpuMilli !== undefined);
  return (
    <div class="stack">
      <Panel title={t('room.question')}>
        <div class="form-grid">
          <ChoiceField
            label={t('room.of')}
            value={app}
            choices={[
              { value: '', word: t('room.size') },
              ...apps
                .filter(({ latestVersion }) => latestVersion > 0)
                .map(({ group, name }) => ({ value: `${group}/${name}`, word: `${group}/${name}` })),
            ]}
            onChoice={(value) => setQuery({ app: value })}
          />
          {app === '' && (
            <>
              <TextField
                label={t('capacity.memory')}
                fault={memoryBytes === undefined ? t('form.unreadable') : undefined}
                value={memory}
                onText={setMemory}
              />
              <TextField
                label={t('capacity.cpu')}
                hint={t('deploy.cpuHint')}
                fault={cpuMilli === undefined ? t('form.unreadable') : undefined}
                value={cpu}
                onText={setCpu}
              />
            </>
          )}
          <ChoiceField
            label={t('cluster.one')}
            value={cluster}
            choices={names.map((name) => ({ value: name, word: name }))}
            onChoice={(value) => setQuery({ cluster: value })}
          />
        </div>
      </Panel>
      {isRead && <Answer question={new URLSearchParams({ ...size, cluster }).toString()} />}
    </div>
  );
}

function Answer({ question }: { readonly question: string }) {
  const reading = useItem<CapacityAnswer>(`/v1/capacity?${question}`, ['hosts', 'containers', 'apps']);
  return (
    <ReadingView of={reading}>
      {({ total, hosts }) => (
        <Panel
          title={t('room.answer', { total })}
          isFlush
          actions={<span class="muted small">{t('room.notReserved')}</span>}
        >
          <Table
            caption={t('room.answer', { total })}
            columns={columns()}
            items={hosts.toSorted((a, b) => b.replicas - a.replicas || (a.hostName < b.hostName ? -1 : 1))}
            keyOf={({ hostId }) => hostId}
          />
        </Panel>
      )}
    </ReadingView>
  );
}

type Room = CapacityAnswer['hosts'][number];

const columns = (): readonly Column<Room>[] => [
  { label: t('host.one'), cell: ({ hostId, hostName }) => <a href={linkTo(['hosts', hostId])}>{hostName}</a> },
  { label: t('column.zone'), cell: ({ zone }) => zone || '–' },
  {
    label: t('room.fits'),
    isNumber: true,
    cell: ({ replicas }) => <Status tone={replicas > 0 ? 'ok' : 'warn'}>{replicas}</Status>,
  },
  {
    label: t('room.limit'),
    cell: ({ rule, detail }) => (
      <span class="wrap">
        <code>{rule}</code> <span class="muted small">{detail}</span>
      </span>
    ),
  },
  {
    label: t('capacity.memory'),
    cell: ({ promisedBytes, heldBytes, allocatableBytes }) => (
      <Meter
        label={t('capacity.memory')}
        used={promisedBytes}
        held={heldBytes}
        total={allocatableBytes}
        words={t('capacity.of', { used: formatBytes(promisedBytes), total: formatBytes(allocatableBytes) })}
      />
    ),
  },
];
