import { type Image, imageOf, randomLayer } from '../../../../test/framework/random-image.ts';
import { isQuick } from '../results.ts';
import type { Links } from './bounds.ts';

const MB = 1_000_000;
const SHRINK = isQuick ? 4 : 1;
const SLOW_SHARE = 0.2;

/** A way in which images come to hosts. */
export interface Scenario {
  readonly name: string;
  /** What everyone has before, and what is pulled then. A seed of its own makes it new to everyone. */
  readonly images: (seed: string) => { readonly known?: Image; readonly image: Image };
  readonly apartMs: number;
  readonly links: (hosts: number, mbit: number) => Links;
}

const equal = (hosts: number, mbit: number): Links => ({
  originMbit: mbit,
  hostMbit: Array.from({ length: hosts }, () => mbit),
});

const layersOf = (seed: string, count: number, megabytes: number) =>
  Array.from({ length: count }, (_, index) => randomLayer(`${seed}-${index}`, megabytes * MB));

/** The first is the promise; the others are what else happens. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'one layer',
    images: (seed) => ({ image: imageOf([randomLayer(seed, (200 * MB) / SHRINK)]) }),
    apartMs: 0,
    links: equal,
  },
  {
    name: 'many small layers',
    images: (seed) => ({ image: imageOf(layersOf(seed, 40 / SHRINK, 1)) }),
    apartMs: 0,
    links: equal,
  },
  {
    name: 'next version',
    images: (seed) => {
      const layers = layersOf(seed, 10, 8 / SHRINK);
      return {
        known: imageOf(layers),
        image: imageOf([...layers.slice(0, 8), ...layersOf(`${seed}-next`, 2, 8 / SHRINK)]),
      };
    },
    apartMs: 0,
    links: equal,
  },
  {
    name: 'staggered',
    images: (seed) => ({ image: imageOf([randomLayer(seed, (100 * MB) / SHRINK)]) }),
    apartMs: 2_000 / SHRINK,
    links: equal,
  },
  {
    name: 'one slow host',
    images: (seed) => ({ image: imageOf([randomLayer(seed, (48 * MB) / SHRINK)]) }),
    apartMs: 0,
    links: (hosts, mbit) => {
      const { originMbit, hostMbit } = equal(hosts - 1, mbit);
      return { originMbit, hostMbit: [...hostMbit, mbit * SLOW_SHARE] };
    },
  },
];
