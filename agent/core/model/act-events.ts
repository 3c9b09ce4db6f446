import type { Command, CommandOf } from '../../../protocol/schemas/commands.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import { assertNever } from '../context.ts';

/** What somebody did, as the timeline tells it: no secrets, no values of variables. */
export type Act = Pick<Event, 'kind' | 'message' | 'host' | 'group' | 'app' | 'container'>;

/** Names of hosts, which commands do not have. */
export type NameOf = (hostId: string) => string;

/** The line of the timeline for an accepted command. */
export function actOf(command: Command, nameOf: NameOf): Act {
  const [kind, message] = describe(command, nameOf);
  return {
    kind,
    message,
    ...('hostId' in command ? { host: command.hostId } : {}),
    ...('group' in command ? { group: command.group } : {}),
    ...('app' in command ? { app: command.app } : {}),
    ...('containerId' in command ? { container: command.containerId } : {}),
  };
}

function describe(command: Command, nameOf: NameOf): readonly [kind: string, message: string] {
  switch (command.kind) {
    case 'group.put':
      return ['group.set', `group ${command.group} was set`];
    case 'group.delete':
      return ['group.deleted', `group ${command.group} was deleted`];
    case 'app.put':
      return ['app.set', `${appOf(command)} was set`];
    case 'app.delete':
      return ['app.deleting', `${appOf(command)} is to be deleted`];
    case 'version.create':
      return ['version.created', `a version of ${appOf(command)} was made: ${command.spec.image}`];
    case 'app.deploy':
      return ['app.deployed', `${appOf(command)} is to run ${wantedOf(command)} in ${command.cluster}`];
    case 'app.scale':
      return ['app.scaled', `${appOf(command)} is to have ${command.replicas} replicas in ${command.cluster}`];
    case 'app.undeploy':
      return ['app.undeployed', `${appOf(command)} is to run no more in ${command.cluster}`];
    case 'app.rollback':
      return ['app.rolled-back', `${appOf(command)} is to go back to ${versionOf(command.to)} in ${command.cluster}`];
    case 'app.rollout':
      return [
        `rollout.${command.action}`,
        `${command.action} of the rollout of ${appOf(command)} in ${command.cluster}`,
      ];
    case 'operation.cancel':
      return ['operation.cancel', `operation ${command.operationId} of ${appOf(command)} is to be cancelled`];
    case 'container.power':
      return [`container.${command.action}`, `${command.action} of a container of ${appOf(command)}`];
    default:
      return describeOfMesh(command, nameOf);
  }
}

/** Commands about hosts, clusters and access. */
function describeOfMesh(command: Exclude<Command, { app: string } | { group: string }>, nameOf: NameOf) {
  switch (command.kind) {
    case 'cluster.put':
      return ['cluster.set', `cluster ${command.cluster} was set`] as const;
    case 'cluster.delete':
      return ['cluster.deleted', `cluster ${command.cluster} was deleted`] as const;
    case 'host.set':
      return hostChange(command, nameOf(command.hostId));
    case 'host.drain':
      return ['host.draining', `${nameOf(command.hostId)} is to be drained`] as const;
    case 'drain.cancel':
      return ['host.drain-cancelled', `the drain of ${nameOf(command.hostId)} is to be cancelled`] as const;
    case 'host.remove':
      return ['host.removed', `${nameOf(command.hostId)} was taken out of the mesh`] as const;
    case 'rebalance.start':
      return [
        'mesh.rebalance',
        `${command.moves.length} containers are to be moved so that hosts are evenly used`,
      ] as const;
    case 'rebalance.cancel':
      return ['operation.cancel', `rebalance ${command.operationId} is to be cancelled`] as const;
    case 'member.evict':
      return ['host.evicted', `${nameOf(command.hostId)} was evicted`] as const;
    case 'token.create':
      return ['token.created', `a join token for ${command.maxUses} hosts was made`] as const;
    case 'token.revoke':
      return ['token.revoked', `join token ${command.tokenId} was revoked`] as const;
    case 'credential.create':
      return ['credential.created', `an API token was made for ${command.credential}, ${command.role}`] as const;
    case 'credential.revoke':
      return ['credential.revoked', `the API token of ${command.credential} was revoked`] as const;
    case 'shells.set':
      return [
        'shells.set',
        `shells are ${command.recordShells === 'on' ? '' : 'not '}recorded unless their group says otherwise`,
      ] as const;
    case 'log-forward.put':
      return ['log-forward.set', `forwarding of logs ${command.forward} was set`] as const;
    case 'log-forward.delete':
      return ['log-forward.deleted', `forwarding of logs ${command.forward} was ended`] as const;
    default:
      return describeOfImages(command);
  }
}

type ImageCommand = CommandOf<
  | 'image.push'
  | 'image.untag'
  | 'image.delete'
  | 'image.preheat'
  | 'image.verify'
  | 'image.gc'
  | 'image-operation.cancel'
  | 'repository.put'
  | 'repository.delete'
  | 'namespace.put'
  | 'upstream.put'
  | 'upstream.delete'
  | 'images.set'
>;

function describeOfImages(command: ImageCommand): readonly [kind: string, message: string] {
  switch (command.kind) {
    case 'image.push':
      return ['image.pushed', `${command.repository}:${command.tag ?? command.manifest.digest} was pushed`];
    case 'image.untag':
      return ['image.untagged', `${command.repository}:${command.tag} was taken away`];
    case 'image.delete':
      return ['image.deleted', `${command.repository}@${command.digest} was deleted`];
    case 'image.preheat':
      return ['image.preheat', `${command.image} is to be brought to ${command.hosts.length} hosts`];
    case 'image.verify':
      return ['image.verify', `${command.hosts.length} hosts are to verify their blobs`];
    case 'image.gc':
      return ['image.gc', `${command.hosts.length} hosts are to drop what nothing needs`];
    case 'image-operation.cancel':
      return ['operation.cancel', `operation ${command.operationId} on images is to be cancelled`];
    case 'repository.put':
      return ['repository.set', `repository ${command.repository} was set`];
    case 'repository.delete':
      return ['repository.deleted', `repository ${command.repository} was deleted`];
    case 'namespace.put':
      return ['namespace.set', `namespace ${command.namespace} was set`];
    case 'upstream.put':
      return ['upstream.set', `registry ${command.host} was set`];
    case 'upstream.delete':
      return ['upstream.deleted', `registry ${command.host} was taken away`];
    case 'images.set':
      return ['images.set', 'caps of image transfers were set'];
    default:
      return assertNever(command);
  }
}

const appOf = ({ group, app }: { readonly group: string; readonly app: string }): string => `${group}/${app}`;

const versionOf = (version: number | undefined): string => (version === undefined ? 'what ran before' : `v${version}`);

function wantedOf({ replicas, version, spec, image }: CommandOf<'app.deploy'>): string {
  const what = image ?? spec?.image ?? (version === undefined ? 'its latest version' : `v${version}`);
  return replicas === undefined ? what : `${replicas} replicas of ${what}`;
}

function hostChange(
  { labels, cordoned }: CommandOf<'host.set'>,
  name: string,
): readonly [kind: string, message: string] {
  if (cordoned === true) return ['host.cordoned', `${name} gets no new containers`];
  if (cordoned === false) return ['host.uncordoned', `${name} gets new containers again`];
  return ['host.labelled', `labels of ${name} were set: ${Object.keys(labels ?? {}).join(', ')}`];
}
