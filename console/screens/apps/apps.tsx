import { useMemo } from 'preact/hooks';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import { appState } from '../../format/state.ts';
import { linkTo } from '../../store/link.ts';
import { useApps, useContainers } from '../../store/lists.ts';
import { may } from '../../store/rights.ts';
import { route, setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { later } from '../../ui/later.tsx';
import { Empty, PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Tabs } from '../../ui/tabs.tsx';

const GroupsTab = later(async () => (await import('./groups-tab.tsx')).GroupsTab);
const ForwardsTab = later(async () => (await import('./forwards-tab.tsx')).ForwardsTab);
const RecordingsTab = later(async () => (await import('./recordings-tab.tsx')).RecordingsTab);

const tabs = {
  apps: 'nav.apps',
  groups: 'group.many',
  forwarding: 'forward.many',
  recordings: 'replay.recordings',
} as const;
type Tab = keyof typeof tabs;
const names = Object.keys(tabs) as readonly Tab[];

/** What people typed in shells is not for everybody. */
const isShown = (tab: Tab): boolean => tab !== 'recordings' || may('recording.read');

/** The apps, the groups that they are in, where their logs go, and what is kept of shells in their containers. */
export function AppsScreen() {
  const { query } = route.value;
  const tab = names.find((name) => name === query.get('tab') && isShown(name)) ?? 'apps';
  const search = query.get('q') ?? '';
  return (
    <>
      <PageHead
        title={t('nav.apps')}
        actions={
          <>
            {tab === 'apps' && (
              <SearchField label={t('app.search')} value={search} onText={(text) => setQuery({ q: text })} />
            )}
            <IfMay does="app.deploy">
              <a class="button primary" href="#/deploy">
                {t('deploy.title')}
              </a>
            </IfMay>
          </>
        }
      />
      <Tabs
        label={t('nav.apps')}
        current={tab}
        tabs={names.filter(isShown).map((id) => ({
          id,
          label: t(tabs[id]),
          href: linkTo(['apps'], id === 'apps' ? {} : { tab: id }),
        }))}
      />
      {tab === 'apps' && <AppList search={search.toLowerCase()} />}
      {tab === 'groups' && <GroupsTab />}
      {tab === 'forwarding' && <ForwardsTab />}
      {tab === 'recordings' && <RecordingsTab />}
    </>
  );
}

function AppList({ search }: { readonly search: string }) {
  const { value: containers = [] } = useContainers();
  const byApp = useMemo(() => Map.groupBy(containers, ({ group, app }) => `${group}/${app}`), [containers]);
  return (
    <ReadingView of={useApps()}>
      {(apps) => {
        const found = apps.filter((app) => nameOf(app).includes(search));
        return (
          <Panel title={t('app.count', { apps: found.length })} isFlush>
            {found.length > 0 && (
              <Table caption={t('nav.apps')} columns={columns(byApp)} items={found} keyOf={nameOf} />
            )}
            {found.length === 0 && apps.length > 0 && <Empty title={t('filter.nothing')} />}
            {apps.length === 0 && (
              <Empty title={t('app.none')}>
                {t('app.noneWhat')}
                <div class="row">
                  <IfMay does="app.deploy">
                    <a class="button primary" href="#/deploy">
                      {t('deploy.title')}
                    </a>
                  </IfMay>
                </div>
              </Empty>
            )}
          </Panel>
        );
      }}
    </ReadingView>
  );
}

const nameOf = ({ group, name }: App): string => `${group}/${name}`;

function columns(containers: ReadonlyMap<string, readonly Container[]>): readonly Column<App>[] {
  const stateOf = (app: App) => appState(app, containers.get(nameOf(app)) ?? []);
  return [
    { label: t('app.one'), cell: (app) => <a href={linkTo(['apps', app.group, app.name])}>{nameOf(app)}</a> },
    {
      label: t('column.state'),
      cell: (app) => {
        const { tone, word } = stateOf(app);
        return <Status tone={tone}>{t(word)}</Status>;
      },
    },
    {
      label: t('column.replicas'),
      isNumber: true,
      cell: (app) => {
        const { ready, wanted } = stateOf(app);
        return `${ready}/${wanted}`;
      },
    },
    {
      label: t('column.clusters'),
      cell: ({ deployments }) =>
        deployments.map(({ cluster, version }) => `${cluster} v${version}`).join(', ') || t('app.notDeployed'),
    },
    { label: t('column.latest'), cell: ({ latestVersion }) => (latestVersion === 0 ? '–' : `v${latestVersion}`) },
    { label: t('column.changed'), cell: ({ updatedAt }) => <Age at={updatedAt} /> },
  ];
}
