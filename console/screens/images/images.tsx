import type { Repository } from '../../../protocol/schemas/image.ts';
import { formatBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { useList } from '../../store/resource.ts';
import { route, setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { later } from '../../ui/later.tsx';
import { Empty, PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { TransfersPanel } from './transfers-panel.tsx';

const tabs = ['repositories', 'namespaces', 'registries', 'upkeep'] as const;
const NamespacesTab = later(() => import('./namespaces-tab.tsx').then((part) => part.NamespacesTab));
const RegistriesTab = later(() => import('./registries-tab.tsx').then((part) => part.RegistriesTab));
const UpkeepTab = later(() => import('./upkeep-tab.tsx').then((part) => part.UpkeepTab));

/** What is stored in the mesh's registry, where else images come from, and what is on its way between hosts. */
export function ImagesScreen() {
  const { query } = route.value;
  const tab = tabs.find((one) => one === query.get('tab')) ?? 'repositories';
  const search = query.get('q') ?? '';
  return (
    <>
      <PageHead
        title={t('nav.images')}
        actions={
          tab === 'repositories' && (
            <SearchField label={t('images.search')} value={search} onText={(text) => setQuery({ q: text })} />
          )
        }
      />
      <Tabs
        label={t('nav.images')}
        current={tab}
        tabs={tabs.map((id) => ({
          id,
          label: t(`images.tab.${id}`),
          href: linkTo(['images'], { tab: id === 'repositories' ? undefined : id }),
        }))}
      />
      {tab === 'repositories' && (
        <div class="stack">
          <TransfersPanel />
          <RepositoryList search={search.toLowerCase()} />
        </div>
      )}
      {tab === 'namespaces' && <NamespacesTab />}
      {tab === 'registries' && <RegistriesTab />}
      {tab === 'upkeep' && <UpkeepTab />}
    </>
  );
}

function RepositoryList({ search }: { readonly search: string }) {
  const reading = useList<Repository>('/v1/repositories', ['images'], ({ name }) => name);
  return (
    <ReadingView of={reading}>
      {(repositories) => {
        const found = repositories.filter(({ name }) => name.toLowerCase().includes(search));
        return (
          <Panel title={t('images.repositories')} isFlush>
            {found.length > 0 && (
              <Table caption={t('images.repositories')} columns={columns()} items={found} keyOf={({ name }) => name} />
            )}
            {found.length === 0 && (
              <Empty title={t(repositories.length === 0 ? 'images.none' : 'filter.nothing')}>
                {repositories.length === 0 && (
                  <>
                    {t('images.noneWhat')} <code>docker push 127.0.0.1:5000/team/app:1</code>
                  </>
                )}
              </Empty>
            )}
          </Panel>
        );
      }}
    </ReadingView>
  );
}

const columns = (): readonly Column<Repository>[] => [
  { label: t('images.repository'), cell: ({ name }) => <a href={linkTo(['images', name])}>{name}</a> },
  { label: t('images.origin'), cell: ({ origin }) => (origin === 'mesh' ? t('images.ofMesh') : origin) },
  { label: t('images.tags'), isNumber: true, cell: ({ tags }) => tags },
  { label: t('column.size'), isNumber: true, cell: ({ sizeBytes }) => formatBytes(sizeBytes) },
  { label: t('images.pushed'), cell: ({ pushedAt }) => <Age at={pushedAt} /> },
];
