import { ShoalError } from '../../../protocol/errors.ts';
import { type Doing, translate } from './errors.ts';

/**
 * Runs one call of the engine with a deadline of its own. It ends in time even when the library does not: a frozen engine
 * accepts and never answers, and an answer cut off in the middle never calls back.
 *
 * @throws ShoalError `timeout`, `cancelled` when the caller aborted, or the engine's error translated
 */
export async function withDeadline<T>(
  { timeoutMs, doing, signal }: { timeoutMs: number; doing: Doing; signal: AbortSignal },
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw cancelled();
  const abort = new AbortController();
  const over = Promise.withResolvers<never>();
  const end = (error: ShoalError) => {
    over.reject(error);
    abort.abort();
  };
  const onAbort = () => end(cancelled());
  const timer = setTimeout(() => end(late(timeoutMs)), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([over.promise, call(abort.signal)]);
  } catch (error) {
    throw translate(error, doing);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

export const cancelled = () => new ShoalError('cancelled', 'the call was cancelled');

const late = (timeoutMs: number) =>
  new ShoalError('timeout', `the Docker engine did not answer within ${Math.round(timeoutMs / 1_000)} s`);
