import { limits } from '../../../protocol/limits.ts';
import type { SignedHostRecord } from '../catalog/host-record.ts';
import {
  compareVersions,
  type HeldHostRecord,
  type HostRecordStore,
  type HostVersion,
} from '../catalog/host-records.ts';
import { bounds } from './bounds.ts';

/** The own records that a peer with these versions lacks, or has an earlier version of. Hosts it does not name are skipped. */
export function newerThan(
  hosts: HostRecordStore,
  theirs: readonly HostVersion[],
  nowMs: number,
): readonly SignedHostRecord[] {
  const newer: SignedHostRecord[] = [];
  for (const their of theirs.slice(0, limits.members)) {
    const held = hosts.get(their.hostId);
    if (held !== undefined && isWorthPushing(held, their, nowMs)) newer.push(held.signed);
  }
  return newer;
}

/** The own records of hosts that a peer with this complete list does not know at all. */
export function unknownTo(hosts: HostRecordStore, theirs: readonly HostVersion[]): readonly SignedHostRecord[] {
  const known = new Set(theirs.map(({ hostId }) => hostId));
  return [...hosts.all()].map(({ signed }) => signed).filter(({ hostId }) => !known.has(hostId));
}

/** The own versions of the hosts of which a peer has newer ones; 0 of 0 where this member has none. */
export function olderThan(hosts: HostRecordStore, theirs: readonly HostVersion[]): readonly HostVersion[] {
  const older: HostVersion[] = [];
  for (const their of theirs.slice(0, limits.members)) {
    const { incarnation, sequence } = hosts.get(their.hostId)?.signed ?? { incarnation: 0, sequence: 0 };
    if (compareVersions({ incarnation, sequence }, their) < 0)
      older.push({ hostId: their.hostId, incarnation, sequence });
  }
  return older;
}

/** Newer, and not so new that the broadcast is bringing it anyway: most differences are changes in flight. */
function isWorthPushing({ signed, receivedAtMs }: HeldHostRecord, their: HostVersion, nowMs: number): boolean {
  if (compareVersions(signed, their) <= 0) return false;
  const isSettled = Math.abs(nowMs - receivedAtMs) >= bounds.settleMs;
  return (
    isSettled || signed.incarnation !== their.incarnation || signed.sequence - their.sequence > bounds.settleSequences
  );
}

/** About what a host record takes on the wire. Bytes. */
export const hostRecordBytes = ({ payload, signature, hostId }: SignedHostRecord): number =>
  payload.length + signature.length + hostId.length + 32;
