import { pickSome } from '../../../agent/core/order.ts';

/** Uniform in [0, 1). The only source of chance in a simulation. */
export type Rng = () => number;

/** Mulberry32: 32 bits of state, so a seed of four bytes names a whole run. */
export function makeRng(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** A stream of its own, so that one actor's draws don't shift another's. */
export const forkRng = (rng: Rng): Rng => makeRng(Math.floor(rng() * 0x1_0000_0000));

/** Integer in [min, max], both included. */
export const intBetween = (rng: Rng, min: number, max: number): number => min + Math.floor(rng() * (max - min + 1));

/** Exponentially distributed with this mean: the delays of a network. */
export const exponential = (rng: Rng, mean: number): number => -Math.log(1 - rng()) * mean;

/** `count` different items in random order, all when there are fewer. Leaves `items` as it is. */
export const sample = <T>(rng: Rng, items: readonly T[], count: number): T[] => pickSome(items, count, rng);
