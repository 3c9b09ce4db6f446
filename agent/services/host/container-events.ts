import type { ContainerEvent } from '../../core/host/messages.ts';
import type { EngineEvent } from '../../ports/engine.ts';

/** What an event of the engine means to the container it is about; undefined when it means nothing. */
export function containerEventOf(event: EngineEvent): ContainerEvent | undefined {
  switch (event.action) {
    case 'start':
      return { type: 'engine-start', atMs: event.atMs };
    case 'die':
      return { type: 'engine-die', exitCode: event.exitCode ?? 0, atMs: event.atMs };
    case 'oom':
      return { type: 'engine-oom' };
    case 'stop':
      return { type: 'engine-stop' };
    case 'health_status':
      return { type: 'engine-health', health: event.health ?? 'none' };
    case 'destroy':
      return { type: 'engine-destroy' };
    default:
      return undefined;
  }
}
