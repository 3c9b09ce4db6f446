import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { HostRecord } from '../../../protocol/schemas/host.ts';
import { emptyHash, hash64, toHex, xor64 } from '../hash.ts';
import type { SignedHostRecord } from './host-record.ts';

/** Reads a payload; handed in, because the schema library stays out of the core. Never throws. */
export type DecodeHostRecord = (
  payload: Uint8Array,
) => { readonly ok: true; readonly value: HostRecord } | { readonly ok: false; readonly reason: string };

export interface HostVersion {
  readonly hostId: HostId;
  readonly incarnation: number;
  readonly sequence: number;
}

/** The newest record of one host. */
export interface HeldHostRecord {
  readonly signed: SignedHostRecord;
  /** What the newest readable record says; undefined when there was none. */
  readonly value: HostRecord | undefined;
  /** Why the newest record can't be read; it is kept and passed on all the same. */
  readonly fault: string | undefined;
  readonly receivedAtMs: number;
}

export type PutOutcome =
  | { readonly ok: true; readonly held: HeldHostRecord }
  | { readonly ok: false; readonly reason: 'not-newer' | 'too-large' | 'bad-version' | 'full' };

/** Negative when `a` is the older version. */
export const compareVersions = (a: Omit<HostVersion, 'hostId'>, b: Omit<HostVersion, 'hostId'>): number =>
  a.incarnation - b.incarnation || a.sequence - b.sequence;

/**
 * The newest signed record per host. Signatures are checked before records come here. A record that can't be read still
 * counts as its host's newest, so that all members' summaries agree and nobody fetches it for ever.
 */
export class HostRecordStore {
  readonly #held = new Map<HostId, HeldHostRecord>();
  readonly #decode: DecodeHostRecord;
  #summary = emptyHash;

  constructor(decode: DecodeHostRecord) {
    this.#decode = decode;
  }

  put(signed: SignedHostRecord, nowMs: number): PutOutcome {
    if (signed.payload.length > limits.hostRecordBytes) return { ok: false, reason: 'too-large' };
    if (!isCount(signed.incarnation) || !isCount(signed.sequence)) return { ok: false, reason: 'bad-version' };
    const before = this.#held.get(signed.hostId);
    if (before === undefined && this.#held.size >= limits.members) return { ok: false, reason: 'full' };
    if (before !== undefined && compareVersions(signed, before.signed) <= 0) return { ok: false, reason: 'not-newer' };
    const read = this.#read(signed);
    const held: HeldHostRecord = {
      signed,
      value: read.ok ? read.value : before?.value,
      fault: read.ok ? undefined : read.reason,
      receivedAtMs: nowMs,
    };
    if (before !== undefined) this.#toggle(before.signed);
    this.#toggle(signed);
    this.#held.set(signed.hostId, held);
    return { ok: true, held };
  }

  get(hostId: HostId): HeldHostRecord | undefined {
    return this.#held.get(hostId);
  }

  /** For a host that was evicted. */
  remove(hostId: HostId): void {
    const held = this.#held.get(hostId);
    if (held === undefined) return;
    this.#toggle(held.signed);
    this.#held.delete(hostId);
  }

  /** In no particular order. */
  all(): Iterable<HeldHostRecord> {
    return this.#held.values();
  }

  versions(): readonly HostVersion[] {
    return [...this.#held.values()].map(({ signed: { hostId, incarnation, sequence } }) => ({
      hostId,
      incarnation,
      sequence,
    }));
  }

  /** Equal on two members exactly when they hold the same versions (but for hash collisions). O(1). */
  summary(): string {
    return toHex(this.#summary);
  }

  #read(signed: SignedHostRecord): ReturnType<DecodeHostRecord> {
    const read = this.#decode(signed.payload);
    if (read.ok && read.value.hostId !== signed.hostId) return { ok: false, reason: 'names another host' };
    return read;
  }

  #toggle({ hostId, incarnation, sequence }: HostVersion): void {
    this.#summary = xor64(this.#summary, hash64(`${hostId}\n${incarnation}\n${sequence}`));
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
