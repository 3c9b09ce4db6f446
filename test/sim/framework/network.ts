import { exponential, type Rng } from './rng.ts';

export interface NetworkOptions {
  /** One way, every packet. Milliseconds. */
  readonly delayMinMs: number;
  /** Mean of the exponential part on top; any spread reorders packets. Milliseconds. */
  readonly delayMeanMs: number;
  readonly lossProbability: number;
  /** Chance that a packet arrives once more, later. */
  readonly duplicateProbability: number;
}

/** A switched network on a good day. */
export const calmNetwork: NetworkOptions = {
  delayMinMs: 1,
  delayMeanMs: 4,
  lossProbability: 0,
  duplicateProbability: 0,
};

/** A quarter of the packets lost, some twice, most out of order. */
export const roughNetwork: NetworkOptions = {
  delayMinMs: 1,
  delayMeanMs: 30,
  lossProbability: 0.25,
  duplicateProbability: 0.05,
};

const direction = (from: string, to: string): string => `${from}>${to}`;

/** Decides the fate of each packet. Faults last until they are undone. */
export class Network {
  options: NetworkOptions;
  readonly #rng: Rng;
  readonly #cut = new Set<string>();
  readonly #clogged = new Map<string, number>();
  #side: ReadonlyMap<string, number> | undefined;
  #isOneWay = false;

  constructor(options: NetworkOptions, rng: Rng) {
    this.options = options;
    this.#rng = rng;
  }

  /** Delays in milliseconds after which copies of a packet arrive; none when it is lost. */
  route(from: string, to: string, nowMs: number): readonly number[] {
    if (!this.canReach(from, to)) return [];
    if (this.#rng() < this.options.lossProbability) return [];
    const clogMs = Math.max(0, (this.#clogged.get(direction(from, to)) ?? 0) - nowMs);
    const delays = [clogMs + this.#delayMs()];
    if (this.#rng() < this.options.duplicateProbability) delays.push(clogMs + 2 * this.#delayMs());
    return delays;
  }

  /** Whether packets in this direction have a way at all. */
  canReach(from: string, to: string): boolean {
    if (this.#cut.has(direction(from, to))) return false;
    if (this.#side === undefined) return true;
    const fromSide = this.#side.get(from) ?? 0;
    const toSide = this.#side.get(to) ?? 0;
    return this.#isOneWay ? fromSide <= toSide : fromSide === toSide;
  }

  /** Only members of the same group hear each other; with `isOneWay` earlier groups are still heard by later ones. */
  partition(groups: readonly (readonly string[])[], isOneWay = false): void {
    this.#side = new Map(groups.flatMap((group, side) => group.map((id) => [id, side] as const)));
    this.#isOneWay = isOneWay;
  }

  /** Cuts one direction of one pair. */
  cut(from: string, to: string): void {
    this.#cut.add(direction(from, to));
  }

  /** Holds back everything in one direction of one pair until then. */
  clog(from: string, to: string, untilMs: number): void {
    this.#clogged.set(direction(from, to), untilMs);
  }

  /** Ends partitions, cuts and clogs. */
  heal(): void {
    this.#side = undefined;
    this.#cut.clear();
    this.#clogged.clear();
  }

  #delayMs(): number {
    return this.options.delayMinMs + exponential(this.#rng, this.options.delayMeanMs);
  }
}
