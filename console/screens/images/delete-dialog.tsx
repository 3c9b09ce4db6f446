import { useState } from 'preact/hooks';
import { t } from '../../text/text.ts';
import { ActionDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface Props {
  readonly title: string;
  readonly action: string;
  readonly what: string;
  /** To be typed first, where much goes. */
  readonly name?: string;
  readonly onDelete: (isForced: boolean) => Promise<unknown>;
}

/** Asks before images go; those that a version of an app or another image needs go only when that is said. */
export function DeleteDialog({ title, action, what, name, onDelete }: Props) {
  const [typed, setTyped] = useState('');
  const [isForced, setForced] = useState(false);
  return (
    <ActionDialog
      title={title}
      action={action}
      isDanger
      canAct={name === undefined || typed === name}
      onAct={() => onDelete(isForced)}
    >
      <p>{what}</p>
      <label class="row check">
        <input type="checkbox" checked={isForced} onChange={({ currentTarget }) => setForced(currentTarget.checked)} />
        {t('images.force')}
      </label>
      {name !== undefined && <TextField label={t('form.typeName', { name })} value={typed} onText={setTyped} />}
    </ActionDialog>
  );
}
