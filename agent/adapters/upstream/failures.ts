import { ShoalError } from '../../../protocol/errors.ts';

/** Why an exchange with a registry ended, as the error of the port. `place`: the registry's host, and what was asked for. */
export function statusFailure(status: number, place: string): ShoalError {
  const detail = `${place}: the registry answers ${status}.`;
  if (status === 404) return new ShoalError('not-found', detail);
  if (status === 401 || status === 403) return new ShoalError('upstream-denied', detail);
  return new ShoalError('upstream-unavailable', detail);
}

/** The place where tokens are had refuses, or has no answer. */
export function tokenFailure(status: number, place: string): ShoalError {
  const isDenied = status === 401 || status === 403;
  const detail = `${place}: the registry's token service answers ${status}.`;
  return new ShoalError(isDenied ? 'upstream-denied' : 'upstream-unavailable', detail);
}

export const garbage = (place: string, what: string): ShoalError =>
  new ShoalError('upstream-unavailable', `${place}: ${what}.`);

export const cancelled = (place: string): ShoalError => new ShoalError('cancelled', `${place}: cancelled.`);

export const late = (place: string, timeoutMs: number): ShoalError =>
  new ShoalError('timeout', `${place}: no answer within ${Math.round(timeoutMs / 1_000)} s.`);

/** A connection that could not be made, or that broke. Only the error's code is told: its text may hold anything. */
export function brokenFailure(error: unknown, place: string): ShoalError {
  if (error instanceof ShoalError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no connection';
  return new ShoalError('upstream-unavailable', `${place}: the registry cannot be reached (${code}).`, {
    cause: error,
  });
}
