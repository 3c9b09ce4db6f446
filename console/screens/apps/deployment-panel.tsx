import type { Container } from '../../../protocol/schemas/host.ts';
import type { Deployment } from '../../../protocol/schemas/model.ts';
import { undeploy } from '../../api/actions.ts';
import { linkTo } from '../../store/link.ts';
import { useOperation } from '../../store/lists.ts';
import { goTo } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { later } from '../../ui/later.tsx';
import { Empty, Panel } from '../../ui/panel.tsx';
import { Decisions } from '../operations/decisions.tsx';
import { RolloutPanel } from '../operations/rollout-panel.tsx';
import { Steps } from '../operations/steps.tsx';
import { isOfApp } from '../operations/subject.tsx';
import { ContainerTable } from './container-table.tsx';
import { ScaleDialog } from './scale-dialog.tsx';

const RollbackDialog = later(async () => (await import('./rollback-dialog.tsx')).RollbackDialog);

interface DeploymentPanelProps {
  readonly name: { readonly group: string; readonly app: string };
  readonly deployment: Deployment;
  readonly containers: readonly Container[];
}

/** What runs of an app in one cluster, what it is changing to, and why its replicas are where they are. */
export function DeploymentPanel({ name, deployment, containers }: DeploymentPanelProps) {
  const { cluster, version, replicas, operationId, reached = [] } = deployment;
  const { value: operation } = useOperation(operationId);
  const ofApp = operation !== undefined && isOfApp(operation) ? operation : undefined;
  const earlier = reached.filter((one) => one !== version).toReversed();
  return (
    <>
      {ofApp?.rollout !== undefined && <RolloutPanel {...name} cluster={cluster} rollout={ofApp.rollout} />}
      {ofApp?.state === 'running' && (
        <Panel
          title={t(`kind.${ofApp.kind}`)}
          isFlush
          actions={<a href={linkTo(['operations', ofApp.id])}>{t('operation.one')}</a>}
        >
          <Steps operation={ofApp} />
        </Panel>
      )}
      <Panel
        title={t('app.inCluster', { cluster, version, replicas })}
        isFlush
        actions={
          <>
            <IfMay does="app.scale">
              <button
                type="button"
                onClick={() =>
                  openDialog(() => <ScaleDialog name={name} deployment={deployment} replicas={replicas} />)
                }
              >
                {t('scale.action')}
              </button>
            </IfMay>
            {earlier.length > 0 && (
              <IfMay does="app.rollback">
                <button
                  type="button"
                  onClick={() => openDialog(() => <RollbackDialog name={name} cluster={cluster} earlier={earlier} />)}
                >
                  {t('rollback.action')}
                </button>
              </IfMay>
            )}
            <IfMay does="app.undeploy">
              <button
                type="button"
                class="danger"
                onClick={() => openDialog(() => <Undeploy name={name} cluster={cluster} />)}
              >
                {t('undeploy.action')}
              </button>
            </IfMay>
          </>
        }
      >
        {containers.length === 0 ? <Empty title={t('app.noContainers')} /> : <ContainerTable containers={containers} />}
      </Panel>
      {ofApp !== undefined && <Decisions operation={ofApp} />}
    </>
  );
}

interface InClusterProps {
  readonly name: { readonly group: string; readonly app: string };
  readonly cluster: string;
}

function Undeploy({ name, cluster }: InClusterProps) {
  const onAct = async (): Promise<void> => goTo(linkTo(['operations', (await undeploy(name, cluster)).id]));
  return (
    <ActionDialog
      title={t('undeploy.title', { app: name.app, cluster })}
      action={t('undeploy.action')}
      isDanger
      onAct={onAct}
    >
      <p>{t('undeploy.what')}</p>
    </ActionDialog>
  );
}
