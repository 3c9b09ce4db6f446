import { useState } from 'preact/hooks';
import type { Namespace } from '../../../protocol/schemas/image.ts';
import { putNamespace } from '../../api/actions.ts';
import { formatBytes, parseBytes, writeBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { refresh, useList } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Empty, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { TextField } from '../../ui/text-field.tsx';

const path = '/v1/namespaces';
const NAMESPACE = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;

/** Namespaces of the mesh's own repositories, and how much each may take. */
export function NamespacesTab() {
  const reading = useList<Namespace>(path, ['images'], ({ name }) => name);
  return (
    <ReadingView of={reading}>
      {(namespaces) => (
        <Panel
          title={t('namespace.many')}
          isFlush
          actions={
            <IfMay does="namespace.put">
              <button type="button" onClick={() => openDialog(() => <Quota />)}>
                {t('namespace.setQuota')}
              </button>
            </IfMay>
          }
        >
          {namespaces.length === 0 ? (
            <Empty title={t('namespace.none')}>{t('namespace.noneWhat')}</Empty>
          ) : (
            <Table caption={t('namespace.many')} columns={columns()} items={namespaces} keyOf={({ name }) => name} />
          )}
        </Panel>
      )}
    </ReadingView>
  );
}

const columns = (): readonly Column<Namespace>[] => [
  { label: t('namespace.one'), cell: ({ name }) => <a href={linkTo(['images'], { q: `${name}/` })}>{name}</a> },
  { label: t('images.repositories'), isNumber: true, cell: ({ repositories }) => repositories },
  {
    label: t('namespace.used'),
    cell: ({ usedBytes, quotaBytes }) =>
      quotaBytes === undefined ? (
        <span>
          {formatBytes(usedBytes)} <span class="muted">{t('namespace.noQuota')}</span>
        </span>
      ) : (
        <Meter
          label={t('namespace.used')}
          used={usedBytes}
          total={quotaBytes}
          words={t('capacity.of', { used: formatBytes(usedBytes), total: formatBytes(quotaBytes) })}
        />
      ),
  },
  {
    label: t('column.actions'),
    isActions: true,
    cell: (namespace) => (
      <IfMay does="namespace.put">
        <button type="button" onClick={() => openDialog(() => <Quota namespace={namespace} />)}>
          {t('namespace.setQuota')}
        </button>
      </IfMay>
    ),
  },
];

function Quota({ namespace }: { readonly namespace?: Namespace }) {
  const [name, setName] = useState(namespace?.name ?? '');
  const [quota, setQuota] = useState(namespace?.quotaBytes === undefined ? '' : writeBytes(namespace.quotaBytes));
  const bytes = quota.trim() === '' ? null : parseBytes(quota);
  return (
    <ActionDialog
      title={t('namespace.setQuota')}
      action={t('action.save')}
      canAct={NAMESPACE.test(name) && bytes !== undefined}
      onAct={async () => {
        await putNamespace(name, bytes ?? null);
        refresh(path);
      }}
    >
      <TextField label={t('namespace.one')} value={name} isReadOnly={namespace !== undefined} onText={setName} />
      <TextField
        label={t('namespace.quota')}
        hint={t('namespace.quotaHint')}
        fault={bytes === undefined ? t('form.unreadable') : undefined}
        placeholder="20g"
        value={quota}
        onText={setQuota}
      />
    </ActionDialog>
  );
}
