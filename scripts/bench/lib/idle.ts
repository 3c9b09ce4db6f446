import { setTimeout as delay } from 'node:timers/promises';
import type { RealHost } from '../../../test/framework/real-host.ts';
import { agentPid, cableBytes, cpuMs, memoryOf } from './agent-process.ts';
import { median, quiet, round } from './results.ts';

const MiB = 1024 ** 2;

/**
 * What a process on each host costs while nothing happens, as the median of the hosts. Bytes are all those on the host's
 * cable, both ways together, so with encryption, TCP and its acknowledgements.
 */
export async function measureIdle(
  hosts: readonly RealHost[],
  seconds: number,
  pidOf: (host: RealHost) => number = agentPid,
) {
  await quiet();
  const before = hosts.map(pidOf).map((pid) => ({ pid, cpuMs: cpuMs(pid), bytes: cableBytes(pid) }));
  const startMs = performance.now();
  await delay(seconds * 1_000);
  const passedMs = performance.now() - startMs;
  const after = before.map(({ pid, cpuMs: cpuBeforeMs, bytes }) => ({
    cpuPercent: (100 * (cpuMs(pid) - cpuBeforeMs)) / passedMs,
    bytesPerSecond: (1_000 * (cableBytes(pid) - bytes)) / passedMs,
    ...memoryOf(pid),
  }));
  return {
    seconds,
    cpuPercent: round(median(after.map((each) => each.cpuPercent)), 2),
    cableBytesPerSecond: round(median(after.map((each) => each.bytesPerSecond))),
    rssMiB: round(median(after.map((each) => each.rssBytes / MiB)), 1),
    pssMiB: round(median(after.map((each) => each.pssBytes / MiB)), 1),
    rssMiBMax: round(Math.max(...after.map((each) => each.rssBytes / MiB)), 1),
    cpuPercentMax: round(Math.max(...after.map((each) => each.cpuPercent)), 2),
  };
}
