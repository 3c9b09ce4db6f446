import type { Container } from '../../../protocol/schemas/host.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import { power, removeContainer } from '../../api/actions.ts';
import { linkTo } from '../../store/link.ts';
import { goTo } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import type { MenuItem } from '../../ui/menu.tsx';
import { ScaleDialog } from '../apps/scale-dialog.tsx';
import { KillDialog } from './kill-dialog.tsx';

/** What can be done with an app in one cluster. */
export function clusterMenu(app: App, cluster: string, deployment: Deployment | undefined): readonly MenuItem[] {
  const name = { group: app.group, app: app.name };
  const scaleBy = (step: number): void => {
    if (deployment === undefined) return;
    openDialog(() => (
      <ScaleDialog name={name} deployment={deployment} replicas={Math.max(0, deployment.replicas + step)} />
    ));
  };
  return [
    { label: t('topology.addContainer'), isDisabled: deployment === undefined, onChoose: () => scaleBy(1) },
    { label: t('topology.removeContainer'), isDisabled: (deployment?.replicas ?? 0) < 1, onChoose: () => scaleBy(-1) },
    {
      label: t('app.deployVersion'),
      onChoose: () => goTo(linkTo(['deploy'], { group: app.group, app: app.name, cluster })),
    },
    { label: t('app.open'), onChoose: () => goTo(linkTo(['apps', app.group, app.name])) },
  ];
}

/** What can be done with one container. */
export function containerMenu(container: Container): readonly MenuItem[] {
  const { id, name, group, app, hostId, wanted } = container;
  const isReachable = container.hostStatus === 'alive';
  const act = (action: 'start' | 'stop' | 'restart'): MenuItem => ({
    label: t(`container.${action}`),
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
  const kill: MenuItem = {
    label: t('container.kill'),
    isDisabled: !isReachable,
    onChoose: () => openDialog(() => <KillDialog container={container} />),
  };
  const open = (place: 'logs' | 'shell' | 'metrics' | 'events'): MenuItem => ({
    label: t(`container.${place}`),
    onChoose: () => goTo(linkTo(['containers', id, place])),
  });
  return [
    open('logs'),
    { ...open('shell'), isDisabled: !isReachable || container.phase !== 'running' },
    open('metrics'),
    open('events'),
    ...(wanted === 'stopped' ? [act('start')] : [act('restart'), act('stop'), kill]),
    {
      label: t('container.remove'),
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
    { label: t('app.open'), onChoose: () => goTo(linkTo(['apps', group, app])) },
    { label: t('host.open'), onChoose: () => goTo(linkTo(['hosts', hostId])) },
  ];
}
