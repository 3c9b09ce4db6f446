import { useState } from 'preact/hooks';
import { t } from '../text/text.ts';
import { ActionDialog } from './dialog.tsx';
import { TextField } from './text-field.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  readonly action: string;
  readonly what: string;
  /** To be typed first, where what goes does not come back. */
  readonly name?: string;
  readonly onAct: () => Promise<unknown>;
}

/** Asks before something is taken away. */
export function ConfirmDialog({ title, action, what, name, onAct }: ConfirmDialogProps) {
  const [typed, setTyped] = useState('');
  return (
    <ActionDialog title={title} action={action} isDanger canAct={name === undefined || typed === name} onAct={onAct}>
      <p>{what}</p>
      {name !== undefined && <TextField label={t('form.typeName', { name })} value={typed} onText={setTyped} />}
    </ActionDialog>
  );
}
