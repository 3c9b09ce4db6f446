import { ShoalError } from '../../../protocol/errors.ts';
import type { ContainerId } from '../../../protocol/ids.ts';
import type { ContainerState } from '../../../protocol/schemas/host.ts';
import { type UsageHistory, usageSpanMs } from '../../../protocol/schemas/usage.ts';
import { History, type UsageSample, usageFields } from '../../core/usage/history.ts';
import { sampleOf } from '../../core/usage/rates.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { UsageCounters, UsageMeter } from '../../ports/usage-meter.ts';

/** Milliseconds between looks: the finest step of a history. */
const SAMPLE_MS = 5_000;
/** A container that is gone keeps its history so long: its last minutes tell why. Milliseconds. */
const GONE_MS = 30 * 60_000;

/** Newest numbers of one thing. */
export interface Newest {
  readonly atMs: number;
  readonly sample: UsageSample;
}

interface Track {
  readonly history: History;
  /** What tells one run of a container from the next, and its first process. */
  run: string;
  pid: number | undefined;
  counters: UsageCounters | undefined;
  /** Monotonic. */
  readAtMs: number;
  newest: Newest | undefined;
}

export interface SamplerParts {
  readonly meter: UsageMeter;
  readonly engine: Pick<Engine, 'inspect'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly containers: () => readonly ContainerState[];
}

/** Looks at what this host and its containers use, and remembers a day of it in memory. */
export class UsageSampler {
  readonly #parts: SamplerParts;
  readonly #host = newTrack();
  readonly #containers = new Map<ContainerId, Track>();
  readonly #stopped = new AbortController();
  #stopTicking = () => {};
  #isLooking = false;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopTicking = this.#parts.clock.every(SAMPLE_MS, () => void this.#look());
    void this.#look();
  }

  stop(): void {
    this.#stopTicking();
    this.#stopped.abort();
  }

  get host(): Newest | undefined {
    return this.#host.newest;
  }

  /** Those that run now. */
  get containers(): ReadonlyMap<ContainerId, Newest> {
    const { clock } = this.#parts;
    const found = new Map<ContainerId, Newest>();
    for (const [id, { newest, readAtMs }] of this.#containers) {
      if (newest !== undefined && clock.monotonicMs() - readAtMs < 3 * SAMPLE_MS) found.set(id, newest);
    }
    return found;
  }

  /** @throws ShoalError not-found */
  history(containerId: ContainerId | undefined, sinceMs: number, stepMs?: number): UsageHistory {
    const track = containerId === undefined ? this.#host : this.#containers.get(containerId);
    if (track === undefined) throw new ShoalError('not-found', 'Nothing is known of what this container uses.');
    const nowMs = this.#parts.clock.nowMs();
    const columns = track.history.columns(Math.max(sinceMs, nowMs - usageSpanMs), nowMs, stepMs);
    const named = usageFields.map((field, index) => [field, columns.values[index] ?? []] as const);
    return {
      stepMs: columns.stepMs,
      atMs: columns.atMs,
      ...(Object.fromEntries(named) as Omit<UsageHistory, 'stepMs' | 'atMs'>),
    };
  }

  /** A look that takes longer than the time between two leaves the next one out. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { meter, containers, clock, log } = this.#parts;
    try {
      this.#note(this.#host, await meter.host());
      for (const container of containers()) {
        if (this.#stopped.signal.aborted) return;
        if (container.phase === 'running' && container.engineId !== undefined) await this.#lookAt(container);
      }
      for (const [id, { readAtMs }] of this.#containers) {
        if (clock.monotonicMs() - readAtMs > GONE_MS) this.#containers.delete(id);
      }
    } catch (error) {
      log.debug({ error }, 'what is used could not be read');
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookAt({ id, engineId = '', startedAt = '' }: ContainerState): Promise<void> {
    const { meter, engine, clock } = this.#parts;
    const track = this.#containers.get(id) ?? newTrack();
    this.#containers.set(id, track);
    track.readAtMs ||= clock.monotonicMs();
    const run = `${engineId} ${startedAt}`;
    if (track.run !== run || track.pid === undefined) {
      track.pid = (await engine.inspect(engineId, this.#stopped.signal).catch(() => undefined))?.pid;
      track.run = run;
    }
    const counters = track.pid === undefined ? undefined : await meter.container(track.pid);
    if (counters === undefined) track.pid = undefined;
    else this.#note(track, counters);
  }

  #note(track: Track, counters: UsageCounters): void {
    const { clock } = this.#parts;
    const readAtMs = clock.monotonicMs();
    if (track.counters !== undefined) {
      const sample = sampleOf(track.counters, counters, readAtMs - track.readAtMs);
      track.newest = { atMs: clock.nowMs(), sample };
      track.history.add(clock.nowMs(), sample);
    }
    track.counters = counters;
    track.readAtMs = readAtMs;
  }
}

const newTrack = (): Track => ({
  history: new History(),
  run: '',
  pid: undefined,
  counters: undefined,
  readAtMs: 0,
  newest: undefined,
});
