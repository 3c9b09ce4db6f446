import type { ErrorCode, FieldFault } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { OperationRecord } from '../../../protocol/schemas/operation.ts';
import type { Context } from '../context.ts';

/** The steward's copy of the catalog as decisions read it: parsed values, in key order. */
export interface ModelView {
  get<T>(key: string): T | undefined;
  list<T>(prefix: string): readonly { readonly key: string; readonly value: T }[];
}

/** Who asks, through which member, and the parts of a decision that need randomness or cryptography. */
export interface ModelContext extends Context {
  readonly actorId: string;
  readonly acceptedBy: HostId;
  /** SHA-256 of a text or of bytes, in hex. */
  readonly hash: (content: string | Uint8Array) => string;
  /** SHA-256 of a new token's secret. Needed by `token.create` and `credential.create`; the secret itself stays in the shell. */
  readonly tokenSecretHash?: string;
}

/** One catalog write. `undefined` deletes. */
export interface Write {
  readonly key: string;
  readonly value: object | undefined;
}

/** All writes of an accepted command are made in one step, or none. */
export interface Accepted {
  readonly ok: true;
  readonly writes: readonly Write[];
  /** The thing created or changed, in the shape in which it is stored. */
  readonly body: object;
  /** The record whose revision `If-Match` is compared with and the answer's ETag shows. */
  readonly primaryKey: string;
  /** Set when work goes on: the operation to watch, new or joined. */
  readonly operation?: OperationRecord;
}

export interface Refused {
  readonly ok: false;
  readonly code: ErrorCode;
  /** Cause and next step, one or two sentences for people. */
  readonly detail: string;
  /** JSON pointers into the command. */
  readonly faults: readonly FieldFault[];
}

export type Verdict = Accepted | Refused;

export const refuse = (code: ErrorCode, detail: string, faults: readonly FieldFault[] = []): Refused => ({
  ok: false,
  code,
  detail,
  faults,
});

/** RFC 3339 UTC of a decision's moment. */
export const timestamp = (context: Context): string => new Date(context.nowMs).toISOString();

const utf8 = new TextEncoder();

/** A record that the catalog could not carry is refused before anything is written. */
export function boundWrites(verdict: Verdict): Verdict {
  if (!verdict.ok) return verdict;
  for (const { key, value } of verdict.writes) {
    const sizeBytes = value === undefined ? 0 : utf8.encode(JSON.stringify(value)).length;
    if (sizeBytes > limits.recordBytes) {
      const detail = `${key} would take ${sizeBytes} bytes, more than the ${limits.recordBytes} a record may have. Shorten env, labels or description.`;
      return refuse('too-large', detail);
    }
  }
  return verdict;
}
