import { appState, containerState, hostState } from '../../format/state.ts';
import { useApps, useContainers, useEvents, useHosts, useOperations } from '../../store/lists.ts';
import { t } from '../../text/text.ts';
import { EventList } from '../../ui/event-list.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Empty, PageHead, Panel } from '../../ui/panel.tsx';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { Status } from '../../ui/status.tsx';
import { OperationTable } from '../operations/operation-table.tsx';
import { CapacityPanel } from './capacity-panel.tsx';
import { warningsOf } from './warnings.ts';

/** The mesh at a glance: is all well, what is going on, and what needs somebody. */
export function OverviewScreen() {
  const { value: hosts = [], problem } = useHosts();
  const { value: apps = [] } = useApps();
  const { value: containers = [] } = useContainers();
  const { value: running = [] } = useOperations({ state: 'running' });
  const { value: events = [] } = useEvents({ limit: '8' });
  const { value: failed = [] } = useOperations({ state: 'failed', limit: '5' });
  const byApp = Map.groupBy(containers, ({ group, app }) => `${group}/${app}`);
  const states = apps.map((app) => appState(app, byApp.get(`${app.group}/${app.name}`) ?? []));
  const warnings = warningsOf(hosts, apps, byApp);
  const alive = hosts.filter((host) => hostState(host).tone === 'ok').length;
  const working = containers.filter((container) => containerState(container).tone === 'ok').length;
  return (
    <>
      <PageHead
        title={t('nav.overview')}
        actions={
          <IfMay does="app.deploy">
            <a class="button primary" href="#/deploy">
              {t('deploy.title')}
            </a>
          </IfMay>
        }
      />
      <div class="stack">
        {problem !== undefined && <ProblemBox problem={problem} />}
        <div class="tiles">
          <Tile
            href="#/hosts"
            name={t('nav.hosts')}
            part={alive}
            whole={hosts.length}
            word={t('overview.hostsReady')}
          />
          <Tile
            href="#/apps"
            name={t('nav.apps')}
            part={states.filter(({ tone }) => tone === 'ok' || tone === 'idle').length}
            whole={apps.length}
            word={t('overview.appsHealthy')}
          />
          <Tile
            href="#/topology"
            name={t('container.many')}
            part={working}
            whole={containers.length}
            word={t('overview.containersWork')}
          />
          <a class="tile" href="#/operations">
            <span class="muted small">{t('nav.operations')}</span>
            <span class="figure">{running.length}</span>
            <Status tone={running.length > 0 ? 'busy' : 'idle'}>{t('overview.running')}</Status>
          </a>
        </div>
        <div class="columns">
          <div class="stack">
            <Panel title={t('overview.attention')} isFlush>
              {warnings.length === 0 ? (
                <Empty title={t('overview.allWell')}>{t('overview.allWellWhat')}</Empty>
              ) : (
                <ul class="timeline">
                  {warnings.map(({ key, href, name, shown, detail }) => (
                    <li key={key}>
                      <Status tone={shown.tone}>{t(shown.word)}</Status>
                      <span>
                        <a href={href}>{name}</a> <span class="muted">{detail}</span>
                      </span>
                    </li>
                  ))}
                </ul>
              )}
            </Panel>
            {running.length > 0 && (
              <Panel title={t('overview.runningNow')} isFlush>
                <OperationTable operations={running} />
              </Panel>
            )}
            {failed.length > 0 && (
              <Panel title={t('overview.failedLately')} isFlush>
                <OperationTable operations={failed.slice(0, 5)} />
              </Panel>
            )}
          </div>
          <div class="stack">
            <CapacityPanel hosts={hosts} />
            <Panel title={t('overview.recent')} isFlush actions={<a href="#/events">{t('action.all')}</a>}>
              <EventList events={events} nothing={t('event.none')} />
            </Panel>
          </div>
        </div>
      </div>
    </>
  );
}

interface TileProps {
  readonly href: string;
  readonly name: string;
  readonly part: number;
  readonly whole: number;
  readonly word: string;
}

function Tile({ href, name, part, whole, word }: TileProps) {
  return (
    <a class="tile" href={href}>
      <span class="muted small">{name}</span>
      <span class="figure">
        {part}
        <small>/{whole}</small>
      </span>
      <Status tone={whole === 0 ? 'idle' : part === whole ? 'ok' : 'warn'}>
        {part === whole ? word : t('overview.others', { count: whole - part, word })}
      </Status>
    </a>
  );
}
