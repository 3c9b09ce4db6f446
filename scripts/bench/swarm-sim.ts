import { pieceBytesOf, pieceCountOf } from '../../agent/core/images/pieces.ts';
import { boundMs, fluidBoundMs } from '../../test/sim/images/bound.ts';
import { type HostPlan, SwarmWorld } from '../../test/sim/images/swarm-world.ts';
import { isQuick, median, round, runs, writeResults } from './lib/results.ts';

/**
 * The real cores of the swarm on simulated links of 100 Mbit/s: how long it takes until N hosts that want a blob at the same
 * moment have it, compared with the fluid bound, what leaves the upstream, and what it costs in messages. The time is virtual.
 * Sizes of blobs give sizes of pieces (`core/images/pieces.ts`), from few small ones to many large ones.
 */
const HOSTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 500] as const;
const MiB = 1024 * 1024;
const SIZES_MIB = [4, 16, 64, 200, 1_024] as const;
/** 100 Mbit/s in bytes per millisecond. */
const RATE = 12_500;
const AT_MOST_MS = 3_600_000;

export interface SwarmSimResults {
  readonly hosts: number;
  readonly mebibytes: number;
  readonly pieceKiB: number;
  readonly pieces: number;
  /** Until the last host has it, median of the runs. Milliseconds of virtual time. */
  readonly lastMs: number;
  readonly medianHostMs: number;
  /** Parts of the fluid bound, and of the same with whole pieces. */
  readonly ofFluidBound: number;
  readonly ofBound: number;
  readonly originCopies: number;
  /** Bytes from peers that were for nothing, as a share. */
  readonly wasted: number;
  readonly messagesPerHost: number;
}

function measureOnce(hosts: readonly HostPlan[], sizeBytes: number, seed: number) {
  const origin = 'docker.io/library/web';
  const world = new SwarmWorld({ seed, hosts, sizeBytes, originRate: RATE, origin, latencyMs: 2 });
  for (const host of world.hosts) host.want();
  const lastMs = world.runUntil(() => world.hosts.every(({ isWhole }) => isWhole), AT_MOST_MS);
  return {
    lastMs: lastMs ?? Number.POSITIVE_INFINITY,
    medianHostMs: median(world.hosts.map(({ wholeAtMs }) => wholeAtMs ?? Number.POSITIVE_INFINITY)),
    originCopies: world.originBytes / sizeBytes,
    wasted: world.wastedBytes / Math.max(1, world.peerBytes),
    messages: world.messages / hosts.length,
  };
}

/** All measurements for one number of hosts and one size. */
export function measure(count: number, mebibytes: number): SwarmSimResults {
  const hosts = Array.from({ length: count }, () => ({ upRate: RATE, downRate: RATE }));
  const sizeBytes = mebibytes * MiB;
  const all = Array.from({ length: runs(count > 100 ? 1 : 5) }, (_, index) => measureOnce(hosts, sizeBytes, 1 + index));
  const lastMs = median(all.map((one) => one.lastMs));
  return {
    hosts: count,
    mebibytes,
    pieceKiB: pieceBytesOf(sizeBytes) / 1_024,
    pieces: pieceCountOf(sizeBytes),
    lastMs: round(lastMs),
    medianHostMs: round(median(all.map((one) => one.medianHostMs))),
    ofFluidBound: round(lastMs / fluidBoundMs(sizeBytes, RATE, hosts), 3),
    ofBound: round(lastMs / boundMs(sizeBytes, RATE, hosts), 3),
    originCopies: round(Math.max(...all.map((one) => one.originCopies)), 3),
    wasted: round(Math.max(...all.map((one) => one.wasted)), 4),
    messagesPerHost: round(median(all.map((one) => one.messages))),
  };
}

/** One JSON line per number of hosts and size. */
export function run(hosts: readonly number[] = HOSTS): readonly SwarmSimResults[] {
  const sizes = isQuick ? SIZES_MIB.slice(1, 3) : SIZES_MIB;
  return sizes.flatMap((mebibytes) =>
    hosts.map((count) => {
      const results = measure(count, mebibytes);
      console.log(JSON.stringify(results));
      return results;
    }),
  );
}

if (import.meta.main) {
  const hosts = process.argv.slice(2).map(Number);
  writeResults('swarm-sim', { swarms: run(hosts.length > 0 ? hosts : undefined) });
}
