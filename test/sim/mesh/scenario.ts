import { describe, it } from 'vitest';
import type { HostId } from '../../../protocol/ids.ts';
import type { NetworkOptions } from '../framework/network.ts';
import { intBetween } from '../framework/rng.ts';
import { runSeed, seedsFor } from '../framework/seeds.ts';
import { MeshWorld } from './mesh-world.ts';
import { watchRules } from './rules.ts';

/** Twenty seeds for each kind of trouble, most of them where they are cheap. */
const sizes = {
  upTo300: [
    { members: 3, seeds: 12 },
    { members: 30, seeds: 7 },
    { members: 300, seeds: 1 },
  ],
  upTo30: [
    { members: 3, seeds: 12 },
    { members: 30, seeds: 8 },
  ],
} as const;

export interface Scenario {
  /** What it shows. */
  readonly name: string;
  readonly file: string;
  readonly network: NetworkOptions;
  readonly clockSkewMsMax?: number;
  /** The largest mesh takes seconds of computing, so each test file runs it once. */
  readonly sizes?: keyof typeof sizes;
  readonly run: (mesh: MeshWorld, members: number) => void;
}

/** Runs a scenario in meshes of several sizes; `base` keeps its seeds apart from those of others. */
export function scenario(
  base: number,
  { name, file, network, clockSkewMsMax = 0, sizes: which = 'upTo30', run }: Scenario,
): void {
  describe(name, () => {
    for (const [index, { members, seeds }] of sizes[which].entries()) {
      it.each(seedsFor(10 * base + index, seeds))(`${members} members, seed %i`, (seed) => {
        // A common start of hundreds is a storm of its own, which costs seconds of computing.
        const isSettled = members > 100;
        const skewMs = isSettled ? 0 : clockSkewMsMax;
        const mesh = new MeshWorld({ seed, members, network, clockSkewMsMax: skewMs, isSettled });
        watchRules(mesh);
        runSeed(seed, `test/sim/mesh/${file}`, mesh.world.trace, () => run(mesh, members));
      });
    }
  });
}

/** A random member. */
export function anyOf(mesh: MeshWorld, ids: readonly HostId[]): HostId {
  const id = ids[intBetween(mesh.world.rng, 0, ids.length - 1)];
  if (id === undefined) throw new Error('nobody to choose from');
  return id;
}

/** People and hosts go on: for a while a random member writes, and another one reports, every `everyMs`. */
export function keepBusy(mesh: MeshWorld, forMs: number, everyMs: number): void {
  const { world } = mesh;
  for (let atMs = everyMs; atMs < forMs; atMs += everyMs) {
    world.after(atMs, () => {
      const ids = mesh.running.map(({ hostId }) => hostId).sort();
      if (ids.length === 0) return;
      const writer = anyOf(mesh, ids);
      mesh.write(writer, `apps/shop/app-${intBetween(world.rng, 0, 9)}`, { at: Math.round(world.nowMs), by: writer });
      mesh.publishHost(anyOf(mesh, ids));
    });
  }
}
