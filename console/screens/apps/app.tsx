import type { Container } from '../../../protocol/schemas/host.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import { appPath, deleteApp } from '../../api/actions.ts';
import { appState } from '../../format/state.ts';
import { linkTo } from '../../store/link.ts';
import { useContainersOf, useEvents, useOperations } from '../../store/lists.ts';
import { useItem } from '../../store/resource.ts';
import { goTo, route } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { EventList } from '../../ui/event-list.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { later } from '../../ui/later.tsx';
import { Empty, PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Badge } from '../../ui/status.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { LogsLater } from '../logs/logs-later.tsx';
import { AppMetricsLater } from '../metrics/metrics-later.tsx';
import { OperationTable } from '../operations/operation-table.tsx';
import { DeploymentPanel } from './deployment-panel.tsx';

const AppSettings = later(async () => (await import('./app-settings.tsx')).AppSettings);
const VersionsPanel = later(async () => (await import('./versions-panel.tsx')).VersionsPanel);

interface AppScreenProps {
  readonly group: string;
  readonly app: string;
  /** A part of the app with an address of its own: `logs`, `metrics`. */
  readonly place?: string | undefined;
}

const tabs = ['replicas', 'logs', 'metrics', 'versions', 'operations', 'events'] as const;

/** One app: what runs of it where, what it writes and uses, its versions, what was done and what happened. */
export function AppScreen({ group, app, place }: AppScreenProps) {
  const reading = useItem<App>(appPath({ group, app }), ['apps']);
  return <ReadingView of={reading}>{(found) => <AppView app={found} place={place} />}</ReadingView>;
}

function AppView({ app, place }: { readonly app: App; readonly place: string | undefined }) {
  const name = { group: app.group, app: app.name };
  const { value: containers = [] } = useContainersOf(name);
  const { tone, word, ready, wanted } = appState(app, containers);
  const tab = tabs.find((one) => one === (place ?? route.value.query.get('tab'))) ?? 'replicas';
  const remove = async (): Promise<void> => {
    const operation = await deleteApp(name);
    goTo(linkTo(['operations', operation.id]));
  };
  return (
    <>
      <PageHead
        crumbs={<a href={linkTo(['apps'])}>{t('nav.apps')}</a>}
        title={
          <span class="row">
            <span>
              <span class="muted">{app.group}/</span>
              {app.name}
            </span>
            <Badge tone={tone}>
              {t(word)} {ready}/{wanted}
            </Badge>
          </span>
        }
        actions={
          <>
            <IfMay does="app.put">
              <button type="button" onClick={() => openDialog(() => <AppSettings app={app} />)}>
                {t('appSettings.action')}
              </button>
            </IfMay>
            <IfMay does="app.delete">
              <button
                type="button"
                class="danger"
                onClick={() =>
                  openDialog(() => (
                    <ActionDialog
                      title={t('app.deleteTitle', { app: app.name })}
                      action={t('app.delete')}
                      isDanger
                      onAct={remove}
                    >
                      <p>{t('app.deleteWhat', { containers: containers.length })}</p>
                    </ActionDialog>
                  ))
                }
              >
                {t('app.delete')}
              </button>
            </IfMay>
            <IfMay does="app.deploy">
              <a class="button primary" href={linkTo(['deploy'], { group: app.group, app: app.name })}>
                {t('app.deployVersion')}
              </a>
            </IfMay>
          </>
        }
      />
      {app.description !== undefined && <p class="muted wrap">{app.description}</p>}
      <Tabs
        label={app.name}
        current={tab}
        tabs={tabs.map((id) => ({
          id,
          label: t(`app.tab.${id}`),
          href:
            id === 'logs' || id === 'metrics'
              ? linkTo(['apps', app.group, app.name, id])
              : linkTo(['apps', app.group, app.name], { tab: id }),
        }))}
      />
      {tab === 'replicas' && (
        <div class="stack">
          {app.deployments.length === 0 && <Empty title={t('app.notDeployed')} />}
          {app.deployments.map((deployment) => (
            <DeploymentPanel
              key={deployment.cluster}
              name={name}
              deployment={deployment}
              containers={containers.filter(({ cluster }) => cluster === deployment.cluster)}
            />
          ))}
        </div>
      )}
      {tab === 'logs' && (
        <LogsLater path={`${appPath(name)}/logs`} name={`${app.group}-${app.name}`} replicas={replicasOf(containers)} />
      )}
      {tab === 'metrics' && <AppMetricsLater containers={containers} />}
      {tab === 'versions' && <VersionsPanel app={app} />}
      {tab === 'operations' && <AppOperations name={name} />}
      {tab === 'events' && <AppEvents name={name} />}
    </>
  );
}

const replicasOf = (containers: readonly Container[]): readonly number[] =>
  [...new Set(containers.map(({ replica }) => replica))].sort((a, b) => a - b);

type Name = { readonly group: string; readonly app: string };

function AppOperations({ name }: { readonly name: Name }) {
  const reading = useOperations({ ...name, limit: '100' });
  return (
    <ReadingView of={reading}>
      {(operations) => (
        <Panel title={t('nav.operations')} isFlush>
          {operations.length === 0 ? <Empty title={t('operation.none')} /> : <OperationTable operations={operations} />}
        </Panel>
      )}
    </ReadingView>
  );
}

function AppEvents({ name }: { readonly name: Name }) {
  const reading = useEvents({ ...name, limit: '200' });
  return (
    <ReadingView of={reading}>
      {(events) => (
        <Panel title={t('nav.events')} isFlush>
          <EventList events={events} nothing={t('event.none')} />
        </Panel>
      )}
    </ReadingView>
  );
}
