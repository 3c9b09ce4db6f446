import type { Recording } from '../../../protocol/schemas/recording.ts';
import { formatBytes } from '../../format/quantity.ts';
import { useList } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Badge } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';

interface RecordingsPanelProps {
  readonly containerId: string;
  readonly onPlay: (recordingId: string) => void;
}

/** What was recorded of shells in a container; absent when nothing was, or who looks may not see it. */
export function RecordingsPanel({ containerId, onPlay }: RecordingsPanelProps) {
  const path = `/v1/recordings?container=${encodeURIComponent(containerId)}`;
  const { value: recordings = [] } = useList<Recording>(path, ['containers', 'events'], ({ id }) => id);
  if (recordings.length === 0) return null;
  return (
    <Panel title={t('replay.recordings')} isFlush>
      <Table
        caption={t('replay.recordings')}
        columns={columns(onPlay)}
        items={recordings.toReversed()}
        keyOf={({ id }) => id}
      />
    </Panel>
  );
}

const columns = (onPlay: (id: string) => void): readonly Column<Recording>[] => [
  { label: t('deploy.command'), cell: ({ command }) => <code class="wrap">{command.join(' ')}</code> },
  { label: t('column.by'), cell: ({ openedBy }) => <span class="wrap">{openedBy}</span> },
  { label: t('column.begun'), cell: ({ openedAt }) => <Age at={openedAt} /> },
  {
    label: t('column.size'),
    cell: ({ sizeBytes, isCut }) => (
      <span class="row">
        {formatBytes(sizeBytes)}
        {isCut && <Badge tone="warn">{t('replay.cut')}</Badge>}
      </span>
    ),
  },
  {
    label: t('column.actions'),
    isActions: true,
    cell: ({ id }) => (
      <button type="button" onClick={() => onPlay(id)}>
        {t('replay.play')}
      </button>
    ),
  },
];
