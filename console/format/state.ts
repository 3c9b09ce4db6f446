import type { Container, Host } from '../../protocol/schemas/host.ts';
import type { App } from '../../protocol/schemas/model.ts';
import type { Operation } from '../../protocol/schemas/operation.ts';
import type { Tone } from '../format/tone.ts';
import type { MessageKey } from '../text/messages.ts';

/** A state as it is shown. */
export interface Shown {
  readonly tone: Tone;
  readonly word: MessageKey;
}

const phases: Readonly<Record<Container['phase'], Tone>> = {
  claimed: 'busy',
  pulling: 'busy',
  creating: 'busy',
  starting: 'busy',
  running: 'ok',
  stopping: 'busy',
  stopped: 'idle',
  backoff: 'warn',
  completed: 'idle',
  failed: 'bad',
  removing: 'busy',
};

/** What people want to know of a container: that it works, or how far it is from that. */
export function containerState(container: Container): Shown {
  if (container.hostStatus === 'dead' || container.hostStatus === 'left')
    return { tone: 'bad', word: 'container.lost' };
  if (container.hostStatus === 'suspect') return { tone: 'warn', word: 'container.unsure' };
  if (container.phase !== 'running') return { tone: phases[container.phase], word: `container.${container.phase}` };
  if (container.health === 'unhealthy') return { tone: 'bad', word: 'container.unhealthy' };
  if (container.ready)
    return { tone: 'ok', word: container.health === 'none' ? 'container.running' : 'container.healthy' };
  return { tone: 'busy', word: 'container.checking' };
}

/** Whether a host can take containers, and if not, why. */
export function hostState(host: Host): Shown {
  if (host.status === 'dead') return { tone: 'bad', word: 'host.dead' };
  if (host.status === 'left') return { tone: 'idle', word: 'host.left' };
  if (host.status === 'suspect') return { tone: 'warn', word: 'host.suspect' };
  if (host.engine.state === 'unreachable') return { tone: 'bad', word: 'host.noEngine' };
  if (host.drainedBy !== undefined) return { tone: 'busy', word: 'host.draining' };
  if (host.drainedAt !== undefined) return { tone: 'idle', word: 'host.drained' };
  if (host.cordoned) return { tone: 'warn', word: 'host.cordoned' };
  return { tone: 'ok', word: 'host.alive' };
}

const operationTones: Readonly<Record<Operation['state'], Tone>> = {
  running: 'busy',
  succeeded: 'ok',
  failed: 'bad',
  cancelled: 'idle',
};

export const operationState = ({ state }: Operation): Shown => ({
  tone: operationTones[state],
  word: `operation.${state}`,
});

/** How an app is doing: its wanted replicas against those that work. */
export function appState(
  app: App,
  containers: readonly Container[],
): Shown & { readonly ready: number; readonly wanted: number } {
  const wanted = app.deployments.reduce((sum, { replicas }) => sum + replicas, 0);
  const ready = containers.filter((container) => container.ready && containerState(container).tone === 'ok').length;
  const shown = (tone: Tone, word: MessageKey) => ({ tone, word, ready, wanted });
  if (app.state === 'deleting') return shown('busy', 'app.deleting');
  if (app.deployments.some(({ rollout }) => rollout !== undefined)) return shown('busy', 'app.rollingOut');
  if (wanted === 0) return shown('idle', 'app.idle');
  if (ready >= wanted) return shown('ok', 'app.healthy');
  return ready === 0 ? shown('bad', 'app.down') : shown('warn', 'app.degraded');
}
