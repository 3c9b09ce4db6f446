import { useMemo } from 'preact/hooks';
import { linkTo } from '../../store/link.ts';
import { useApps, useContainers, useHosts } from '../../store/lists.ts';
import { route, setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { Empty, PageHead } from '../../ui/panel.tsx';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { PlacementMap } from './placement-map.tsx';
import { AppTree } from './tree.tsx';
import { treeOf } from './tree-of.ts';

/** Two views of the same: what teams think in, and where it is. Live. */
export function TopologyScreen() {
  const { query } = route.value;
  const view = query.get('view') === 'hosts' ? 'hosts' : 'apps';
  const search = query.get('q') ?? '';
  const apps = useApps();
  const containers = useContainers();
  const hosts = useHosts();
  const tree = useMemo(
    () => treeOf(apps.value ?? [], containers.value ?? [], search),
    [apps.value, containers.value, search],
  );
  const problem = apps.problem ?? containers.problem ?? hosts.problem;
  const isRead = apps.value !== undefined && containers.value !== undefined && hosts.value !== undefined;
  return (
    <>
      <PageHead
        title={t('nav.topology')}
        actions={<SearchField label={t('topology.search')} value={search} onText={(text) => setQuery({ q: text })} />}
      />
      <Tabs
        label={t('nav.topology')}
        current={view}
        tabs={[
          { id: 'apps', label: t('topology.apps'), href: linkTo(['topology'], { q: search }) },
          { id: 'hosts', label: t('nav.hosts'), href: linkTo(['topology'], { view: 'hosts', q: search }) },
        ]}
      />
      <div class="stack">
        {problem !== undefined && <ProblemBox problem={problem} />}
        {!isRead && problem === undefined && <Empty title={t('state.loading')} />}
        {isRead && view === 'apps' && <AppTree apps={tree} isFiltered={search !== ''} />}
        {isRead && view === 'hosts' && (
          <PlacementMap hosts={hosts.value ?? []} containers={containers.value ?? []} search={search} />
        )}
      </div>
    </>
  );
}
