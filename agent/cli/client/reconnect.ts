import { setTimeout as sleep } from 'node:timers/promises';
import { ApiFailure } from '../failure.ts';
import type { SseMessage } from './sse.ts';

/** Between two tries to go on after a stream broke. Milliseconds. */
const PAUSE_MS = 500;
/** Tries in a row without a message before giving up. */
const TRIES_MAX = 30;

/**
 * The messages of an event stream that is opened again whenever it breaks, on another member if need be. Ends when nobody
 * has sent anything for many tries.
 *
 * @param open opens the stream where it is to go on
 * @throws ApiFailure when the mesh says no, or why `signal` was aborted
 */
export async function* reconnecting(
  open: () => AsyncIterable<SseMessage>,
  signal: AbortSignal,
): AsyncGenerator<SseMessage> {
  for (let silent = 0; silent < TRIES_MAX; silent++) {
    if (silent > 0) await sleep(PAUSE_MS, undefined, { signal });
    try {
      for await (const message of open()) {
        silent = 0;
        yield message;
      }
    } catch (error) {
      if (error instanceof ApiFailure) throw error;
    }
    signal.throwIfAborted();
  }
}
