import { useState } from 'preact/hooks';
import type { LogForward } from '../../../protocol/schemas/log-forward.ts';
import { putLogForward } from '../../api/actions.ts';
import { useApps, useGroups } from '../../store/lists.ts';
import { refresh } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { ActionDialog } from '../../ui/dialog.tsx';
import { ChoiceField, TextField } from '../../ui/text-field.tsx';
import { changeOf, draftOf, type ForwardDraft, faultsOf, hasHeaders, isEncrypted } from './forward-draft.ts';

export const forwardsPath = '/v1/log-forwards';

/** Says where logs go. The value of the header goes in and never comes out. */
export function ForwardDialog({ forward }: { readonly forward?: LogForward }) {
  const [draft, setDraft] = useState(() => draftOf(forward));
  const set =
    <Field extends keyof ForwardDraft>(field: Field) =>
    (value: ForwardDraft[Field]): void =>
      setDraft((before) => ({ ...before, [field]: value }));
  const faults = faultsOf(draft, forward);
  /** Whoever has typed nothing yet has done nothing wrong. */
  const fault = (field: 'name' | 'url' | 'headerName' | 'caPem', words: string): string | undefined =>
    draft[field] !== '' && faults.has(field) ? words : undefined;
  return (
    <ActionDialog
      title={forward?.name ?? t('forward.add')}
      action={t('action.save')}
      canAct={faults.size === 0}
      onAct={async () => {
        await putLogForward(draft.name, changeOf(draft, forward));
        refresh(forwardsPath);
      }}
    >
      <TextField
        label={t('form.name')}
        fault={fault('name', t('deploy.nameFault'))}
        value={draft.name}
        isReadOnly={forward !== undefined}
        onText={set('name')}
      />
      <TextField
        label={t('forward.to')}
        hint={t('forward.urlHint')}
        fault={fault('url', t('form.unreadable'))}
        placeholder="syslog+tls://logs.example.com:6514"
        value={draft.url}
        onText={set('url')}
      />
      <ScopeField scope={draft.scope} onScope={set('scope')} />
      {hasHeaders(draft.url) && (
        <>
          <TextField
            label={t('forward.headerName')}
            hint={t('forward.headerHint')}
            fault={faults.has('headerName') ? t('forward.headerFault') : undefined}
            value={draft.headerName}
            onText={set('headerName')}
          />
          {(draft.headerName !== '' || draft.headerValue !== '') && (
            <TextField
              label={t('forward.headerValue')}
              hint={t(forward?.hasSecret ? 'forward.secretKept' : 'forward.secretHint')}
              isSecret
              value={draft.headerValue}
              onText={set('headerValue')}
            />
          )}
        </>
      )}
      {isEncrypted(draft.url) && (
        <>
          <ChoiceField
            label={t('forward.certificate')}
            value={draft.isVerified ? 'yes' : 'no'}
            choices={[
              { value: 'yes', word: t('forward.verified') },
              { value: 'no', word: t('forward.unverified') },
            ]}
            onChoice={(value) => set('isVerified')(value === 'yes')}
          />
          <TextField
            label={t('forward.ca')}
            hint={t('forward.caHint')}
            fault={fault('caPem', t('forward.pemFault'))}
            rows={3}
            value={draft.caPem}
            onText={set('caPem')}
          />
        </>
      )}
    </ActionDialog>
  );
}

/** All, a group, or an app; one that is gone stays chosen until somebody chooses another. */
function ScopeField({ scope, onScope }: { readonly scope: string; readonly onScope: (scope: string) => void }) {
  const { value: groups = [] } = useGroups();
  const { value: apps = [] } = useApps();
  const known = [...groups.map(({ name }) => name), ...apps.map(({ group, name }) => `${group}/${name}`)].sort();
  const all = scope === '' || known.includes(scope) ? known : [scope, ...known];
  return (
    <ChoiceField
      label={t('forward.logs')}
      value={scope}
      choices={[
        { value: '', word: t('forward.all') },
        ...all.map((value) => ({ value, word: value.includes('/') ? value : t('forward.allOf', { group: value }) })),
      ]}
      onChoice={onScope}
    />
  );
}
