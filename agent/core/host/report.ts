import type { ContainerState } from '../../../protocol/schemas/host.ts';
import type { ContainerIdentity, Life, ManagedContainer } from './container.ts';

/** The container as its host's record shows it. One that failed holds nothing any more: no memory, CPU or ports. */
export function report(c: ManagedContainer): ContainerState {
  const { identity, life } = c;
  return {
    ...described(identity),
    ...(life.phase === 'failed' ? {} : held(identity)),
    ...('engineId' in life && life.engineId !== undefined ? { engineId: life.engineId } : {}),
    phase: visiblePhase(life),
    wanted: c.wanted,
    health: life.phase === 'running' ? life.health : 'none',
    ready: life.phase === 'completed' || (life.phase === 'running' && life.isReady),
    restarts: c.restarts,
    ...(c.lastExit !== undefined && life.phase !== 'running' ? { exitCode: c.lastExit.code } : {}),
    ...explained(c),
    ...(life.phase === 'pulling' ? { pull: life.progress } : {}),
    ...(life.phase === 'running' ? { startedAt: new Date(life.startedAtMs).toISOString() } : {}),
  };
}

const described = (identity: ContainerIdentity) => ({
  id: identity.containerId,
  name: identity.name,
  group: identity.group,
  app: identity.app,
  appUid: identity.appUid,
  cluster: identity.cluster,
  version: identity.version,
  replica: identity.replica,
  specHash: identity.specHash,
  operationId: identity.operationId,
  image: identity.spec.image,
  ...(identity.spec.resolvedImage === undefined ? {} : { resolvedImage: identity.spec.resolvedImage }),
  memoryBytes: 0,
  cpuMilli: 0,
  ports: [],
  createdAt: new Date(identity.createdAtMs).toISOString(),
});

const held = ({ spec, ports }: ContainerIdentity) => ({
  memoryBytes: spec.memoryBytes,
  cpuMilli: spec.cpuMilli ?? 0,
  ports: [...ports],
});

/** While it is being buried it is not settled yet: it shows as waiting, and as failed only with the whole reason. */
function visiblePhase(life: Life): ContainerState['phase'] {
  switch (life.phase) {
    case 'burying':
      return 'backoff';
    case 'removed':
      return 'removing';
    default:
      return life.phase;
  }
}

function explained({ life, lastExit, trouble }: ManagedContainer): Pick<ContainerState, 'reason'> {
  if (life.phase === 'failed' || life.phase === 'burying') return { reason: life.reason };
  const isDown = life.phase === 'backoff' || (life.phase === 'stopping' && life.next === 'backoff');
  if (isDown && trouble !== undefined) {
    return { reason: { code: 'container-unhealthy', detail: `${trouble}; starts again after a delay` } };
  }
  if (life.phase === 'backoff' && lastExit !== undefined) {
    const how = lastExit.isOomKilled ? 'ran out of memory' : `exited with code ${lastExit.code}`;
    return { reason: { code: 'container-exited', detail: `${how}; starts again after a delay` } };
  }
  return {};
}
