import type { Recording } from '../../../protocol/schemas/recording.ts';
import { useList } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Panel } from '../../ui/panel.tsx';
import { Table } from '../../ui/table.tsx';
import { recordingColumns, recordingsPath } from './recording-columns.tsx';

interface RecordingsPanelProps {
  readonly containerId: string;
  readonly onPlay: (recordingId: string) => void;
}

/** What was recorded of shells in a container; absent when nothing was, or who looks may not see it. */
export function RecordingsPanel({ containerId, onPlay }: RecordingsPanelProps) {
  const path = `${recordingsPath}?container=${encodeURIComponent(containerId)}`;
  const { value: recordings = [] } = useList<Recording>(path, ['containers', 'events'], ({ id }) => id);
  if (recordings.length === 0) return null;
  return (
    <Panel title={t('replay.recordings')} isFlush>
      <Table
        caption={t('replay.recordings')}
        columns={recordingColumns(onPlay)}
        items={recordings.toReversed()}
        keyOf={({ id }) => id}
      />
    </Panel>
  );
}
