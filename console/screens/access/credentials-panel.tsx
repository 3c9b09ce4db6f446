import { useState } from 'preact/hooks';
import type { Role } from '../../../protocol/schemas/model.ts';
import type { Credential } from '../../../protocol/schemas/requests.ts';
import { createCredential, revokeCredential } from '../../api/actions.ts';
import { isName } from '../../format/name.ts';
import { refresh, useList } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { ChoiceField, TextField } from '../../ui/text-field.tsx';
import { showSecret } from './show-secret.tsx';

const path = '/v1/credentials';
const roles: readonly Role[] = ['guest', 'admin'];

/** Whom API tokens were made for, and what each may do. */
export function CredentialsPanel() {
  const credentials = useList<Credential>(path, ['members'], ({ id }) => id);
  return (
    <ReadingView of={credentials}>
      {(all) => (
        <Panel
          title={t('credential.many')}
          isFlush
          actions={
            <IfMay does="credential.create">
              <button type="button" onClick={() => openDialog(() => <NewCredential />)}>
                {t('credential.create')}
              </button>
            </IfMay>
          }
        >
          <Table caption={t('credential.many')} columns={columns(all)} items={all} keyOf={({ id }) => id} />
        </Panel>
      )}
    </ReadingView>
  );
}

const columns = (all: readonly Credential[]): readonly Column<Credential>[] => {
  const admins = all.filter(({ role }) => role === 'admin').length;
  return [
    { label: t('credential.one'), cell: ({ id }) => id },
    {
      label: t('role.one'),
      cell: ({ role }) => <Status tone={role === 'admin' ? 'ok' : 'idle'}>{t(`role.${role}`)}</Status>,
    },
    { label: t('column.description'), cell: ({ description }) => <span class="wrap">{description ?? ''}</span> },
    { label: t('column.made'), cell: ({ createdAt }) => <Age at={createdAt} /> },
    {
      label: t('column.actions'),
      isActions: true,
      cell: ({ id, role }) => {
        const isLast = role === 'admin' && admins === 1;
        return (
          <IfMay does="credential.revoke">
            <button
              type="button"
              class="danger"
              disabled={isLast}
              title={isLast ? t('credential.last') : undefined}
              onClick={() => openDialog(() => <Revoke id={id} />)}
            >
              {t('token.revoke')}
            </button>
          </IfMay>
        );
      },
    },
  ];
};

const Revoke = ({ id }: { readonly id: string }) => (
  <ConfirmDialog
    title={t('credential.revokeTitle', { name: id })}
    action={t('token.revoke')}
    what={t('credential.revokeWhat')}
    onAct={async () => {
      await revokeCredential(id);
      refresh(path);
    }}
  />
);

/** Asks for whom and what for, then shows the token, this once. */
function NewCredential() {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('guest');
  const [description, setDescription] = useState('');
  const onAct = async (): Promise<void> => {
    const { token } = await createCredential(name, role, description.trim());
    refresh(path);
    showSecret(t('credential.made'), t('credential.madeWhat', { name }), token);
  };
  return (
    <ActionDialog title={t('credential.create')} action={t('credential.create')} canAct={isName(name)} onAct={onAct}>
      <TextField
        label={t('form.name')}
        fault={name === '' || isName(name) ? undefined : t('deploy.nameFault')}
        value={name}
        onText={setName}
      />
      <ChoiceField
        label={t('role.one')}
        value={role}
        choices={roles.map((value) => ({ value, word: `${t(`role.${value}`)}: ${t(`role.${value}What`)}` }))}
        onChoice={(value) => setRole(value as Role)}
      />
      <TextField label={t('column.description')} value={description} onText={setDescription} />
    </ActionDialog>
  );
}
