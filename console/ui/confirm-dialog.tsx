import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../text/text.ts';
import { ActionDialog } from './dialog.tsx';
import { TextField } from './text-field.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  readonly action: string;
  readonly what: string;
  /** To be typed first, where what goes does not come back. */
  readonly name?: string | undefined;
  readonly onAct: () => Promise<unknown>;
  /** More to be said before. */
  readonly children?: ComponentChildren;
}

/** Asks before something is taken away. */
export function ConfirmDialog({ title, action, what, name, onAct, children }: ConfirmDialogProps) {
  const [typed, setTyped] = useState('');
  return (
    <ActionDialog title={title} action={action} isDanger canAct={name === undefined || typed === name} onAct={onAct}>
      <p>{what}</p>
      {children}
      {name !== undefined && <TextField label={t('form.typeName', { name })} value={typed} onText={setTyped} />}
    </ActionDialog>
  );
}
