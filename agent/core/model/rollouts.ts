import { problemOf } from '../../../protocol/problem.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { Deployment } from '../../../protocol/schemas/model.ts';
import { keys } from '../catalog/keys.ts';
import { isRolling, pause, phaseOf, type Rolling, release, resume, revert } from '../rollout/rollout.ts';
import { deployedIn, fulfil, withDeployment } from './deployments.ts';
import { runningOperation } from './operations.ts';
import { type ModelContext, type ModelView, type Refused, refuse, type Verdict } from './verdict.ts';
import { readVersion } from './versions.ts';

/** Goes back to an earlier version: a rollout that pauses when it fails, for there is nothing to go back to from there. */
export function rollback(command: CommandOf<'app.rollback'>, view: ModelView, context: ModelContext): Verdict {
  const found = deployedIn(command, view);
  if (!found.ok) return found;
  const { app, deployment } = found;
  const to = command.to ?? earlierVersion(deployment);
  const name = `${app.group}/${app.name}`;
  if (to === undefined) {
    const detail = `"${name}" has run no other version in cluster "${command.cluster}". Name one: its versions are listed.`;
    return refuse('conflict', detail, [{ pointer: '/to', detail: 'no earlier version was reached' }]);
  }
  if (readVersion(view, app, to) === undefined) {
    return refuse('not-found', `App "${name}" has no version ${to}.`, [{ pointer: '/to', detail: 'no such version' }]);
  }
  const target = { cluster: command.cluster, version: to, replicas: deployment.replicas };
  return fulfil({ kind: 'rollback', target, app, manner: command }, view, context);
}

/** Where a rollback goes unless somebody says: what a rollout under way came from, or what was reached before. */
function earlierVersion({ rollout, version, reached = [] }: Deployment): number | undefined {
  if (rollout !== undefined && rollout.reverting === undefined) return rollout.from.version;
  return reached.findLast((number) => number !== version);
}

/** Continues, pauses, resumes or aborts the rollout of an app in a cluster. Asked again, nothing changes. */
export function actOnRollout(command: CommandOf<'app.rollout'>, view: ModelView, context: ModelContext): Verdict {
  const found = deployedIn(command, view);
  if (!found.ok) return found;
  const { app, deployment } = found;
  const operation = runningOperation(view, deployment);
  if (!isRolling(deployment) || operation === undefined) {
    const detail = `No rollout of "${app.group}/${app.name}" is under way in cluster "${command.cluster}".`;
    return refuse('conflict', detail);
  }
  if (command.action === 'abort' && readVersion(view, app, deployment.rollout.from.version) === undefined) {
    const detail = `Version ${deployment.rollout.from.version}, which ran before, is gone. Deploy or roll back to another one.`;
    return refuse('conflict', detail);
  }
  const changed = act(command.action, deployment, context);
  if ('ok' in changed) return changed;
  const writes = changed === deployment ? [] : [withDeployment(app, changed, context)];
  return { ok: true, writes, body: operation, primaryKey: keys.app(app.group, app.name), operation };
}

function act(
  action: CommandOf<'app.rollout'>['action'],
  deployment: Rolling,
  context: ModelContext,
): Rolling | Refused {
  const { rollout, operationId } = deployment;
  switch (action) {
    case 'continue':
      if (phaseOf(rollout) === 'paused') return refuse('conflict', 'The rollout is paused: resume it.');
      if (rollout.holdAt === undefined)
        return refuse('conflict', 'The rollout waits for nobody: there is nothing to continue.');
      return release(deployment);
    case 'pause':
      if (rollout.paused !== undefined) return deployment;
      return pause(deployment, 'operator', `by ${context.actorId}`, context.nowMs);
    case 'resume':
      return rollout.paused === undefined ? deployment : resume(deployment, context.nowMs);
    case 'abort':
      if (rollout.reverting !== undefined) return deployment;
      return revert(deployment, problemOf('cancelled', `Aborted by ${context.actorId}.`, operationId), context.nowMs);
  }
}
