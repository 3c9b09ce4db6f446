import type { Usage } from '../../protocol/schemas/usage.ts';

/** The newest values of one host or container, oldest first; undefined where it was not among the answers. */
export interface Trail {
  readonly cpuMilli: readonly (number | undefined)[];
  readonly memoryBytes: readonly (number | undefined)[];
}

/** Values that are kept of each: five minutes. */
export const TRAIL_SLOTS = 60;
/** The trails with one value more each. */
export function extended(before: ReadonlyMap<string, Trail>, usage: Usage): ReadonlyMap<string, Trail> {
  const points = new Map([
    ...usage.hosts.map((host) => [host.hostId as string, host] as const),
    ...usage.containers.map((container) => [container.containerId as string, container] as const),
  ]);
  const next = new Map<string, Trail>();
  for (const id of new Set([...before.keys(), ...points.keys()])) {
    const [trail, point] = [before.get(id), points.get(id)];
    const cpuMilli = [...(trail?.cpuMilli ?? []), point?.cpuMilli].slice(-TRAIL_SLOTS);
    if (cpuMilli.every((value) => value === undefined)) continue;
    next.set(id, { cpuMilli, memoryBytes: [...(trail?.memoryBytes ?? []), point?.memoryBytes].slice(-TRAIL_SLOTS) });
  }
  return next;
}
