import { type ErrorCode, errors, ShoalError } from '../../protocol/errors.ts';
import type { Route } from './route.ts';

/**
 * Codes of the OCI distribution-spec 1.1, "Error Codes". `UNKNOWN` and `PAGINATION_NUMBER_INVALID` are those of the registry
 * that the specification was drawn from.
 */
export type OciCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'
  | 'PAGINATION_NUMBER_INVALID'
  | 'UNKNOWN';

/** What engines print of a 5xx is its status line, so that says what went wrong. */
const REASON_LENGTH_MAX = 256;

/** What a request is answered with instead of what it asked for. */
export class RegistryError extends Error {
  readonly status: number;
  readonly code: OciCode;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: OciCode,
    message: string,
    { headers = {}, detail }: { headers?: Readonly<Record<string, string>>; detail?: unknown } = {},
  ) {
    super(message);
    this.name = 'RegistryError';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.headers = headers;
  }

  /** Of the status line; undefined: the usual one. RFC 9112, section 4. */
  get reason(): string | undefined {
    if (this.status < 500) return undefined;
    return this.message.replaceAll(/[^\x21-\x7e]+/g, ' ').slice(0, REASON_LENGTH_MAX);
  }

  /** As the specification wants it. The engine shows the text of a 4xx only when it can read this. */
  get body(): string {
    return JSON.stringify({ errors: [{ code: this.code, message: this.message, detail: this.detail }] });
  }
}

export const notAllowed = (allow: string): RegistryError =>
  new RegistryError(405, 'UNSUPPORTED', `Only ${allow} can be done here.`, { headers: { Allow: allow } });

/** Codes that mean the same at every place. What stands for "later" is 503: the engine gives up for good at a 429. */
const everywhere: Partial<Record<ErrorCode, readonly [status: number, code: OciCode]>> = {
  unauthenticated: [403, 'DENIED'],
  forbidden: [403, 'DENIED'],
  'quota-exceeded': [403, 'DENIED'],
  // 401 would make the engine ask its user for a login here, which is not what is missing.
  'upstream-denied': [403, 'DENIED'],
  // What another try would not change: of the codes that end an engine's tries, the one whose message it prints as it is.
  'image-not-found': [422, 'UNSUPPORTED'],
  'not-stored': [409, 'UNSUPPORTED'],
  'upstream-unavailable': [503, 'UNKNOWN'],
  'not-ready': [503, 'UNKNOWN'],
  'not-replicated': [503, 'UNKNOWN'],
  'rate-limited': [503, 'UNKNOWN'],
  'in-progress': [503, 'UNKNOWN'],
  timeout: [503, 'UNKNOWN'],
  cancelled: [503, 'UNKNOWN'],
  'blob-unknown': [404, 'MANIFEST_BLOB_UNKNOWN'],
  'too-large': [413, 'SIZE_INVALID'],
};

interface PlaceCodes {
  readonly notFound: OciCode;
  readonly invalid: OciCode;
}

const nameCodes: PlaceCodes = { notFound: 'NAME_UNKNOWN', invalid: 'NAME_INVALID' };
const uploadCodes: PlaceCodes = { notFound: 'BLOB_UPLOAD_UNKNOWN', invalid: 'DIGEST_INVALID' };
const byPlace: Readonly<Record<Route['kind'], PlaceCodes>> = {
  ping: nameCodes,
  catalog: nameCodes,
  tags: nameCodes,
  referrers: nameCodes,
  manifest: { notFound: 'MANIFEST_UNKNOWN', invalid: 'MANIFEST_INVALID' },
  blob: { notFound: 'BLOB_UNKNOWN', invalid: 'DIGEST_INVALID' },
  uploads: uploadCodes,
  upload: uploadCodes,
};

/** Whatever was thrown as an answer; undefined for what nobody expected. */
export function asRegistryError(thrown: unknown, place: Route['kind']): RegistryError | undefined {
  if (thrown instanceof RegistryError) return thrown;
  if (!(thrown instanceof ShoalError) || thrown.code === 'internal') return undefined;
  const [status, code] = everywhere[thrown.code] ?? atPlace(thrown.code, byPlace[place]);
  return new RegistryError(status, code, thrown.message, thrown.faults.length > 0 ? { detail: thrown.faults } : {});
}

function atPlace(code: ErrorCode, codes: PlaceCodes): readonly [number, OciCode] {
  if (code === 'not-found') return [404, codes.notFound];
  if (code === 'invalid-request') return [400, codes.invalid];
  return [errors[code].status, 'UNKNOWN'];
}
