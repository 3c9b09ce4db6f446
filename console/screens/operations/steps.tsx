import type { ImageOperationStep, MoveStep, Operation, OperationStep } from '../../../protocol/schemas/operation.ts';
import { formatBytes } from '../../format/quantity.ts';
import type { Tone } from '../../format/tone.ts';
import { linkTo } from '../../store/link.ts';
import { t } from '../../text/text.ts';
import { Empty } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { isImages, isMoves } from './subject.tsx';

const tones: Readonly<Record<OperationStep['step'] | ImageOperationStep['step'] | MoveStep['step'], Tone>> = {
  waiting: 'idle',
  auction: 'busy',
  reserved: 'busy',
  pulling: 'busy',
  created: 'busy',
  started: 'busy',
  healthy: 'ok',
  backoff: 'warn',
  failed: 'bad',
  removing: 'busy',
  removed: 'ok',
  running: 'busy',
  done: 'ok',
  lost: 'bad',
  replacing: 'busy',
  moved: 'ok',
  blocked: 'warn',
  stayed: 'idle',
};

/** A line for each replica, container or host that the operation works on. */
export function Steps({ operation }: { readonly operation: Operation }) {
  if (operation.steps.length === 0) return <Empty title={t('operation.noSteps')} />;
  if (isImages(operation))
    return (
      <Table
        caption={t('operation.steps')}
        columns={imageColumns()}
        items={operation.steps}
        keyOf={({ hostId }) => hostId}
      />
    );
  if (isMoves(operation))
    return (
      <Table
        caption={t('operation.steps')}
        columns={moveColumns()}
        items={operation.steps}
        keyOf={({ containerId }) => containerId}
      />
    );
  const keyOf = ({ replica, containerId }: OperationStep) => `${replica}/${containerId ?? ''}`;
  return <Table caption={t('operation.steps')} columns={replicaColumns()} items={operation.steps} keyOf={keyOf} />;
}

const StepStatus = ({ step }: { readonly step: keyof typeof tones }) => (
  <Status tone={tones[step]}>{t(`step.${step}`)}</Status>
);

const hostLink = (id: string | undefined, name: string | undefined) =>
  id === undefined ? <span class="muted">–</span> : <a href={linkTo(['hosts', id])}>{name ?? id}</a>;

const replicaColumns = (): readonly Column<OperationStep>[] => [
  { label: t('column.replica'), cell: ({ replica }) => `#${replica}` },
  { label: t('column.state'), cell: ({ step }) => <StepStatus step={step} /> },
  { label: t('host.one'), cell: ({ hostId, hostName }) => hostLink(hostId, hostName) },
  {
    label: t('column.detail'),
    cell: ({ pull, detail }) => (
      <span class="muted small wrap">
        {pull !== undefined && `${pulled(pull.bytes, pull.totalBytes)}${from(pull.peers)} `}
        {detail}
      </span>
    ),
  },
];

const imageColumns = (): readonly Column<ImageOperationStep>[] => [
  { label: t('host.one'), cell: ({ hostId, hostName }) => hostLink(hostId, hostName) },
  { label: t('column.state'), cell: ({ step }) => <StepStatus step={step} /> },
  {
    label: t('column.detail'),
    cell: ({ bytes, totalBytes, peers, detail }) => (
      <span class="muted small wrap">
        {pulled(bytes, totalBytes)}
        {from(peers)} {detail}
      </span>
    ),
  },
];

const moveColumns = (): readonly Column<MoveStep>[] => [
  { label: t('container.one'), cell: ({ name }) => name },
  { label: t('nav.apps'), cell: ({ group, app }) => <a href={linkTo(['apps', group, app])}>{`${group}/${app}`}</a> },
  { label: t('column.state'), cell: ({ step }) => <StepStatus step={step} /> },
  {
    label: t('column.fromTo'),
    cell: ({ hostName, toHostName }) => `${hostName} → ${toHostName ?? '…'}`,
  },
  { label: t('column.detail'), cell: ({ detail }) => <span class="muted small wrap">{detail}</span> },
];

const pulled = (bytes: number, total: number): string =>
  total === 0 ? formatBytes(bytes) : `${formatBytes(bytes)} / ${formatBytes(total)}`;

const from = (peers: number | undefined): string =>
  peers === undefined || peers === 0 ? '' : ` · ${t('images.fromPeers', { peers })}`;
