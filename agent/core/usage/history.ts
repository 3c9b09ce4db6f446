/** One moment of usage in numbers, in the order of {@link usageFields}. */
export type UsageSample = readonly [number, number, number, number, number, number];

export const usageFields = [
  'cpuMilli',
  'memoryBytes',
  'receivedBytesPerS',
  'sentBytesPerS',
  'readBytesPerS',
  'writtenBytesPerS',
] as const;

/** How long each resolution is kept: 5 s for ten minutes, 30 s for two hours, 5 min for a day. */
const usageSteps = [
  { stepMs: 5_000, points: 120 },
  { stepMs: 30_000, points: 240 },
  { stepMs: 300_000, points: 288 },
] as const;

/** Columns of a history, oldest first. */
export interface UsageColumns {
  readonly stepMs: number;
  readonly atMs: number[];
  readonly values: readonly number[][];
}

/** A day of samples at falling resolution, in about 18 KiB. A coarser point is the mean of what fell into its step. */
export class History {
  readonly #rings = usageSteps.map(({ stepMs, points }) => new Ring(stepMs, points));

  add(atMs: number, sample: UsageSample): void {
    for (const ring of this.#rings) ring.add(atMs, sample);
  }

  /** @param stepMs of its resolutions; absent: the finest that goes back to `sinceMs` */
  columns(sinceMs: number, nowMs: number, stepMs?: number): UsageColumns {
    const fitting = this.#rings.find((ring) =>
      // A step more: a question about the last ten minutes takes a moment to get here.
      stepMs === undefined ? nowMs - sinceMs <= ring.spanMs + ring.stepMs : ring.stepMs === stepMs,
    );
    const ring = fitting ?? this.#rings.at(-1);
    if (ring === undefined) throw new Error('a history has rings');
    return ring.columns(sinceMs);
  }
}

/** The newest points of one resolution. Single floats: seven digits are more than a chart shows. */
class Ring {
  readonly stepMs: number;
  readonly #points: number;
  readonly #slots: Float64Array;
  readonly #values: Float32Array;
  readonly #counts: Uint16Array;

  constructor(stepMs: number, points: number) {
    this.stepMs = stepMs;
    this.#points = points;
    this.#slots = new Float64Array(points);
    this.#counts = new Uint16Array(points);
    this.#values = new Float32Array(points * usageFields.length);
  }

  get spanMs(): number {
    return this.stepMs * this.#points;
  }

  add(atMs: number, sample: UsageSample): void {
    const slot = Math.floor(atMs / this.stepMs);
    const at = slot % this.#points;
    // A clock that was set back must not write over what is newer in the same place for long: the newer write wins.
    if (this.#slots[at] !== slot) {
      this.#slots[at] = slot;
      this.#counts[at] = 0;
    }
    const count = (this.#counts[at] ?? 0) + 1;
    this.#counts[at] = count;
    sample.forEach((value, field) => {
      const place = at * usageFields.length + field;
      const before = count === 1 ? 0 : (this.#values[place] ?? 0);
      this.#values[place] = before + (value - before) / count;
    });
  }

  columns(sinceMs: number): UsageColumns {
    const order = [...this.#slots.keys()]
      .filter((at) => (this.#counts[at] ?? 0) > 0 && ((this.#slots[at] ?? 0) + 1) * this.stepMs > sinceMs)
      .sort((a, b) => (this.#slots[a] ?? 0) - (this.#slots[b] ?? 0));
    return {
      stepMs: this.stepMs,
      atMs: order.map((at) => (this.#slots[at] ?? 0) * this.stepMs),
      values: usageFields.map((_, field) => order.map((at) => this.#values[at * usageFields.length + field] ?? 0)),
    };
  }
}
