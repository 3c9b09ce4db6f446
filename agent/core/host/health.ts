import type { Health, ManagedContainer } from './container.ts';
import type { Effect } from './messages.ts';
import { note, toBurying, toReady } from './moves.ts';

/** running -> running with another health, or given up when it gets unhealthy before it was ever ready. */
export function onHealth(c: ManagedContainer, health: Health): Effect[] {
  const { life } = c;
  if (life.phase !== 'running' || life.health === health) return [];
  if (health === 'healthy') {
    toReady(c, { ...life, health });
    return [note(c, 'container.healthy', 'is healthy')];
  }
  if (health === 'unhealthy' && !c.hasBeenReady) {
    const detail = 'its health check failed too often in a row before it was ever healthy';
    return toBurying(c, life.engineId, { code: 'container-unhealthy', detail });
  }
  c.life = { ...life, health, isReady: false };
  return health === 'unhealthy' ? [note(c, 'container.unhealthy', 'is unhealthy')] : [];
}
