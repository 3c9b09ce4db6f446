import { AppScreen } from '../screens/apps/app.tsx';
import { AppsScreen } from '../screens/apps/apps.tsx';
import { HostsScreen } from '../screens/hosts/hosts.tsx';
import { OperationsScreen } from '../screens/operations/operations.tsx';
import { OverviewScreen } from '../screens/overview/overview.tsx';
import { TopologyScreen } from '../screens/topology/topology.tsx';
import { route } from '../store/router.ts';
import { t } from '../text/text.ts';
import { IfMay } from '../ui/if-may.tsx';
import { later } from '../ui/later.tsx';
import { Empty } from '../ui/panel.tsx';

// Screens that a visit rarely begins with; the deploy form brings the schemas and a YAML parser along.
const AccessScreen = later(async () => (await import('../screens/access/access.tsx')).AccessScreen);
const ContainerScreen = later(async () => (await import('../screens/containers/container.tsx')).ContainerScreen);
const DeployScreen = later(async () => (await import('../screens/deploy/deploy.tsx')).DeployScreen);
const EventsScreen = later(async () => (await import('../screens/events/events.tsx')).EventsScreen);
const HostScreen = later(async () => (await import('../screens/hosts/host.tsx')).HostScreen);
const ImageScreen = later(async () => (await import('../screens/images/image.tsx')).ImageScreen);
const ImagesScreen = later(async () => (await import('../screens/images/images.tsx')).ImagesScreen);
const OperationScreen = later(async () => (await import('../screens/operations/operation.tsx')).OperationScreen);
const RepositoryScreen = later(async () => (await import('../screens/images/repository.tsx')).RepositoryScreen);

/** What the address names. `#/apps/GROUP/APP` and so on; anything else says that there is no such page. */
export function Screen() {
  const [noun = 'overview', first, second, third] = route.value.parts;
  switch (noun) {
    case 'overview':
      return <OverviewScreen />;
    case 'topology':
      return <TopologyScreen />;
    case 'hosts':
      return first === undefined ? <HostsScreen /> : <HostScreen key={first} id={first} />;
    case 'apps':
      if (first === undefined || second === undefined) return <AppsScreen />;
      return <AppScreen key={`${first}/${second}`} group={first} app={second} place={third} />;
    case 'containers':
      if (first === undefined) return <TopologyScreen />;
      return <ContainerScreen key={first} id={first} place={second} />;
    case 'deploy':
      return (
        <IfMay does="app.deploy" otherwise={<NoSuchPage />}>
          <DeployScreen />
        </IfMay>
      );
    case 'images':
      if (first === undefined) return <ImagesScreen />;
      if (second === undefined) return <RepositoryScreen key={first} name={first} />;
      return <ImageScreen key={`${first} ${second}`} repository={first} reference={second} />;
    case 'operations':
      return first === undefined ? <OperationsScreen /> : <OperationScreen key={first} id={first} />;
    case 'events':
      return <EventsScreen />;
    case 'access':
      return <AccessScreen />;
    default:
      return <NoSuchPage />;
  }
}

const NoSuchPage = () => (
  <Empty title={t('shell.noPage')}>
    <a href="#/">{t('nav.overview')}</a>
  </Empty>
);
