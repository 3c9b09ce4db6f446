import { AccessScreen } from '../screens/access/access.tsx';
import { AppScreen } from '../screens/apps/app.tsx';
import { AppsScreen } from '../screens/apps/apps.tsx';
import { ContainerScreen } from '../screens/containers/container.tsx';
import { EventsScreen } from '../screens/events/events.tsx';
import { HostScreen } from '../screens/hosts/host.tsx';
import { HostsScreen } from '../screens/hosts/hosts.tsx';
import { ImageScreen } from '../screens/images/image.tsx';
import { ImagesScreen } from '../screens/images/images.tsx';
import { RepositoryScreen } from '../screens/images/repository.tsx';
import { OperationScreen } from '../screens/operations/operation.tsx';
import { OperationsScreen } from '../screens/operations/operations.tsx';
import { OverviewScreen } from '../screens/overview/overview.tsx';
import { TopologyScreen } from '../screens/topology/topology.tsx';
import { route } from '../store/router.ts';
import { t } from '../text/text.ts';
import { later } from '../ui/later.tsx';
import { Empty } from '../ui/panel.tsx';

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
      return <DeployLater />;
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
      return <Empty title={t('shell.noPage')}>{<a href="#/">{t('nav.overview')}</a>}</Empty>;
  }
}

/** The form brings the schemas and a YAML parser along. */
const DeployLater = later(async () => (await import('../screens/deploy/deploy.tsx')).DeployScreen);
