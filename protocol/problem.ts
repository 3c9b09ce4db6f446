import { type ErrorCode, errors, type FieldFault, isErrorCode, ShoalError } from './errors.ts';
import type { Problem } from './schemas/common.ts';

/** Builds an RFC 9457 problem document; `instance` is the id of the request or operation it belongs to. */
export function problemOf(
  code: string,
  detail: string,
  instance?: string,
  faults: readonly FieldFault[] = [],
): Problem {
  const known: ErrorCode = isErrorCode(code) ? code : 'internal';
  const { title, status, retryable } = errors[known];
  return {
    type: `urn:shoal:error:${known}`,
    title,
    status,
    detail,
    code: known,
    retryable,
    ...(instance === undefined ? {} : { instance }),
    ...(faults.length === 0 ? {} : { errors: faults.map((fault) => ({ ...fault })) }),
  };
}

/** The problem of a thrown error; what is not a ShoalError says nothing about its inside. */
export function problemOfError(error: unknown, instance?: string): Problem {
  if (error instanceof ShoalError) return problemOf(error.code, error.message, instance, error.faults);
  return problemOf('internal', 'The agent met an error that it did not expect; its log has the details.', instance);
}
