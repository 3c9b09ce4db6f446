import { type ErrorCode, isErrorCode, ShoalError } from '../../../protocol/errors.ts';
import { shoal } from '../../../protocol/generated/wire.js';
import { limits } from '../../../protocol/limits.ts';

const wire = shoal.call;
const TEXT_MAX = 4_096;
const FAULTS_MAX = 64;

/** Bytes around the body in a call's frame, at most. */
export const ENVELOPE_BYTES = 1_024;
/** An error reply: its texts instead of a body. */
const ERROR_BYTES = (2 * FAULTS_MAX + 1) * (TEXT_MAX * 3 + 8);
export const CALL_FRAME_BYTES = Math.max(limits.callBodyBytes + ENVELOPE_BYTES, ERROR_BYTES);

/** One call as it arrives. */
export interface CallRequest {
  readonly method: string;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  readonly id: string;
}

export type CallReply =
  | { readonly ok: true; readonly body: Uint8Array }
  | { readonly ok: false; readonly error: ShoalError };

export const encodeRequest = (request: CallRequest): Uint8Array => wire.CallRequest.encode(request).finish();

/** undefined for anything that is not a request. */
export function decodeRequest(bytes: Uint8Array): CallRequest | undefined {
  const { method, body, timeoutMs, id } = attempt(() => wire.CallRequest.decode(bytes)) ?? {};
  if (!method || method.length > 128 || !body || !timeoutMs || id === undefined || id.length > 128) return undefined;
  return { method, body, timeoutMs, id };
}

export function encodeReply(reply: CallReply): Uint8Array {
  if (reply.ok) return wire.CallReply.encode({ ok: reply.body }).finish();
  const { code, message, faults } = reply.error;
  const cut = faults
    .slice(0, FAULTS_MAX)
    .map((fault) => ({ pointer: clip(fault.pointer), detail: clip(fault.detail) }));
  return wire.CallReply.encode({ error: { code, detail: clip(message), faults: cut } }).finish();
}

/** undefined for anything that is not a reply. A code that this version does not know becomes `internal`. */
export function decodeReply(bytes: Uint8Array): CallReply | undefined {
  const reply = attempt(() => wire.CallReply.decode(bytes));
  if (reply?.outcome === 'ok') return { ok: true, body: reply.ok ?? new Uint8Array() };
  if (reply?.outcome !== 'error') return undefined;
  const { code, detail, faults } = reply.error ?? {};
  const known: ErrorCode = code && isErrorCode(code) ? code : 'internal';
  const parsed = (faults ?? [])
    .slice(0, FAULTS_MAX)
    .map((fault) => ({ pointer: clip(fault.pointer ?? ''), detail: clip(fault.detail ?? '') }));
  return { ok: false, error: new ShoalError(known, clip(detail ?? ''), { faults: parsed }) };
}

const clip = (text: string): string => text.slice(0, TEXT_MAX);

function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
