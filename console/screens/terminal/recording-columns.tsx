import type { Recording } from '../../../protocol/schemas/recording.ts';
import { deleteRecording } from '../../api/actions.ts';
import { formatBytes } from '../../format/quantity.ts';
import { formatDuration } from '../../format/time.ts';
import { refresh } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Badge, Status } from '../../ui/status.tsx';
import type { Column } from '../../ui/table.tsx';

export const recordingsPath = '/v1/recordings';

/** What is shown of a recording wherever it is listed, and what can be done with it. */
export const recordingColumns = (onPlay: (id: string) => void): readonly Column<Recording>[] => [
  { label: t('deploy.command'), cell: ({ command }) => <code class="wrap">{command.join(' ')}</code> },
  { label: t('column.by'), cell: ({ openedBy }) => <span class="wrap">{openedBy}</span> },
  { label: t('column.begun'), cell: ({ openedAt }) => <Age at={openedAt} /> },
  { label: t('recording.lasted'), cell: (recording) => <Lasted recording={recording} /> },
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
    cell: ({ id, state }) => (
      <>
        <button type="button" onClick={() => onPlay(id)}>
          {t('replay.play')}
        </button>
        {state !== 'running' && (
          <IfMay does="recording.delete">
            <button type="button" class="danger" onClick={() => openDialog(() => <Remove id={id} />)}>
              {t('action.delete')}
            </button>
          </IfMay>
        )}
      </>
    ),
  },
];

function Lasted({ recording: { state, openedAt, endedAt } }: { readonly recording: Recording }) {
  if (state === 'running') return <Status tone="busy">{t('recording.running')}</Status>;
  if (state === 'broken-off' || endedAt === undefined) return <Status tone="warn">{t('recording.brokenOff')}</Status>;
  return formatDuration(Date.parse(endedAt) - Date.parse(openedAt));
}

async function remove(id: string): Promise<void> {
  await deleteRecording(id);
  refresh(recordingsPath);
}

const Remove = ({ id }: { readonly id: string }) => (
  <ConfirmDialog
    title={t('recording.removeTitle')}
    action={t('action.delete')}
    what={t('recording.removeWhat')}
    onAct={() => remove(id)}
  />
);
