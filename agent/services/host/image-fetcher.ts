import { ShoalError } from '../../../protocol/errors.ts';
import type { PullProgress } from '../../../protocol/schemas/host.ts';
import type { ResolvedSpec } from '../../../protocol/schemas/version.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine, EngineImage } from '../../ports/engine.ts';
import type { HostImages } from './options.ts';

/** Progress is passed on at most this often: each change of it travels through the mesh. */
const PROGRESS_EVERY_MS = 500;
/** An auction does not wait longer for a busy engine. */
const ANSWER_MS = 500;
/** An award comes right after its ask: what the engine had then need not be looked for again. */
const SEEN_MS = 2_000;

interface Waiter {
  readonly onProgress: (progress: PullProgress) => void;
  readonly end: PromiseWithResolvers<EngineImage>;
}

interface Fetch {
  readonly waiters: Set<Waiter>;
  readonly cancel: AbortController;
  lastProgressMs: number;
}

/** Brings images to the engine: one look and one pull per image, however many containers wait for it. */
export class ImageFetcher {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #mesh: Pick<HostImages, 'engineReference' | 'progressOf'> | undefined;
  readonly #fetches = new Map<string, Fetch>();
  readonly #looks = new Map<string, Promise<boolean | undefined>>();
  #lastSeen: { readonly reference: string; readonly atMs: number; readonly image: EngineImage } | undefined;

  /** @param mesh how images come through the mesh; without it engines pull by themselves */
  constructor(engine: Engine, clock: Clock, mesh?: Pick<HostImages, 'engineReference' | 'progressOf'>) {
    this.#engine = engine;
    this.#clock = clock;
    this.#mesh = mesh;
  }

  /** What the engine calls the image of a spec. */
  engineName({ image, resolvedImage }: Pick<ResolvedSpec, 'image' | 'resolvedImage'>): string {
    if (resolvedImage === undefined) return image;
    return this.#mesh?.engineReference(resolvedImage) ?? resolvedImage;
  }

  /** How far its layers are, as this host's part of the mesh knows; undefined when it does not bring them. */
  progressOf({ resolvedImage }: Pick<ResolvedSpec, 'resolvedImage'>): PullProgress | undefined {
    return resolvedImage === undefined ? undefined : this.#mesh?.progressOf(resolvedImage);
  }

  /** Whether the engine has it now; undefined when the engine does not say soon. Those who ask at once share one look. */
  has(reference: string): Promise<boolean | undefined> {
    const known = this.#looks.get(reference);
    if (known !== undefined) return known;
    const look = this.#look(reference).finally(() => this.#looks.delete(reference));
    this.#looks.set(reference, look);
    return look;
  }

  async #look(reference: string): Promise<boolean | undefined> {
    const deadline = new AbortController();
    const cancel = this.#clock.after(ANSWER_MS, () => deadline.abort());
    try {
      const image = await this.#engine.findImage(reference, deadline.signal);
      if (image !== undefined) this.#lastSeen = { reference, atMs: this.#clock.monotonicMs(), image };
      return image !== undefined;
    } catch (error) {
      if (error instanceof ShoalError) return undefined;
      throw error;
    } finally {
      cancel();
    }
  }

  /**
   * Resolves with what the image brings along once the engine has it. `onProgress` is called only when it has to be pulled.
   * When the last waiter aborts, the pull ends.
   *
   * @throws ShoalError of the engine, or the signal's reason
   */
  async ensure(
    reference: string,
    onProgress: (progress: PullProgress) => void,
    signal: AbortSignal,
  ): Promise<EngineImage> {
    signal.throwIfAborted();
    // An auction may have begun to look a moment ago.
    await this.#looks.get(reference);
    const seen = this.#seen(reference);
    if (seen !== undefined) return seen;
    const fetch = this.#fetches.get(reference) ?? this.#begin(reference);
    const waiter: Waiter = { onProgress, end: Promise.withResolvers<EngineImage>() };
    fetch.waiters.add(waiter);
    const leave = () => {
      fetch.waiters.delete(waiter);
      if (fetch.waiters.size === 0) this.#drop(reference, fetch);
      waiter.end.reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await waiter.end.promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #seen(reference: string): EngineImage | undefined {
    const seen = this.#lastSeen;
    if (seen?.reference !== reference || this.#clock.monotonicMs() - seen.atMs > SEEN_MS) return undefined;
    return seen.image;
  }

  #begin(reference: string): Fetch {
    const fetch: Fetch = {
      waiters: new Set(),
      cancel: new AbortController(),
      lastProgressMs: Number.NEGATIVE_INFINITY,
    };
    this.#fetches.set(reference, fetch);
    this.#fetch(reference, fetch).then(
      (image) => this.#end(reference, fetch, (waiter) => waiter.end.resolve(image)),
      (error: unknown) => this.#end(reference, fetch, (waiter) => waiter.end.reject(error)),
    );
    return fetch;
  }

  async #fetch(reference: string, fetch: Fetch): Promise<EngineImage> {
    const { signal } = fetch.cancel;
    const known = await this.#engine.findImage(reference, signal);
    if (known !== undefined) return known;
    this.#tell(fetch, { bytes: 0, totalBytes: 0 });
    await this.#engine.pull(reference, (progress) => this.#tell(fetch, progress), signal);
    const pulled = await this.#engine.findImage(reference, signal);
    if (pulled === undefined) throw new ShoalError('image-not-found', `${reference} was pulled and is gone again`);
    return pulled;
  }

  #tell(fetch: Fetch, progress: PullProgress): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - fetch.lastProgressMs < PROGRESS_EVERY_MS) return;
    fetch.lastProgressMs = nowMs;
    for (const waiter of fetch.waiters) waiter.onProgress(progress);
  }

  #drop(reference: string, fetch: Fetch): void {
    fetch.cancel.abort();
    if (this.#fetches.get(reference) === fetch) this.#fetches.delete(reference);
  }

  #end(reference: string, fetch: Fetch, tell: (waiter: Waiter) => void): void {
    if (this.#fetches.get(reference) === fetch) this.#fetches.delete(reference);
    for (const waiter of fetch.waiters) tell(waiter);
  }
}
