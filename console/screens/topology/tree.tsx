import { memo } from 'preact/compat';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import { appState, containerState } from '../../format/state.ts';
import { linkTo } from '../../store/link.ts';
import { may } from '../../store/rights.ts';
import { t } from '../../text/text.ts';
import { Icon } from '../../ui/icon.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { openMenu } from '../../ui/menu.tsx';
import { Empty } from '../../ui/panel.tsx';
import { Badge, Shape } from '../../ui/status.tsx';
import { clusterMenu, containerMenu } from './menus.tsx';
import type { AppNode, ClusterNode, VersionNode } from './tree-of.ts';

/** Containers of one version that are drawn at once; there is a table for the rest. */
const CHIPS_MAX = 60;

export function AppTree({ apps, isFiltered }: { readonly apps: readonly AppNode[]; readonly isFiltered: boolean }) {
  if (apps.length === 0) {
    return (
      <Empty title={t(isFiltered ? 'filter.nothing' : 'app.none')}>
        {!isFiltered && (
          <div class="row">
            <IfMay does="app.deploy">
              <a class="button primary" href="#/deploy">
                {t('deploy.title')}
              </a>
            </IfMay>
          </div>
        )}
      </Empty>
    );
  }
  return (
    <div class="tree">
      {apps.map(({ app, containers, clusters }) => (
        <AppCard key={`${app.group}/${app.name}`} app={app} containers={containers} clusters={clusters} />
      ))}
    </div>
  );
}

const AppCard = memo(({ app, containers, clusters }: AppNode) => {
  const { tone, word, ready, wanted } = appState(app, containers);
  return (
    <section class="app" aria-label={`${app.group}/${app.name}`}>
      <header>
        <a class="grow" href={linkTo(['apps', app.group, app.name])}>
          <span class="muted">{app.group}/</span>
          {app.name}
        </a>
        <Badge tone={tone}>
          {t(word)} {ready}/{wanted}
        </Badge>
      </header>
      <ul class="clusters">
        {clusters.length === 0 && <li class="muted small">{t('app.notDeployed')}</li>}
        {clusters.map((cluster) => (
          <ClusterBranch key={cluster.name} app={app} cluster={cluster} />
        ))}
      </ul>
    </section>
  );
}, isSameNode);

function isSameNode(a: Readonly<AppNode>, b: Readonly<AppNode>): boolean {
  return (
    a.app === b.app &&
    a.containers.length === b.containers.length &&
    a.containers.every((container, index) => container === b.containers[index])
  );
}

function ClusterBranch({ app, cluster }: { readonly app: App; readonly cluster: ClusterNode }) {
  const { name, deployment, versions } = cluster;
  const title = `${app.group}/${app.name} · ${name}`;
  return (
    <li class="branch">
      <div class="node">
        <button
          type="button"
          aria-haspopup="menu"
          onClick={(event) => openMenu(event, title, clusterMenu(app, name, deployment))}
        >
          {name}
          {may('app.scale') && <Icon name="plus" size={12} />}
        </button>
        <span class="muted small">
          {deployment === undefined ? t('topology.leaving') : t('topology.wanted', { replicas: deployment.replicas })}
        </span>
      </div>
      <ul>
        {versions.map((version) => (
          <VersionBranch
            key={version.number}
            app={app}
            version={version}
            isWanted={version.number === deployment?.version}
          />
        ))}
      </ul>
    </li>
  );
}

interface VersionBranchProps {
  readonly app: App;
  readonly version: VersionNode;
  readonly isWanted: boolean;
}

function VersionBranch({ app, version: { number, containers }, isWanted }: VersionBranchProps) {
  const more = containers.length - CHIPS_MAX;
  return (
    <li class="branch">
      <div class="node">
        <strong>v{number}</strong>
        {!isWanted && <Badge tone="idle">{t('topology.old')}</Badge>}
        <span class="muted small">{t('topology.containers', { count: containers.length })}</span>
      </div>
      <div class="chips">
        {containers.slice(0, CHIPS_MAX).map((container) => (
          <Chip key={container.id} container={container} />
        ))}
        {more > 0 && <a href={linkTo(['apps', app.group, app.name])}>{t('topology.more', { more })}</a>}
      </div>
    </li>
  );
}

const Chip = memo(({ container }: { readonly container: Container }) => {
  const { tone, word } = containerState(container);
  const { name, replica, hostName } = container;
  return (
    <button
      type="button"
      class={word === 'container.lost' ? 'chip lost' : 'chip'}
      aria-haspopup="menu"
      title={`${name} · ${t(word)}`}
      onClick={(event) => openMenu(event, name, containerMenu(container))}
    >
      <span class={`status tone-${tone}`}>
        <Shape tone={tone} size={12} />
        <span class="visually-hidden">{t(word)}</span>
      </span>
      #{replica} <span class="host">{hostName}</span>
    </button>
  );
});
