import { useState } from 'preact/hooks';
import type { Container } from '../../../protocol/schemas/host.ts';
import { kill } from '../../api/actions.ts';
import { t } from '../../text/text.ts';
import { ActionDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** As `KillRequest` of the protocol's schemas says. */
const SIGNAL = /^(SIG)?[A-Z0-9+-]{1,16}$/;

/** Asks which signal a container is to get. */
export function KillDialog({ container: { id, name } }: { readonly container: Container }) {
  const [signal, setSignal] = useState('SIGKILL');
  const wanted = signal.trim().toUpperCase();
  const isSignal = SIGNAL.test(wanted);
  return (
    <ActionDialog
      title={t('container.killTitle', { name })}
      action={t('container.kill')}
      isDanger
      canAct={isSignal}
      onAct={() => kill(id, wanted)}
    >
      <p>{t('container.killWhat')}</p>
      <TextField
        label={t('container.signal')}
        hint={t('container.signalHint')}
        fault={isSignal ? undefined : t('form.unreadable')}
        value={signal}
        onText={setSignal}
      />
    </ActionDialog>
  );
}
