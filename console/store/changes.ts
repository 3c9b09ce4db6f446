import { effect, signal } from '@preact/signals';
import { open } from '../api/client.ts';
import { EventStreamParser } from '../api/event-stream.ts';
import { problemOf } from '../api/problem.ts';
import { retryDelayMs } from './retry.ts';
import { token } from './session.ts';
import { watchedOf } from './watched.ts';

export type Topic = 'hosts' | 'containers' | 'apps' | 'operations' | 'events' | 'members' | 'images';

/** The member that serves this page, and what it sees. */
export interface ServedBy {
  readonly hostId: string;
  readonly hostName: string;
  readonly meshId: string;
  readonly agentVersion: string;
  readonly alive: number;
  readonly members: number;
  readonly isolated: boolean;
}

/** `live`: what is shown is what the member knows. Otherwise since when it may be old. */
export type Liveness =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'reconnecting'; readonly sinceMs: number; readonly tries: number };

export const liveness = signal<Liveness>({ state: 'connecting' });
export const servedBy = signal<ServedBy | undefined>(undefined);

/** The stream has a heartbeat every 15 s: after this long without one the connection is dead, whatever TCP thinks. */
const SILENCE_MS = 35_000;
const CONNECT_MS = 10_000;
const LOOK_MS = 1_000;

const isWatched = watchedOf(document);

type Listener = (topics: ReadonlySet<Topic>) => void;
const listeners = new Set<Listener>();

/** Calls back when something of these topics may look different; returns what ends it. */
export function onChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Follows the changes as long as somebody is signed in and may be looking: the one stream of this tab. */
export function followChanges(): () => void {
  return effect(() => {
    if (token.value === undefined || !isWatched.value) {
      liveness.value = { state: 'connecting' };
      return;
    }
    const over = new AbortController();
    void keepFollowing(over.signal);
    return () => over.abort();
  });
}

async function keepFollowing(over: AbortSignal): Promise<void> {
  for (let tries = 0; !over.aborted; tries++) {
    const startMs = Date.now();
    await follow(over).catch(problemOf);
    if (over.aborted) return;
    if (Date.now() - startMs > SILENCE_MS || liveness.peek().state === 'live') tries = 0;
    const before = liveness.peek();
    const sinceMs = before.state === 'reconnecting' ? before.sinceMs : Date.now();
    liveness.value = { state: 'reconnecting', sinceMs, tries: tries + 1 };
    await wait(retryDelayMs(tries, Math.random()), over);
  }
}

async function follow(over: AbortSignal): Promise<void> {
  const silence = new AbortController();
  let patienceMs = CONNECT_MS;
  let heardMs = Date.now();
  // By the clock, not by a long timer: a machine that slept finds out when it wakes.
  const watch = setInterval(() => {
    if (Date.now() - heardMs > patienceMs) silence.abort();
  }, LOOK_MS);
  try {
    const signal = AbortSignal.any([over, silence.signal]);
    const { body } = await open('GET', '/v1/changes', { signal }, 24 * 3_600_000);
    if (body === null) return;
    patienceMs = SILENCE_MS;
    const parser = new EventStreamParser();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      heardMs = Date.now();
      for (const { event, data } of parser.push(next.value)) if (event === 'changes') take(JSON.parse(data));
    }
  } finally {
    clearInterval(watch);
    silence.abort();
  }
}

function take({ topics, ...served }: ServedBy & { readonly topics: readonly Topic[] }): void {
  const known = servedBy.peek();
  if (known === undefined || JSON.stringify(known) !== JSON.stringify(served)) servedBy.value = served;
  liveness.value = liveness.peek().state === 'live' ? liveness.peek() : { state: 'live' };
  const changed = new Set(topics);
  for (const listener of [...listeners]) listener(changed);
}

/** Also ends when the tab is shown again or the network is back: nobody should have to wait for a timer then. */
function wait(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', done);
      window.removeEventListener('online', done);
      document.removeEventListener('visibilitychange', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    over.addEventListener('abort', done);
    window.addEventListener('online', done);
    document.addEventListener('visibilitychange', done);
  });
}
