import { useState } from 'preact/hooks';
import type { OnOff, Recording } from '../../../protocol/schemas/recording.ts';
import { changeShellSettings } from '../../api/actions.ts';
import { linkTo } from '../../store/link.ts';
import { useGroups, useShellSettings } from '../../store/lists.ts';
import { refresh, useItem, useList } from '../../store/resource.ts';
import { route, setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Empty, Facts, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { ChoiceField } from '../../ui/text-field.tsx';
import { recordingColumns, recordingsPath } from '../terminal/recording-columns.tsx';
import { ReplayLater } from '../terminal/shell-later.tsx';

interface Missing {
  readonly missing: readonly { readonly hostId: string; readonly hostName: string; readonly code: string }[];
}

/** All recordings of shells, also of containers that are gone, and whether there will be more. The one played is in the address. */
export function RecordingsTab() {
  const playing = route.value.query.get('recording');
  if (playing !== null) {
    return (
      <ReplayLater
        key={playing}
        recordingId={playing}
        leave={t('replay.leave')}
        onLeave={() => setQuery({ recording: '' })}
      />
    );
  }
  return (
    <div class="stack">
      <PolicyPanel />
      <RecordingList />
    </div>
  );
}

function PolicyPanel() {
  const { value: groups = [] } = useGroups();
  return (
    <ReadingView of={useShellSettings()}>
      {({ recordShells }) => (
        <Panel
          title={t('recording.policy')}
          actions={
            <IfMay does="shells.set">
              <button
                type="button"
                class="quiet"
                onClick={() => openDialog(() => <MeshPolicy policy={recordShells} />)}
              >
                {t('action.edit')}
              </button>
            </IfMay>
          }
        >
          <Facts
            facts={[
              [t('recording.mesh'), <Policy key="mesh" policy={recordShells} />],
              ...groups.flatMap(({ name, recordShells: own }) =>
                own === undefined
                  ? []
                  : ([[t('group.editTitle', { name }), <Policy key={name} policy={own} />]] as const),
              ),
            ]}
          />
        </Panel>
      )}
    </ReadingView>
  );
}

const Policy = ({ policy }: { readonly policy: OnOff }) => (
  <Status tone={policy === 'on' ? 'ok' : 'idle'}>{t(`recording.${policy}`)}</Status>
);

function MeshPolicy({ policy }: { readonly policy: OnOff }) {
  const [wanted, setWanted] = useState(policy);
  return (
    <ActionDialog
      title={t('recording.policy')}
      action={t('action.save')}
      onAct={async () => {
        await changeShellSettings(wanted);
        refresh('/v1/shell-settings');
      }}
    >
      <p>{t('recording.policyWhat')}</p>
      <ChoiceField
        label={t('recording.mesh')}
        value={wanted}
        choices={(['on', 'off'] as const).map((value) => ({ value, word: t(`recording.${value}`) }))}
        onChoice={(value) => setWanted(value as OnOff)}
      />
    </ActionDialog>
  );
}

/** Newest first. Every host is asked, so it is read again when the timeline grows: shells tell there that they open and end. */
function RecordingList() {
  const search = route.value.query.get('q') ?? '';
  const reading = useList<Recording>(recordingsPath, ['events'], ({ id }) => id);
  const { value: { missing } = { missing: [] } } = useItem<Missing>(`${recordingsPath}?limit=1`, ['events']);
  return (
    <ReadingView of={reading}>
      {(recordings) => {
        const found = recordings.filter((one) => wordsOf(one).includes(search.toLowerCase())).toReversed();
        return (
          <Panel
            title={t('replay.recordings')}
            isFlush
            actions={
              <SearchField label={t('recording.search')} value={search} onText={(text) => setQuery({ q: text })} />
            }
          >
            {missing.map(({ hostId, hostName, code }) => (
              <p key={hostId} class="note" role="status">
                {t('recording.missing', { host: hostName, code })}
              </p>
            ))}
            {recordings.length === 0 && <Empty title={t('recording.none')}>{t('recording.noneWhat')}</Empty>}
            {recordings.length > 0 && found.length === 0 && <Empty title={t('filter.nothing')} />}
            {found.length > 0 && (
              <Table caption={t('replay.recordings')} columns={columns()} items={found} keyOf={({ id }) => id} />
            )}
          </Panel>
        );
      }}
    </ReadingView>
  );
}

/** What a search looks at. */
const wordsOf = ({ container, group, app, hostName, openedBy, command }: Recording): string =>
  [container, `${group}/${app}`, hostName, openedBy, ...command].join(' ').toLowerCase();

const columns = (): readonly Column<Recording>[] => [
  {
    label: t('container.one'),
    cell: ({ container, group, app }) => (
      <span>
        <span class="wrap">{container}</span>{' '}
        <a class="small" href={linkTo(['apps', group, app])}>{`${group}/${app}`}</a>
      </span>
    ),
  },
  { label: t('host.one'), cell: ({ hostId, hostName }) => <a href={linkTo(['hosts', hostId])}>{hostName}</a> },
  ...recordingColumns((recording) => setQuery({ recording })),
];
