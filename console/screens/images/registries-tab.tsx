import { useState } from 'preact/hooks';
import type { Upstream } from '../../../protocol/schemas/image.ts';
import { deleteUpstream, putUpstream } from '../../api/actions.ts';
import { refresh, useList } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { EditAndDelete } from '../../ui/edit-and-delete.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Empty, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { TextField } from '../../ui/text-field.tsx';

const path = '/v1/upstreams';
const HOST = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]{1,5})?$/;
const URL = /^https?:\/\/[^/?#@]+$/;

/** Other registries that need an address or a login. Passwords go in and never come out. */
export function RegistriesTab() {
  const reading = useList<Upstream>(path, ['images'], ({ host }) => host);
  return (
    <ReadingView of={reading}>
      {(upstreams) => (
        <Panel
          title={t('upstream.many')}
          isFlush
          actions={
            <IfMay does="upstream.put">
              <button type="button" onClick={() => openDialog(() => <EditUpstream />)}>
                {t('upstream.add')}
              </button>
            </IfMay>
          }
        >
          {upstreams.length === 0 ? (
            <Empty title={t('upstream.none')}>{t('upstream.noneWhat')}</Empty>
          ) : (
            <Table caption={t('upstream.many')} columns={columns()} items={upstreams} keyOf={({ host }) => host} />
          )}
        </Panel>
      )}
    </ReadingView>
  );
}

const columns = (): readonly Column<Upstream>[] => [
  { label: t('upstream.one'), cell: ({ host }) => <strong>{host}</strong> },
  { label: t('upstream.url'), cell: ({ host, url }) => <span class="wrap">{url ?? `https://${host}`}</span> },
  {
    label: t('upstream.login'),
    cell: ({ hasLogin, username }) => (hasLogin ? (username ?? t('upstream.hasLogin')) : t('upstream.anonymous')),
  },
  { label: t('column.changed'), cell: ({ updatedAt }) => <Age at={updatedAt} /> },
  { label: t('column.by'), cell: ({ updatedBy }) => updatedBy },
  {
    label: t('column.actions'),
    isActions: true,
    cell: (upstream) => (
      <EditAndDelete
        edits="upstream.put"
        deletes="upstream.delete"
        edit={() => <EditUpstream upstream={upstream} />}
        title={t('upstream.deleteTitle', { host: upstream.host })}
        what={t('upstream.deleteWhat')}
        onDelete={async () => {
          await deleteUpstream(upstream.host);
          refresh(path);
        }}
      />
    ),
  },
];

function EditUpstream({ upstream }: { readonly upstream?: Upstream }) {
  const [host, setHost] = useState(upstream?.host ?? '');
  const [url, setUrl] = useState(upstream?.url ?? '');
  const [username, setUsername] = useState(upstream?.username ?? '');
  const [password, setPassword] = useState('');
  const isHost = HOST.test(host);
  const isUrl = url.trim() === '' || URL.test(url.trim());
  return (
    <ActionDialog
      title={upstream === undefined ? t('upstream.add') : host}
      action={t('action.save')}
      canAct={isHost && isUrl}
      onAct={async () => {
        await putUpstream(host, {
          url: url.trim() || null,
          username: username.trim() || null,
          // A password that is not typed stays, unless its user goes.
          ...(password === '' ? (username.trim() === '' ? { password: null } : {}) : { password }),
        });
        refresh(path);
      }}
    >
      <TextField
        label={t('upstream.one')}
        hint={t('upstream.hostHint')}
        fault={host === '' || isHost ? undefined : t('form.unreadable')}
        placeholder="registry.example.com"
        value={host}
        isReadOnly={upstream !== undefined}
        onText={setHost}
      />
      <TextField
        label={t('upstream.url')}
        hint={t('upstream.urlHint')}
        fault={isUrl ? undefined : t('form.unreadable')}
        placeholder="http://10.0.0.5:5000"
        value={url}
        onText={setUrl}
      />
      <TextField label={t('upstream.username')} value={username} onText={setUsername} />
      <TextField
        label={t('upstream.password')}
        hint={t(upstream?.hasLogin ? 'upstream.passwordKept' : 'upstream.passwordHint')}
        isSecret
        value={password}
        onText={setPassword}
      />
    </ActionDialog>
  );
}
