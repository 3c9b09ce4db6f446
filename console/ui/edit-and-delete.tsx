import type { ComponentChild } from 'preact';
import type { AccessAction } from '../../protocol/actions.ts';
import { t } from '../text/text.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { openDialog } from './dialog.tsx';
import { IfMay } from './if-may.tsx';

interface Props {
  readonly edits: AccessAction;
  readonly deletes: AccessAction;
  readonly edit: () => ComponentChild;
  /** The question before it is deleted, and what that means. */
  readonly title: string;
  readonly what: string;
  readonly onDelete: () => Promise<void>;
}

/** The buttons of a row: a dialog that changes it, and one that asks before it is deleted. */
export function EditAndDelete({ edits, deletes, edit, title, what, onDelete }: Props) {
  const ask = () => <ConfirmDialog title={title} action={t('action.delete')} what={what} onAct={onDelete} />;
  return (
    <>
      <IfMay does={edits}>
        <button type="button" onClick={() => openDialog(edit)}>
          {t('action.edit')}
        </button>
      </IfMay>
      <IfMay does={deletes}>
        <button type="button" class="danger" onClick={() => openDialog(ask)}>
          {t('action.delete')}
        </button>
      </IfMay>
    </>
  );
}
