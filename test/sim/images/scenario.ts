import { expect } from 'vitest';
import { stewardOf } from '../../../agent/core/rendezvous.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { invariant } from '../framework/invariants.ts';
import { runSeed } from '../framework/seeds.ts';
import { pieceSizeOf } from './content.ts';
import type { SwarmHost } from './swarm-host.ts';
import { type HostPlan, SwarmWorld, type SwarmWorldOptions } from './swarm-world.ts';

export const MiB = 1024 * 1024;
/** Bytes per millisecond of so many Mbit/s. */
export const mbit = (rate: number): number => (rate * 1e6) / 8 / 1_000;

export const equalHosts = (count: number, plan: Partial<HostPlan> = {}): HostPlan[] =>
  Array.from({ length: count }, () => ({ upRate: mbit(100), downRate: mbit(100), ...plan }));

/** A world of 100 Mbit/s links; everything that is not given is usual. */
export const worldOf = (seed: number, hosts: readonly HostPlan[], rest: Partial<SwarmWorldOptions> = {}): SwarmWorld =>
  new SwarmWorld({
    seed,
    hosts,
    sizeBytes: 64 * MiB,
    originRate: mbit(100),
    origin: 'docker.io/library/web',
    latencyMs: 2,
    ...rest,
  });

/** Runs one scenario of one seed. */
export const run = (file: string, seed: number, world: SwarmWorld, scenario: (world: SwarmWorld) => void): void =>
  runSeed(seed, `test/sim/images/${file}`, world.trace, () => scenario(world));

export const honest = (world: SwarmWorld): SwarmHost[] => world.hosts.filter(({ manner }) => manner === 'honest');

export const wantAll = (world: SwarmWorld): void => {
  for (const host of world.hosts) host.want();
};

/** All of them have the whole; how long it took from the start of the simulation. Milliseconds. */
export function expectWhole(world: SwarmWorld, hosts: readonly SwarmHost[], atMostMs = 300_000): number {
  const atMs = world.runUntil(() => hosts.every(({ isWhole }) => isWhole), atMostMs);
  const lacking = hosts.filter(({ isWhole }) => !isWhole).map(({ id, disk }) => `${id} has ${disk.size}`);
  expect(lacking, 'hosts that lack pieces').toEqual([]);
  for (const { disk } of hosts)
    for (const [piece, hash] of disk) invariant(hash === world.content.sha256[piece], 'the right bytes', () => '');
  return atMs ?? 0;
}

/** The part of all pieces that all hosts need that is there. */
const progressOf = (hosts: readonly SwarmHost[], { content }: SwarmWorld): number =>
  hosts.reduce((sum, { disk }) => sum + disk.size, 0) / hosts.length / content.sha256.length;

export function runUntilProgress(world: SwarmWorld, share: number): void {
  const atMs = world.runUntil(() => progressOf(honest(world), world) >= share, 120_000);
  expect(atMs, `${share} of the pieces arrive`).toBeDefined();
}

/** In charge of the blob while all are there. */
export const trackerOf = (world: SwarmWorld): SwarmHost =>
  world.host(
    stewardOf(
      world.content.digest,
      world.hosts.map(({ id }) => id),
    ) ?? ('' as HostId),
  );

/** Bytes that are lost with this host: what is on no other one that runs, and what is on its way from the upstream. */
export function lostWith(world: SwarmWorld, victim: SwarmHost): number {
  const others = world.hosts.filter((host) => host !== victim && host.isUp);
  const lost = [...victim.disk.keys()].filter((piece) => !others.some(({ disk }) => disk.has(piece)));
  const open = pieceSizeOf(world.content, 0);
  return lost.reduce((sum, piece) => sum + pieceSizeOf(world.content, piece), 0) + open;
}
