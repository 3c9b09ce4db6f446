import { useState } from 'preact/hooks';
import type { Member } from '../../../protocol/schemas/host.ts';
import type { Token } from '../../../protocol/schemas/requests.ts';
import { createToken, evictMember, revokeToken } from '../../api/actions.ts';
import { isCount } from '../../format/name.ts';
import type { Tone } from '../../format/tone.ts';
import { nowMs } from '../../store/clock.ts';
import { linkTo } from '../../store/link.ts';
import { refresh, useList } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Empty, PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { CredentialsPanel } from './credentials-panel.tsx';
import { showSecret } from './show-secret.tsx';

const HOUR_MS = 3_600_000;
const HOURS_MAX = 8_760;
const USES_MAX = 1_000;
const path = '/v1/tokens';

/** Which hosts are in the mesh, what lets others in, and who may do what through the API. */
export function AccessScreen() {
  const members = useList<Member>('/v1/members', ['members', 'hosts'], ({ hostId }) => hostId);
  const tokens = useList<Token>(path, ['members', 'events'], ({ id }) => id);
  return (
    <>
      <PageHead
        title={t('nav.access')}
        actions={
          <IfMay does="token.create">
            <button type="button" class="primary" onClick={() => openDialog(() => <NewToken />)}>
              {t('token.create')}
            </button>
          </IfMay>
        }
      />
      <div class="stack">
        <ReadingView of={members}>
          {(all) => (
            <Panel title={t('member.many')} isFlush>
              <Table caption={t('member.many')} columns={memberColumns()} items={all} keyOf={({ hostId }) => hostId} />
            </Panel>
          )}
        </ReadingView>
        <CredentialsPanel />
        <ReadingView of={tokens}>
          {(all) => (
            <Panel title={t('token.many')} isFlush>
              {all.length === 0 ? (
                <Empty title={t('token.none')}>{t('token.noneWhat')}</Empty>
              ) : (
                <Table caption={t('token.many')} columns={tokenColumns()} items={all} keyOf={({ id }) => id} />
              )}
            </Panel>
          )}
        </ReadingView>
      </div>
    </>
  );
}

const memberTones: Readonly<Record<Member['status'], Tone>> = {
  alive: 'ok',
  suspect: 'warn',
  dead: 'bad',
  left: 'idle',
  evicted: 'idle',
};

const memberColumns = (): readonly Column<Member>[] => [
  { label: t('host.one'), cell: ({ hostId, name }) => <a href={linkTo(['hosts', hostId])}>{name}</a> },
  {
    label: t('column.state'),
    cell: ({ status }) => <Status tone={memberTones[status]}>{t(`member.${status}`)}</Status>,
  },
  { label: t('member.joined'), cell: ({ joinedAt }) => <Age at={joinedAt} /> },
  { label: t('member.with'), cell: ({ joinedWith }) => <code>{joinedWith}</code> },
  {
    label: t('column.actions'),
    isActions: true,
    cell: (member) =>
      member.status !== 'evicted' &&
      member.status !== 'left' && (
        <IfMay does="member.evict">
          <button type="button" class="danger" onClick={() => openDialog(() => <Evict member={member} />)}>
            {t('member.evict')}
          </button>
        </IfMay>
      ),
  },
];

const tokenColumns = (): readonly Column<Token>[] => [
  { label: t('token.one'), cell: ({ id, description }) => <span class="wrap">{description ?? id}</span> },
  {
    label: t('column.state'),
    cell: ({ revoked, expiresAt, usedBy, maxUses }) => {
      if (revoked) return <Status tone="idle">{t('token.revoked')}</Status>;
      if (Date.parse(expiresAt) < nowMs.value) return <Status tone="idle">{t('token.expired')}</Status>;
      if (usedBy.length >= maxUses) return <Status tone="idle">{t('token.usedUp')}</Status>;
      return <Status tone="ok">{t('token.usable')}</Status>;
    },
  },
  { label: t('token.uses'), isNumber: true, cell: ({ usedBy, maxUses }) => `${usedBy.length}/${maxUses}` },
  { label: t('column.made'), cell: ({ createdAt }) => <Age at={createdAt} /> },
  {
    label: t('column.actions'),
    isActions: true,
    cell: ({ id, revoked }) =>
      !revoked && (
        <IfMay does="token.revoke">
          <button type="button" class="danger" onClick={() => openDialog(() => <Revoke id={id} />)}>
            {t('token.revoke')}
          </button>
        </IfMay>
      ),
  },
];

/** There is no way back: the name is to be typed. */
function Evict({ member: { hostId, name } }: { readonly member: Member }) {
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  return (
    <ActionDialog
      title={t('member.evictTitle', { name })}
      action={t('member.evict')}
      isDanger
      canAct={typed === name}
      onAct={() => evictMember(hostId, reason.trim())}
    >
      <p>{t('member.evictWhat')}</p>
      <TextField label={t('member.evictReason')} value={reason} onText={setReason} />
      <TextField label={t('form.typeName', { name })} value={typed} onText={setTyped} />
    </ActionDialog>
  );
}

async function revoke(id: string): Promise<void> {
  await revokeToken(id);
  refresh(path);
}

const Revoke = ({ id }: { readonly id: string }) => (
  <ActionDialog title={t('token.revokeTitle')} action={t('token.revoke')} isDanger onAct={() => revoke(id)}>
    <p>{t('token.revokeWhat')}</p>
  </ActionDialog>
);

/** Asks how long and how often, then shows the token, this once. */
function NewToken() {
  const [hours, setHours] = useState('1');
  const [uses, setUses] = useState('1');
  const [description, setDescription] = useState('');
  const isValid = isCount(hours, HOURS_MAX) && isCount(uses, USES_MAX);
  const onAct = async (): Promise<void> => {
    const { token } = await createToken(Number(hours) * HOUR_MS, Number(uses), description.trim());
    refresh(path);
    showSecret(t('token.made'), t('token.madeWhat'), token);
  };
  return (
    <ActionDialog title={t('token.create')} action={t('token.create')} canAct={isValid} onAct={onAct}>
      <TextField
        label={t('token.hours')}
        fault={isCount(hours, HOURS_MAX) ? undefined : t('form.wholeNumber', { most: HOURS_MAX })}
        value={hours}
        onText={setHours}
      />
      <TextField
        label={t('token.maxUses')}
        fault={isCount(uses, USES_MAX) ? undefined : t('form.wholeNumber', { most: USES_MAX })}
        value={uses}
        onText={setUses}
      />
      <TextField label={t('column.description')} value={description} onText={setDescription} />
    </ActionDialog>
  );
}
