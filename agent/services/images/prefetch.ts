import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { upstreamOf } from '../../../protocol/image-reference.ts';
import type { Descriptor, ManifestRecord } from '../../../protocol/schemas/image.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Holdings } from './holdings.ts';
import type { Swarm } from './swarm.ts';

/**
 * Layers brought ahead of those that an engine asks for: it asks for three at a time (moby's default), and each begins with
 * some round trips. More are sooner done and further from "bottom layer first".
 */
const AHEAD = 8;
/** A client that asks for nothing more in this time has given up, or has all it wants. */
const IDLE_MS = 5_000;
/** Images that were asked for here lately. */
const IMAGES_MAX = 64;

interface Served {
  readonly repository: string;
  readonly config: Digest | undefined;
  /** Layers from the bottom. */
  readonly parts: readonly Pick<Descriptor, 'digest' | 'sizeBytes'>[];
  readonly coming: Map<Digest, AbortController>;
  /** Requests for parts of it under way. */
  readers: number;
  cancelIdle: (() => void) | undefined;
}

export interface PrefetchParts {
  readonly swarm: Pick<Swarm, 'want'>;
  readonly holdings: Pick<Holdings, 'sizeOf'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Begins to bring the next layers of an image while a client reads the ones before them. */
export class Prefetch {
  readonly #parts: PrefetchParts;
  /** By manifest digest, the one asked for last at the end. */
  readonly #served = new Map<Digest, Served>();

  constructor(parts: PrefetchParts) {
    this.#parts = parts;
  }

  stop(): void {
    for (const image of this.#served.values()) this.#end(image);
    this.#served.clear();
  }

  /** A client was told what an image consists of. */
  told({ digest, repository, config, layers }: ManifestRecord): void {
    if (layers.length === 0) return;
    const known = this.#served.get(digest);
    this.#served.delete(digest);
    const fresh: Served = {
      repository,
      config: config?.digest,
      parts: layers,
      coming: new Map(),
      readers: 0,
      cancelIdle: undefined,
    };
    this.#served.set(digest, known ?? fresh);
    const [oldest] = this.#served.size > IMAGES_MAX ? this.#served : [];
    if (oldest === undefined) return;
    this.#end(oldest[1]);
    this.#served.delete(oldest[0]);
  }

  /** A client reads a part of an image, until the signal aborts or the returned function is called. */
  reading(repository: string, digest: Digest, signal: AbortSignal): () => void {
    const image = [...this.#served.values()].findLast(
      ({ repository: of, parts }) => of === repository && parts.some((part) => part.digest === digest),
    );
    // The config comes first, also for an engine that has all layers.
    if (image === undefined || signal.aborted || image.config === digest) return () => {};
    image.readers += 1;
    image.cancelIdle?.();
    const left = () => {
      signal.removeEventListener('abort', left);
      this.#left(image);
    };
    signal.addEventListener('abort', left);
    this.#advance(image, digest);
    return left;
  }

  #left(image: Served): void {
    image.readers -= 1;
    if (image.readers > 0) return;
    image.cancelIdle?.();
    image.cancelIdle = this.#parts.clock.after(IDLE_MS, () => this.#end(image));
  }

  #advance(image: Served, reached: Digest): void {
    const { swarm, holdings, log } = this.#parts;
    const from = image.parts.findIndex(({ digest }) => digest === reached) + 1;
    const origin = upstreamOf(image.repository) === undefined ? undefined : image.repository;
    for (const { digest, sizeBytes } of image.parts.slice(from, from + AHEAD)) {
      if (image.coming.has(digest) || holdings.sizeOf(digest) !== undefined) continue;
      const cancel = new AbortController();
      image.coming.set(digest, cancel);
      try {
        const { done } = swarm.want({ digest, sizeBytes, origin }, cancel.signal);
        // Whoever asks for it is told why it does not come.
        done.catch((error: unknown) => log.debug({ digest, error }, 'a layer could not be brought ahead'));
        done.finally(() => image.coming.delete(digest)).catch(() => undefined);
      } catch (error) {
        image.coming.delete(digest);
        if (!(error instanceof ShoalError)) throw error;
      }
    }
  }

  #end(image: Served): void {
    image.cancelIdle?.();
    for (const cancel of image.coming.values())
      cancel.abort(new ShoalError('cancelled', 'The client asks for no more.'));
    image.coming.clear();
  }
}
