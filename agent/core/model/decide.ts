import type { Command } from '../../../protocol/schemas/commands.ts';
import { assertNever } from '../context.ts';
import { deleteApp, putApp } from './apps.ts';
import { deleteCluster, putCluster } from './clusters.ts';
import { createCredential, revokeCredential } from './credentials.ts';
import { deploy, scale, undeploy } from './deployments.ts';
import { cancelDrain, drainHost } from './drains.ts';
import { deleteGroup, putGroup } from './groups.ts';
import { removeHost, setHost } from './hosts.ts';
import { cancelImageOperation, collect, preheat, verify } from './image-operations.ts';
import { setImages } from './image-settings.ts';
import { deleteImage, pushImage } from './images.ts';
import { deleteLogForward, putLogForward } from './log-forwards.ts';
import { evictMember } from './members.ts';
import { cancelOperation } from './operations.ts';
import { putNamespace } from './quotas.ts';
import { cancelRebalance, startRebalance } from './rebalances.ts';
import { deleteRepository, putRepository } from './repositories.ts';
import { actOnRollout, rollback } from './rollouts.ts';
import { setShells } from './shell-settings.ts';
import { untagImage } from './tags.ts';
import { createToken, revokeToken } from './tokens.ts';
import { deleteUpstream, putUpstream } from './upstreams.ts';
import { boundWrites, type ModelContext, type ModelView, type Verdict } from './verdict.ts';
import { createVersion } from './versions.ts';

/** Commands that change the catalog. `container.power` does not: it goes to the container's host. */
export type ModelCommand = Exclude<Command, { kind: 'container.power' }>;

/**
 * Turns a command into catalog writes, or says why not. Its steward calls this one command at a time, so a verdict and
 * its writes are one step. Revisions (`If-Match`) and access are checked by the caller.
 */
export const decide = (command: ModelCommand, view: ModelView, context: ModelContext): Verdict =>
  boundWrites(dispatch(command, view, context));

function dispatch(command: ModelCommand, view: ModelView, context: ModelContext): Verdict {
  switch (command.kind) {
    case 'group.put':
      return putGroup(command, view, context);
    case 'group.delete':
      return deleteGroup(command, view);
    case 'app.put':
      return putApp(command, view, context);
    case 'app.delete':
      return deleteApp(command, view, context);
    case 'version.create':
      return createVersion(command, view, context);
    case 'app.deploy':
      return deploy(command, view, context);
    case 'app.scale':
      return scale(command, view, context);
    case 'app.undeploy':
      return undeploy(command, view, context);
    case 'app.rollback':
      return rollback(command, view, context);
    case 'app.rollout':
      return actOnRollout(command, view, context);
    case 'operation.cancel':
      return cancelOperation(command, view);
    case 'cluster.put':
      return putCluster(command, view, context);
    case 'cluster.delete':
      return deleteCluster(command, view);
    case 'host.set':
      return setHost(command, view);
    case 'host.drain':
      return drainHost(command, view, context);
    case 'drain.cancel':
      return cancelDrain(command, view);
    case 'host.remove':
      return removeHost(command, view, context);
    case 'rebalance.start':
      return startRebalance(command, view, context);
    case 'rebalance.cancel':
      return cancelRebalance(command, view);
    case 'member.evict':
      return evictMember(command, view, context);
    case 'token.create':
      return createToken(command, view, context);
    case 'token.revoke':
      return revokeToken(command, view);
    case 'credential.create':
      return createCredential(command, view, context);
    case 'credential.revoke':
      return revokeCredential(command, view);
    case 'image.push':
      return pushImage(command, view, context);
    case 'image.untag':
      return untagImage(command, view);
    case 'image.delete':
      return deleteImage(command, view);
    case 'image.preheat':
      return preheat(command, view, context);
    case 'image.verify':
      return verify(command, view, context);
    case 'image.gc':
      return collect(command, view, context);
    case 'image-operation.cancel':
      return cancelImageOperation(command, view);
    case 'repository.put':
      return putRepository(command, view, context);
    case 'repository.delete':
      return deleteRepository(command, view);
    case 'namespace.put':
      return putNamespace(command, view, context);
    case 'upstream.put':
      return putUpstream(command, view, context);
    case 'upstream.delete':
      return deleteUpstream(command, view);
    case 'images.set':
      return setImages(command, view, context);
    case 'shells.set':
      return setShells(command, view, context);
    case 'log-forward.put':
      return putLogForward(command, view, context);
    case 'log-forward.delete':
      return deleteLogForward(command, view);
    default:
      return assertNever(command);
  }
}
