import type { AccessAction } from '../../../protocol/actions.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import { power, removeContainer } from '../../api/actions.ts';
import { linkTo } from '../../store/link.ts';
import { may } from '../../store/rights.ts';
import { goTo } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import type { MenuItem } from '../../ui/menu.tsx';
import { ScaleDialog } from '../apps/scale-dialog.tsx';
import { KillDialog } from './kill-dialog.tsx';

interface GuardedItem extends MenuItem {
  readonly does: AccessAction;
}

/** Those for whoever is signed in. */
const allowed = (items: readonly GuardedItem[]): readonly MenuItem[] => items.filter(({ does }) => may(does));

/** What can be done with an app in one cluster. */
export function clusterMenu(app: App, cluster: string, deployment: Deployment | undefined): readonly MenuItem[] {
  const name = { group: app.group, app: app.name };
  const scaleBy = (step: number): void => {
    if (deployment === undefined) return;
    openDialog(() => (
      <ScaleDialog name={name} deployment={deployment} replicas={Math.max(0, deployment.replicas + step)} />
    ));
  };
  return allowed([
    {
      label: t('topology.addContainer'),
      does: 'app.scale',
      isDisabled: deployment === undefined,
      onChoose: () => scaleBy(1),
    },
    {
      label: t('topology.removeContainer'),
      does: 'app.scale',
      isDisabled: (deployment?.replicas ?? 0) < 1,
      onChoose: () => scaleBy(-1),
    },
    {
      label: t('app.deployVersion'),
      does: 'app.deploy',
      onChoose: () => goTo(linkTo(['deploy'], { group: app.group, app: app.name, cluster })),
    },
    { label: t('app.open'), does: 'read', onChoose: () => goTo(linkTo(['apps', app.group, app.name])) },
  ]);
}

/** What can be done with one container. */
export function containerMenu(container: Container): readonly MenuItem[] {
  const { id, name, group, app, hostId, wanted } = container;
  const isReachable = container.hostStatus === 'alive';
  const act = (action: 'start' | 'stop' | 'restart'): GuardedItem => ({
    label: t(`container.${action}`),
    does: 'container.power',
    isDisabled: !isReachable,
    onChoose: () =>
      openDialog(() => (
        <ActionDialog
          title={t(`container.${action}Title`, { name })}
          action={t(`container.${action}`)}
          onAct={() => power(id, action)}
        >
          <p>{t(`container.${action}What`)}</p>
        </ActionDialog>
      )),
  });
  const kill: GuardedItem = {
    label: t('container.kill'),
    does: 'container.power',
    isDisabled: !isReachable,
    onChoose: () => openDialog(() => <KillDialog container={container} />),
  };
  const open = (place: 'logs' | 'shell' | 'metrics' | 'events'): GuardedItem => ({
    label: t(`container.${place}`),
    does: place === 'shell' ? 'shell.open' : 'read',
    onChoose: () => goTo(linkTo(['containers', id, place])),
  });
  return allowed([
    open('logs'),
    { ...open('shell'), isDisabled: !isReachable || container.phase !== 'running' },
    open('metrics'),
    open('events'),
    ...(wanted === 'stopped' ? [act('start')] : [act('restart'), act('stop'), kill]),
    {
      label: t('container.remove'),
      does: 'container.power',
      isDanger: true,
      isDisabled: !isReachable,
      onChoose: () =>
        openDialog(() => (
          <ActionDialog
            title={t('container.removeTitle', { name })}
            action={t('container.remove')}
            isDanger
            onAct={() => removeContainer(id)}
          >
            <p>{t('container.removeWhat')}</p>
          </ActionDialog>
        )),
    },
    { label: t('app.open'), does: 'read', onChoose: () => goTo(linkTo(['apps', group, app])) },
    { label: t('host.open'), does: 'read', onChoose: () => goTo(linkTo(['hosts', hostId])) },
  ]);
}
