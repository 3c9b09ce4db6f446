import type { HostId } from '../../../../protocol/ids.ts';
import { bounds } from './bounds.ts';
import type { Blob, ExchangeState, Fault, Turn } from './exchange-state.ts';

function faultOf(blob: Blob, peer: HostId): Fault {
  const known = blob.faults.get(peer);
  if (known !== undefined) return known;
  const oldest = blob.faults.keys().next();
  if (blob.faults.size >= bounds.faultsKept && !oldest.done) blob.faults.delete(oldest.value);
  const fault = { strikes: 0, bans: 0, untilMs: 0, makerUntilMs: 0 };
  blob.faults.set(peer, fault);
  return fault;
}

export const isIgnored = ({ nowMs }: ExchangeState, blob: Blob, peer: HostId): boolean =>
  nowMs < (blob.faults.get(peer)?.untilMs ?? 0);

export const isBannedMaker = ({ nowMs }: ExchangeState, blob: Blob, maker: HostId): boolean =>
  nowMs < (blob.faults.get(maker)?.makerUntilMs ?? 0);

/** Leaves a peer alone for a while, longer each time; whether it failed so often that it is no neighbour any more. */
export function strike({ state }: Turn, blob: Blob, peer: HostId): boolean {
  const fault = faultOf(blob, peer);
  fault.strikes += 1;
  fault.untilMs = Math.max(fault.untilMs, state.nowMs + bounds.ignoreMs * Math.min(fault.strikes, bounds.strikes));
  return fault.strikes >= bounds.strikes;
}

/** It did what it should. */
export function forgive(blob: Blob, peer: HostId): void {
  const fault = blob.faults.get(peer);
  if (fault !== undefined) fault.strikes = 0;
}

/** Leaves a liar alone. */
export function ban(turn: Turn, blob: Blob, peer: HostId, why: 'corrupt-piece' | 'false-proof'): void {
  const fault = faultOf(blob, peer);
  const untilMs = turn.state.nowMs + Math.min(bounds.banMsMax, bounds.banMs * 2 ** fault.bans);
  fault.bans += 1;
  fault.untilMs = untilMs;
  if (why === 'false-proof') fault.makerUntilMs = untilMs;
  turn.effects.push({ type: 'banned', peer, digest: blob.digest, why });
}
