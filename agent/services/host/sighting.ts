import type { Sighting } from '../../core/host/messages.ts';
import type { EngineContainer } from '../../ports/engine.ts';

/** What a container's life depends on, out of what the engine says of it. */
export function sightingOf(container: EngineContainer): Sighting {
  return {
    engineId: container.engineId,
    state: upOrDown(container.state),
    health: container.health,
    exitCode: container.exitCode,
    isOomKilled: container.isOomKilled,
    createdAtMs: timeOf(container.createdAt),
    startedAtMs: timeOf(container.startedAt),
    hasHealthcheck: container.hasHealthcheck,
  };
}

function upOrDown(state: EngineContainer['state']): Sighting['state'] {
  switch (state) {
    case 'created':
      return 'created';
    case 'running':
    case 'paused':
    case 'restarting':
      return 'up';
    case 'exited':
    case 'dead':
    case 'removing':
      return 'down';
  }
}

const timeOf = (rfc3339: string): number => (rfc3339 === '' ? 0 : Date.parse(rfc3339));
