import { useState } from 'preact/hooks';
import type { App, Group } from '../../../protocol/schemas/model.ts';
import type { OnOff } from '../../../protocol/schemas/recording.ts';
import { deleteGroup, putGroup } from '../../api/actions.ts';
import { isName } from '../../format/name.ts';
import { formatBytes, parseBytes, writeBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { useApps, useGroups, useShellSettings } from '../../store/lists.ts';
import { refresh } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { EditAndDelete } from '../../ui/edit-and-delete.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Empty, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { ChoiceField, TextField } from '../../ui/text-field.tsx';

const path = '/v1/groups';

/** Groups of apps, and what holds for all apps of each. */
export function GroupsTab() {
  const reading = useGroups();
  const { value: apps = [] } = useApps();
  const { value: settings } = useShellSettings();
  return (
    <ReadingView of={reading}>
      {(groups) => (
        <Panel
          title={t('group.many')}
          isFlush
          actions={
            <IfMay does="group.put">
              <button type="button" onClick={() => openDialog(() => <EditGroup />)}>
                {t('group.create')}
              </button>
            </IfMay>
          }
        >
          {groups.length === 0 ? (
            <Empty title={t('group.none')}>{t('group.noneWhat')}</Empty>
          ) : (
            <Table
              caption={t('group.many')}
              columns={columns(apps, settings?.recordShells)}
              items={groups}
              keyOf={({ name }) => name}
            />
          )}
        </Panel>
      )}
    </ReadingView>
  );
}

/** What holds where a group says nothing; unknown until it was read. */
const asMesh = (policy: OnOff | undefined): string =>
  t('recording.asMesh', { policy: policy === undefined ? '–' : t(`recording.${policy}`) });

const columns = (apps: readonly App[], meshPolicy: OnOff | undefined): readonly Column<Group>[] => [
  { label: t('deploy.group'), cell: ({ name }) => <a href={linkTo(['apps'], { q: `${name}/` })}>{name}</a> },
  { label: t('nav.apps'), isNumber: true, cell: ({ name }) => apps.filter(({ group }) => group === name).length },
  {
    label: t('group.memory'),
    isNumber: true,
    cell: ({ defaultMemoryBytes }) => (defaultMemoryBytes === undefined ? '–' : formatBytes(defaultMemoryBytes)),
  },
  {
    label: t('recording.policy'),
    cell: ({ recordShells }) =>
      recordShells === undefined ? (
        <span class="muted">{asMesh(meshPolicy)}</span>
      ) : (
        <Status tone={recordShells === 'on' ? 'ok' : 'idle'}>{t(`recording.${recordShells}`)}</Status>
      ),
  },
  { label: t('column.description'), cell: ({ description }) => <span class="wrap">{description ?? ''}</span> },
  { label: t('column.made'), cell: ({ createdAt }) => <Age at={createdAt} /> },
  {
    label: t('column.actions'),
    isActions: true,
    cell: (group) => (
      <EditAndDelete
        edits="group.put"
        deletes="group.delete"
        edit={() => <EditGroup group={group} />}
        title={t('group.deleteTitle', { name: group.name })}
        what={t('group.deleteWhat')}
        onDelete={async () => {
          await deleteGroup(group.name);
          refresh(path);
        }}
      />
    ),
  },
];

function EditGroup({ group }: { readonly group?: Group }) {
  const [name, setName] = useState(group?.name ?? '');
  const [description, setDescription] = useState(group?.description ?? '');
  const [memory, setMemory] = useState(
    group?.defaultMemoryBytes === undefined ? '' : writeBytes(group.defaultMemoryBytes),
  );
  const [policy, setPolicy] = useState<'' | OnOff>(group?.recordShells ?? '');
  const { value: settings } = useShellSettings();
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
          recordShells: policy === '' ? null : policy,
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
      <ChoiceField
        label={t('recording.policy')}
        hint={t('recording.groupHint')}
        value={policy}
        choices={[
          { value: '', word: asMesh(settings?.recordShells) },
          { value: 'on', word: t('recording.on') },
          { value: 'off', word: t('recording.off') },
        ]}
        onChoice={(value) => setPolicy(value as '' | OnOff)}
      />
    </ActionDialog>
  );
}
