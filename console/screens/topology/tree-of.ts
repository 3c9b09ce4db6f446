import type { Container } from '../../../protocol/schemas/host.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';

/** App -> cluster -> version -> containers, as teams think of what runs. */
export interface AppNode {
  readonly app: App;
  readonly containers: readonly Container[];
  readonly clusters: readonly ClusterNode[];
}

export interface ClusterNode {
  readonly name: string;
  /** Absent for containers of what is no longer wanted there. */
  readonly deployment: Deployment | undefined;
  readonly versions: readonly VersionNode[];
}

export interface VersionNode {
  readonly number: number;
  readonly containers: readonly Container[];
}

const nameOf = ({ group, name }: App): string => `${group}/${name}`;

/** The tree of the apps that fit the search: by name, cluster, host or container. */
export function treeOf(apps: readonly App[], containers: readonly Container[], search: string): readonly AppNode[] {
  const byApp = Map.groupBy(containers, ({ group, app }) => `${group}/${app}`);
  const wanted = search.trim().toLowerCase();
  return apps
    .map((app) => nodeOf(app, byApp.get(nameOf(app)) ?? []))
    .filter((node) => wanted === '' || wordsOf(node).some((word) => word.toLowerCase().includes(wanted)))
    .sort((a, b) => (nameOf(a.app) < nameOf(b.app) ? -1 : 1));
}

function nodeOf(app: App, containers: readonly Container[]): AppNode {
  const byCluster = Map.groupBy(containers, ({ cluster }) => cluster);
  const names = new Set([...app.deployments.map(({ cluster }) => cluster), ...byCluster.keys()]);
  const clusters = [...names].sort().map((name): ClusterNode => {
    const deployment = app.deployments.find(({ cluster }) => cluster === name);
    const byVersion = Map.groupBy(byCluster.get(name) ?? [], ({ version }) => version);
    const numbers = new Set([...byVersion.keys(), ...(deployment === undefined ? [] : [deployment.version])]);
    const versions = [...numbers]
      .sort((a, b) => b - a)
      .map((number) => ({
        number,
        containers: (byVersion.get(number) ?? []).toSorted((a, b) => a.replica - b.replica),
      }));
    return { name, deployment, versions };
  });
  return { app, containers, clusters };
}

const wordsOf = ({ app, clusters, containers }: AppNode): readonly string[] => [
  nameOf(app),
  ...clusters.map(({ name }) => name),
  ...containers.flatMap(({ name, hostName }) => [name, hostName]),
];
