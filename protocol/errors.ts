/**
 * Every operating error has a code in this table. `status` is the HTTP status of its problem document,
 * `exit` the exit code of the command line client, `retryable` whether the same request may succeed later.
 */
export const errors = {
  'invalid-request': { status: 400, exit: 2, retryable: false, title: 'The request is not valid' },
  unauthenticated: { status: 401, exit: 6, retryable: false, title: 'A valid token is required' },
  forbidden: { status: 403, exit: 6, retryable: false, title: 'Not allowed' },
  'not-found': { status: 404, exit: 3, retryable: false, title: 'Not found' },
  timeout: { status: 504, exit: 7, retryable: true, title: 'Timed out' },
  conflict: { status: 409, exit: 4, retryable: false, title: 'Conflicts with the current state' },
  'already-exists': { status: 409, exit: 4, retryable: false, title: 'Exists already' },
  'in-progress': { status: 409, exit: 4, retryable: true, title: 'Another change is in progress' },
  'precondition-failed': { status: 412, exit: 4, retryable: false, title: 'Changed by somebody else meanwhile' },
  'too-large': { status: 413, exit: 2, retryable: false, title: 'Too large' },
  'unsupported-media-type': { status: 415, exit: 2, retryable: false, title: 'Send application/json' },
  'idempotency-mismatch': {
    status: 422,
    exit: 4,
    retryable: false,
    title: 'Idempotency-Key was used with another request',
  },
  'rate-limited': { status: 429, exit: 1, retryable: true, title: 'Too many requests' },
  internal: { status: 500, exit: 1, retryable: true, title: 'Internal error' },
  'host-unreachable': { status: 503, exit: 5, retryable: true, title: 'The host cannot be reached' },
  'engine-unavailable': { status: 503, exit: 1, retryable: true, title: 'The Docker engine does not answer' },
  'not-ready': { status: 503, exit: 5, retryable: true, title: 'This member is not ready' },
  'not-replicated': { status: 503, exit: 1, retryable: true, title: 'No second member stored the change' },
  'not-stored': { status: 503, exit: 1, retryable: true, title: 'The change could not be written to disk' },
  unplaceable: { status: 409, exit: 1, retryable: true, title: 'Not all replicas can be placed' },
  'image-not-found': { status: 422, exit: 1, retryable: false, title: 'The image cannot be pulled' },
  'blob-unknown': { status: 404, exit: 3, retryable: false, title: 'The manifest names a blob that is not there' },
  'quota-exceeded': { status: 403, exit: 1, retryable: false, title: 'The quota is used up' },
  'upstream-denied': { status: 403, exit: 6, retryable: false, title: 'The other registry refuses the login' },
  'upstream-unavailable': { status: 503, exit: 1, retryable: true, title: 'The other registry does not answer' },
  'container-exited': { status: 409, exit: 1, retryable: false, title: 'The container exits instead of running' },
  'container-unhealthy': { status: 409, exit: 1, retryable: false, title: 'The container does not become healthy' },
  'create-failed': { status: 409, exit: 1, retryable: false, title: 'The engine refused to create the container' },
  cancelled: { status: 409, exit: 1, retryable: false, title: 'Cancelled' },
  superseded: { status: 409, exit: 4, retryable: false, title: 'Replaced by a later request' },
  'drain-incomplete': { status: 409, exit: 8, retryable: false, title: 'Not everything could be moved' },
  'reservation-expired': { status: 409, exit: 1, retryable: true, title: 'The reservation is gone' },
  'token-invalid': { status: 403, exit: 6, retryable: false, title: 'The join token is not valid' },
  evicted: { status: 403, exit: 6, retryable: false, title: 'This host was evicted from the mesh' },
} as const satisfies Record<string, { status: number; exit: number; retryable: boolean; title: string }>;

export type ErrorCode = keyof typeof errors;

/** Exit codes of the command line client that do not come from an error of the API. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  unreachable: 5,
  denied: 6,
  timedOut: 7,
  partial: 8,
  interrupted: 130,
} as const;

/** One field at fault: a JSON pointer into the request and what is wrong there. */
export interface FieldFault {
  pointer: string;
  detail: string;
}

/** An operating error: a code of the table, one sentence for people, and the fields at fault. */
export class ShoalError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly FieldFault[];

  constructor(code: ErrorCode, detail: string, options: { faults?: readonly FieldFault[]; cause?: unknown } = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ShoalError';
    this.code = code;
    this.faults = options.faults ?? [];
  }
}

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errors, code);
