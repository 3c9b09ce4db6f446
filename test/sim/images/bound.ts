import { pieceCountOf } from '../../../agent/core/images/pieces.ts';
import type { HostPlan } from './swarm-world.ts';

/**
 * No schedule that takes one copy from the upstream can be faster: it has to leave the upstream, arrive at the slowest, and
 * be sent once to each other host. Milliseconds; rates in bytes per millisecond.
 */
export function fluidBoundMs(sizeBytes: number, originRate: number, hosts: readonly HostPlan[]): number {
  const up = hosts.reduce((sum, { upRate }) => sum + upRate, 0);
  const down = Math.min(...hosts.map(({ downRate }) => downRate));
  return Math.max(sizeBytes / originRate, sizeBytes / down, ((hosts.length - 1) * sizeBytes) / up);
}

/** The same with pieces: a host passes on whole ones only (Mundinger, Weber, Weiss 2008). */
export const boundMs = (sizeBytes: number, originRate: number, hosts: readonly HostPlan[]): number =>
  fluidBoundMs(sizeBytes, originRate, hosts) * (1 + Math.floor(Math.log2(hosts.length)) / pieceCountOf(sizeBytes));
