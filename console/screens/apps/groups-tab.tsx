import { useState } from 'preact/hooks';
import type { App, Group } from '../../../protocol/schemas/model.ts';
import { deleteGroup, putGroup } from '../../api/actions.ts';
import { isName } from '../../format/name.ts';
import { formatBytes, parseBytes, writeBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { useApps, useGroups } from '../../store/lists.ts';
import { refresh } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { Empty, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { TextField } from '../../ui/text-field.tsx';

const path = '/v1/groups';

/** Groups of apps, and what holds for all apps of each. */
export function GroupsTab() {
  const reading = useGroups();
  const { value: apps = [] } = useApps();
  return (
    <ReadingView of={reading}>
      {(groups) => (
        <Panel
          title={t('group.many')}
          isFlush
          actions={
            <button type="button" onClick={() => openDialog(() => <EditGroup />)}>
              {t('group.create')}
            </button>
          }
        >
          {groups.length === 0 ? (
            <Empty title={t('group.none')}>{t('group.noneWhat')}</Empty>
          ) : (
            <Table caption={t('group.many')} columns={columns(apps)} items={groups} keyOf={({ name }) => name} />
          )}
        </Panel>
      )}
    </ReadingView>
  );
}

const columns = (apps: readonly App[]): readonly Column<Group>[] => [
  { label: t('deploy.group'), cell: ({ name }) => <a href={linkTo(['apps'], { q: `${name}/` })}>{name}</a> },
  { label: t('nav.apps'), isNumber: true, cell: ({ name }) => apps.filter(({ group }) => group === name).length },
  {
    label: t('group.memory'),
    isNumber: true,
    cell: ({ defaultMemoryBytes }) => (defaultMemoryBytes === undefined ? '–' : formatBytes(defaultMemoryBytes)),
  },
  { label: t('column.description'), cell: ({ description }) => <span class="wrap">{description ?? ''}</span> },
  { label: t('column.made'), cell: ({ createdAt }) => <Age at={createdAt} /> },
  {
    label: t('column.actions'),
    isActions: true,
    cell: (group) => (
      <>
        <button type="button" onClick={() => openDialog(() => <EditGroup group={group} />)}>
          {t('action.edit')}
        </button>
        <button
          type="button"
          class="danger"
          onClick={() =>
            openDialog(() => (
              <ConfirmDialog
                title={t('group.deleteTitle', { name: group.name })}
                action={t('action.delete')}
                what={t('group.deleteWhat')}
                onAct={async () => {
                  await deleteGroup(group.name);
                  refresh(path);
                }}
              />
            ))
          }
        >
          {t('action.delete')}
        </button>
      </>
    ),
  },
];

function EditGroup({ group }: { readonly group?: Group }) {
  const [name, setName] = useState(group?.name ?? '');
  const [description, setDescription] = useState(group?.description ?? '');
  const [memory, setMemory] = useState(
    group?.defaultMemoryBytes === undefined ? '' : writeBytes(group.defaultMemoryBytes),
  );
  const bytes = parseBytes(memory);
  const isRead = memory.trim() === '' ? group?.defaultMemoryBytes === undefined : bytes !== undefined;
  return (
    <ActionDialog
      title={group === undefined ? t('group.create') : t('group.editTitle', { name })}
      action={t('action.save')}
      canAct={isName(name) && isRead}
      onAct={async () => {
        await putGroup(name, {
          description: description.trim(),
          ...(bytes === undefined ? {} : { defaultMemoryBytes: bytes }),
        });
        refresh(path);
      }}
    >
      <TextField
        label={t('form.name')}
        fault={name === '' || isName(name) ? undefined : t('deploy.nameFault')}
        value={name}
        isReadOnly={group !== undefined}
        onText={setName}
      />
      <TextField label={t('column.description')} value={description} onText={setDescription} />
      <TextField
        label={t('group.memory')}
        hint={t('group.memoryHint')}
        fault={isRead ? undefined : t('form.unreadable')}
        placeholder="256m"
        value={memory}
        onText={setMemory}
      />
    </ActionDialog>
  );
}
