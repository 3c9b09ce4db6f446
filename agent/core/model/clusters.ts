import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { App, Cluster } from '../../../protocol/schemas/model.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { constraintFaults } from '../placement/constraints.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict } from './verdict.ts';

export const readCluster = (view: ModelView, name: string): Cluster | undefined =>
  view.get<Cluster>(keys.cluster(name));

const reserved = () => refuse('conflict', 'Cluster "default" is all hosts and can\'t be changed. Use another name.');

/** Creates a cluster or replaces its selector; a description that is left out stays. */
export function putCluster(command: CommandOf<'cluster.put'>, view: ModelView, context: ModelContext): Verdict {
  if (command.cluster === 'default') return reserved();
  const faults = constraintFaults(command.selector, '/selector');
  if (faults.length > 0) return refuse('invalid-request', "The selector can't be used.", faults);
  const key = keys.cluster(command.cluster);
  const before = readCluster(view, command.cluster);
  if (before === undefined && view.list(prefixes.clusters).length >= limits.clusters) {
    return refuse('conflict', `The mesh has ${limits.clusters} clusters, the most it may have. Delete one first.`);
  }
  const cluster: Cluster = {
    ...(before ?? { name: command.cluster, createdAt: timestamp(context) }),
    ...(command.description === undefined ? {} : { description: command.description }),
    selector: command.selector,
  };
  return { ok: true, writes: [{ key, value: cluster }], body: cluster, primaryKey: key };
}

/** Deletes a cluster in which nothing is deployed. */
export function deleteCluster(command: CommandOf<'cluster.delete'>, view: ModelView): Verdict {
  if (command.cluster === 'default') return reserved();
  const key = keys.cluster(command.cluster);
  const cluster = readCluster(view, command.cluster);
  if (cluster === undefined) return refuse('not-found', `There is no cluster "${command.cluster}".`);
  const user = view
    .list<App>(prefixes.apps)
    .find(({ value }) => value.deployments.some((deployment) => deployment.cluster === command.cluster));
  if (user !== undefined) {
    const app = `${user.value.group}/${user.value.name}`;
    return refuse('conflict', `App "${app}" is deployed in cluster "${command.cluster}". Undeploy it there first.`);
  }
  return { ok: true, writes: [{ key, value: undefined }], body: cluster, primaryKey: key };
}
