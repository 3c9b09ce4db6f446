import { useState } from 'preact/hooks';
import type { Host } from '../../../protocol/schemas/host.ts';
import { cancelDrain, changeHost, drain, removeHost } from '../../api/actions.ts';
import { linkTo } from '../../store/link.ts';
import { goTo } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { IfMay } from '../../ui/if-may.tsx';

const MINUTE_MS = 60_000;

/** Cordon, drain, remove: what takes a host out of use, step by step. */
export function HostActions({ host }: { readonly host: Host }) {
  const { id, name, cordoned, drainedBy, drainedAt } = host;
  if (drainedBy !== undefined) {
    return (
      <IfMay does="drain.cancel">
        <button type="button" onClick={() => openDialog(() => <CancelDrain host={host} />)}>
          {t('drain.cancel')}
        </button>
      </IfMay>
    );
  }
  const word = cordoned ? 'host.uncordon' : 'host.cordon';
  return (
    <>
      <IfMay does="host.set">
        <button
          type="button"
          onClick={() =>
            openDialog(() => (
              <ActionDialog
                title={t(`${word}Title`, { name })}
                action={t(word)}
                onAct={() => changeHost(id, { cordoned: !cordoned })}
              >
                <p>{t(`${word}What`)}</p>
              </ActionDialog>
            ))
          }
        >
          {t(word)}
        </button>
      </IfMay>
      {host.status === 'alive' && (
        <IfMay does="host.drain">
          <button type="button" onClick={() => openDialog(() => <Drain host={host} />)}>
            {t('drain.action')}
          </button>
        </IfMay>
      )}
      {(drainedAt !== undefined || host.status === 'dead') && (
        <IfMay does="host.remove">
          <button type="button" class="danger" onClick={() => openDialog(() => <Remove host={host} />)}>
            {t('host.remove')}
          </button>
        </IfMay>
      )}
    </>
  );
}

function Drain({ host: { id, name, containers } }: { readonly host: Host }) {
  const [minutes, setMinutes] = useState('10');
  const isValid = /^\d{1,5}$/.test(minutes) && Number(minutes) <= 7 * 24 * 60;
  return (
    <ActionDialog
      title={t('drain.actionTitle', { name })}
      action={t('drain.action')}
      canAct={isValid}
      onAct={() => drain(id, Number(minutes) * MINUTE_MS)}
    >
      <p>{t('drain.what', { containers })}</p>
      <Field
        label={t('drain.deadline')}
        hint={t('drain.deadlineHint')}
        fault={isValid ? undefined : t('form.wholeNumber', { most: 10_080 })}
      >
        {(ties) => (
          <input
            {...ties}
            inputMode="numeric"
            value={minutes}
            onInput={({ currentTarget }) => setMinutes(currentTarget.value)}
          />
        )}
      </Field>
    </ActionDialog>
  );
}

const CancelDrain = ({ host: { id, name } }: { readonly host: Host }) => (
  <ActionDialog title={t('drain.cancelTitle', { name })} action={t('drain.cancel')} onAct={() => cancelDrain(id)}>
    <p>{t('drain.cancelWhat')}</p>
  </ActionDialog>
);

/** Typing the name is the only way: what runs there is lost. */
function Remove({ host: { id, name, drainedAt } }: { readonly host: Host }) {
  const [typed, setTyped] = useState('');
  const onAct = async (): Promise<void> => {
    await removeHost(id, drainedAt === undefined);
    goTo(linkTo(['hosts']));
  };
  return (
    <ActionDialog
      title={t('host.removeTitle', { name })}
      action={t('host.remove')}
      isDanger
      canAct={typed === name}
      onAct={onAct}
    >
      <p>{t(drainedAt === undefined ? 'host.removeForced' : 'host.removeWhat')}</p>
      <Field label={t('form.typeName', { name })}>
        {(ties) => (
          <input
            {...ties}
            autocomplete="off"
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        )}
      </Field>
    </ActionDialog>
  );
}
