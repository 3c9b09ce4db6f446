import { sortedByKey } from '../../core/order.ts';
import type { EngineEvent } from '../../ports/engine.ts';
import { healthOf } from './canonical.ts';

/** What the engine is asked to tell. Not exec_*: a health check makes three of those each time. */
export const eventFilter = {
  type: ['container' as const],
  event: ['create', 'start', 'die', 'oom', 'health_status', 'destroy', 'stop', 'update', 'pause', 'unpause'],
};

/** One line of `GET /events`; undefined when it is not about a container. */
export function engineEventOf(line: Record<string, unknown>): EngineEvent | undefined {
  const { Type: type, Action: action, Actor: actor, timeNano } = line;
  if (type !== 'container' || typeof action !== 'string' || !isActor(actor)) return undefined;
  const labels = sortedByKey(actor.Attributes ?? {});
  // `health_status: healthy`
  const [verb = '', detail] = action.split(': ');
  const exitCode = Number(labels.exitCode);
  return {
    engineId: actor.ID,
    action: verb,
    atMs: Math.floor(Number(timeNano) / 1e6),
    labels,
    ...(verb === 'die' && Number.isInteger(exitCode) ? { exitCode } : {}),
    ...(verb === 'health_status' ? { health: healthOf(detail) } : {}),
  };
}

interface Actor {
  readonly ID: string;
  /** Its labels, and what the event adds: image, name, exitCode ... */
  readonly Attributes?: Readonly<Record<string, string>>;
}

const isActor = (value: unknown): value is Actor =>
  typeof value === 'object' && value !== null && 'ID' in value && typeof value.ID === 'string';
