import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../../protocol/schemas/common.ts';
import { get } from '../api/client.ts';
import { type Followed, getAll, getChanges } from '../api/pages.ts';
import { problemOf } from '../api/problem.ts';
import { onChange, type Topic } from './changes.ts';
import { reuse, reuseOne } from './reuse.ts';

/** Something of the API as it was read last. */
export interface Reading<T> {
  readonly value: T | undefined;
  /** Why the last try failed; an earlier value stays. */
  readonly problem: Problem | undefined;
}

/** Changes come 20 times a second at most; a person sees five. Milliseconds. */
const PACE_MS = 200;
/** Reading takes at most a quarter of the time, however long one takes. */
const REST_FACTOR = 3;
/** After a failure. Milliseconds. */
const RETRY_MS = 3_000;
/** Kept after its last reader has gone: going back to a screen shows at once what it showed. */
const KEPT_MAX = 40;

/** A path of the API that is read again whenever its topics change, as long as something shows it. */
class Resource<T> {
  readonly #reading = signal<Reading<T>>({ value: undefined, problem: undefined });
  readonly #read: (signal: AbortSignal, previous: T | undefined) => Promise<T>;
  readonly #topics: ReadonlySet<Topic>;
  #readers = 0;
  #stop: (() => void) | undefined;
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStale = true;
  #nextMs = 0;

  constructor(topics: readonly Topic[], read: (signal: AbortSignal, previous: T | undefined) => Promise<T>) {
    this.#topics = new Set(topics);
    this.#read = read;
  }

  get reading(): ReadonlySignal<Reading<T>> {
    return this.#reading;
  }

  get isIdle(): boolean {
    return this.#readers === 0;
  }

  /** Keeps it current until the returned function is called. */
  acquire(): () => void {
    this.#readers += 1;
    if (this.#readers === 1) this.#start();
    return () => {
      this.#readers -= 1;
      if (this.#readers === 0) this.#end();
    };
  }

  /** Reads it again, soon. */
  refresh(): void {
    this.#isStale = true;
    if (this.#readers === 0 || this.#abort !== undefined) return;
    this.#timer ??= setTimeout(() => void this.#load(), Math.max(0, this.#nextMs - Date.now()));
  }

  #start(): void {
    this.#stop = onChange((topics) => {
      if ([...this.#topics].some((topic) => topics.has(topic))) this.refresh();
    });
    this.#nextMs = 0;
    this.refresh();
  }

  #end(): void {
    this.#stop?.();
    this.#stop = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#abort?.abort();
    this.#abort = undefined;
  }

  async #load(): Promise<void> {
    this.#timer = undefined;
    this.#isStale = false;
    const abort = new AbortController();
    this.#abort = abort;
    const startMs = Date.now();
    const { value: previous } = this.#reading.peek();
    try {
      const value = await this.#read(abort.signal, previous);
      if (abort.signal.aborted) return;
      if (value !== previous || this.#reading.peek().problem !== undefined)
        this.#reading.value = { value, problem: undefined };
    } catch (error) {
      if (abort.signal.aborted) return;
      const problem = problemOf(error);
      this.#reading.value = { value: previous, problem };
      this.#isStale ||= problem.retryable;
    }
    this.#abort = undefined;
    const restMs = this.#reading.peek().problem === undefined ? PACE_MS : RETRY_MS;
    this.#nextMs = Date.now() + Math.max(restMs, REST_FACTOR * (Date.now() - startMs));
    if (this.#isStale) this.refresh();
  }
}

/** By path. The path says the type. */
const resources = new Map<string, Resource<unknown>>();

function resourceOf<T>(key: string, make: () => Resource<T>): Resource<T> {
  const known = (resources.get(key) as Resource<T> | undefined) ?? make();
  resources.delete(key);
  resources.set(key, known as Resource<unknown>);
  for (const [oldKey, { isIdle }] of resources) {
    if (resources.size <= KEPT_MAX) break;
    if (isIdle && oldKey !== key) resources.delete(oldKey);
  }
  return known;
}

/** Forgets everything read: whoever signs in next may see less. */
export function forgetAll(): void {
  resources.clear();
}

/** Reads a list while the component is shown, all its pages. */
export function useList<T>(path: string, topics: readonly Topic[], keyOf: (item: T) => string): Reading<readonly T[]> {
  const make = () =>
    new Resource<readonly T[]>(topics, async (signal, previous) =>
      reuse(previous, await getAll<T>(path, signal), keyOf),
    );
  return useResource(path, make);
}

/**
 * Reads a list that tells its changes while the component is shown: all of it once, then only what is new. For long lists that
 * change all the time.
 */
export function useFollowed<T>(
  path: string,
  topics: readonly Topic[],
  keyOf: (item: T) => string,
): Reading<readonly T[]> {
  const make = () => {
    let followed: Followed<T> | undefined;
    return new Resource<readonly T[]>(topics, async (signal, previous) => {
      const next = await getChanges<T>(path, followed, keyOf, signal);
      followed = { ...next, items: reuse(previous, next.items, keyOf) };
      return followed.items;
    });
  };
  return useResource(path, make);
}

/** Reads one thing while the component is shown. */
export function useItem<T>(path: string, topics: readonly Topic[]): Reading<T> {
  const make = () =>
    new Resource<T>(topics, async (signal, previous) => reuseOne(previous, await get<T>(path, signal)));
  return useResource(path, make);
}

/**
 * Reads several things as one while the component is shown. What can't be read is undefined; it is a problem when nothing can be.
 * `refresh` and `usePolling` know them by their paths with blanks between.
 */
export function useEach<T>(paths: readonly string[]): Reading<readonly (T | undefined)[]> {
  const make = () =>
    new Resource<readonly (T | undefined)[]>([], async (signal) => {
      const answers = await Promise.allSettled(paths.map((path) => get<T>(path, signal)));
      const failed = answers.find((answer) => answer.status === 'rejected');
      if (failed !== undefined && answers.every(({ status }) => status === 'rejected')) throw failed.reason;
      return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined));
    });
  // The blank behind keeps one path apart from the same as `useItem` reads it.
  return useResource(`${paths.join(' ')} `, make);
}

/** Reads one thing anew, and keeps it as it was then: what somebody types about must not change under them. */
export function useOnce<T>(path: string): Reading<T> {
  const [reading, setReading] = useState<Reading<T>>({ value: undefined, problem: undefined });
  useEffect(() => {
    const over = new AbortController();
    get<T>(path, over.signal)
      .then((value) => setReading({ value, problem: undefined }))
      .catch((error: unknown) => {
        if (!over.signal.aborted) setReading({ value: undefined, problem: problemOf(error) });
      });
    return () => over.abort();
  }, [path]);
  return reading;
}

function useResource<T>(key: string, make: () => Resource<T>): Reading<T> {
  const resource = resourceOf(key, make);
  useEffect(() => resource.acquire(), [resource]);
  return resource.reading.value;
}

/** Reads again what is shown of a path, after a change made here. */
export function refresh(prefix: string): void {
  for (const [key, resource] of resources) if (key.startsWith(prefix)) resource.refresh();
}

/** Keeps a reading current that nobody announces changes of: usage, which hosts sample and do not tell of. Milliseconds. */
export function usePolling(path: string, everyMs: number): void {
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && refresh(path), everyMs);
    return () => clearInterval(timer);
  }, [path, everyMs]);
}
