import type { Transfer } from '../../../protocol/schemas/image.ts';
import { formatBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { useTransfers } from '../../store/transfers.ts';
import { t } from '../../text/text.ts';
import { Meter } from '../../ui/meter.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { type Column, Table } from '../../ui/table.tsx';

/** Layers that travel now: to whom, from whom, how fast. */
export function TransfersPanel() {
  const reading = useTransfers();
  return (
    <ReadingView of={reading}>
      {(transfers) => (
        <Panel title={t('images.transfers')} isFlush>
          {transfers.length === 0 ? (
            <p class="panel-body muted">{t('images.noTransfers')}</p>
          ) : (
            <Table
              caption={t('images.transfers')}
              columns={columns()}
              items={transfers}
              keyOf={({ hostId, digest }) => `${hostId} ${digest}`}
            />
          )}
        </Panel>
      )}
    </ReadingView>
  );
}

const columns = (): readonly Column<Transfer>[] => [
  { label: t('images.layer'), cell: ({ digest }) => <code title={digest}>{digest.slice(0, 19)}</code> },
  { label: t('images.to'), cell: ({ hostId, hostName }) => <a href={linkTo(['hosts', hostId])}>{hostName}</a> },
  {
    label: t('column.progress'),
    cell: ({ doneBytes, sizeBytes }) => (
      <Meter
        label={t('column.progress')}
        used={doneBytes}
        total={sizeBytes}
        words={t('capacity.of', { used: formatBytes(doneBytes), total: formatBytes(sizeBytes) })}
      />
    ),
  },
  { label: t('images.speed'), isNumber: true, cell: ({ bytesPerS }) => `${formatBytes(bytesPerS)}/s` },
  {
    label: t('images.from'),
    cell: ({ peers, originBytes }) =>
      [
        ...(originBytes > 0 ? [t('images.upstream', { bytes: formatBytes(originBytes) })] : []),
        ...peers.map(({ hostName, doneBytes }) => `${hostName} ${formatBytes(doneBytes)}`),
      ].join(' · ') || '–',
  },
];
