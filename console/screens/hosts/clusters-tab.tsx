import { useState } from 'preact/hooks';
import type { Cluster } from '../../../protocol/schemas/model.ts';
import { deleteCluster, putCluster } from '../../api/actions.ts';
import { isName } from '../../format/name.ts';
import { eachLine, readConstraint, writeConstraint } from '../../format/rules.ts';
import { linkTo } from '../../store/link.ts';
import { useClusters } from '../../store/lists.ts';
import { refresh } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { EditAndDelete } from '../../ui/edit-and-delete.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Empty, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { TextField } from '../../ui/text-field.tsx';

const path = '/v1/clusters';

/** Named sets of hosts, by rules over their labels. */
export function ClustersTab() {
  const reading = useClusters();
  return (
    <ReadingView of={reading}>
      {(clusters) => (
        <Panel
          title={t('cluster.many')}
          isFlush
          actions={
            <IfMay does="cluster.put">
              <button type="button" onClick={() => openDialog(() => <EditCluster />)}>
                {t('cluster.create')}
              </button>
            </IfMay>
          }
        >
          {clusters.length === 0 ? (
            <Empty title={t('cluster.none')}>{t('cluster.noneWhat')}</Empty>
          ) : (
            <Table caption={t('cluster.many')} columns={columns()} items={clusters} keyOf={({ name }) => name} />
          )}
        </Panel>
      )}
    </ReadingView>
  );
}

const columns = (): readonly Column<Cluster>[] => [
  {
    label: t('cluster.one'),
    cell: ({ name }) => <a href={linkTo(['hosts'], { tab: 'capacity', cluster: name })}>{name}</a>,
  },
  {
    label: t('cluster.rules'),
    cell: ({ selector }) =>
      selector.length === 0 ? (
        t('operation.allHosts')
      ) : (
        <ul class="labels">
          {selector.map(writeConstraint).map((rule) => (
            <li key={rule}>{rule}</li>
          ))}
        </ul>
      ),
  },
  { label: t('column.description'), cell: ({ description }) => <span class="wrap">{description ?? ''}</span> },
  { label: t('column.made'), cell: ({ createdAt }) => <Age at={createdAt} /> },
  {
    label: t('column.actions'),
    isActions: true,
    cell: (cluster) => (
      <EditAndDelete
        edits="cluster.put"
        deletes="cluster.delete"
        edit={() => <EditCluster cluster={cluster} />}
        title={t('cluster.deleteTitle', { name: cluster.name })}
        what={t('cluster.deleteWhat')}
        onDelete={async () => {
          await deleteCluster(cluster.name);
          refresh(path);
        }}
      />
    ),
  },
];

function EditCluster({ cluster }: { readonly cluster?: Cluster }) {
  const [name, setName] = useState(cluster?.name ?? '');
  const [rules, setRules] = useState((cluster?.selector ?? []).map(writeConstraint).join('\n'));
  const [description, setDescription] = useState(cluster?.description ?? '');
  const selector = eachLine(readConstraint)(rules);
  return (
    <ActionDialog
      title={cluster === undefined ? t('cluster.create') : t('cluster.editTitle', { name })}
      action={t('action.save')}
      canAct={isName(name) && selector !== undefined}
      onAct={async () => {
        await putCluster(name, { selector: selector ?? [], description: description.trim() });
        refresh(path);
      }}
    >
      <TextField
        label={t('form.name')}
        fault={name === '' || isName(name) ? undefined : t('deploy.nameFault')}
        value={name}
        isReadOnly={cluster !== undefined}
        onText={setName}
      />
      <TextField
        label={t('cluster.rules')}
        hint={t('cluster.rulesHint')}
        fault={selector === undefined ? t('form.unreadable') : undefined}
        rows={3}
        placeholder="zone==a"
        value={rules}
        onText={setRules}
      />
      <TextField label={t('column.description')} value={description} onText={setDescription} />
    </ActionDialog>
  );
}
