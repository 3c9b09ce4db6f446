import type { HostId } from '../../../protocol/ids.ts';
import type { Liveness } from '../../../protocol/schemas/host.ts';
import { emptyHash, type Hash64 } from '../hash.ts';
import type { GossipMessage, LivenessUpdate } from '../mesh/messages.ts';
import { buildRings, type Neighbours, type Rings } from './neighbours.ts';
import { timing } from './timing.ts';

/** What is known against a suspect. */
interface Suspicion {
  readonly startedAtMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly wanted: number;
  readonly accusers: Set<HostId>;
}

/** Another member. Incarnation 0: admitted, but never heard of since this agent started; taken for alive until probed. */
export interface Member {
  readonly hostId: HostId;
  status: Liveness;
  incarnation: number;
  sinceMs: number;
  /** When it was last told what is said of it. */
  toldAtMs: number;
  suspicion: Suspicion | undefined;
}

/** A probe without an answer so far. */
export interface Probe {
  readonly target: HostId;
  readonly startedAtMs: number;
  isIndirect: boolean;
  dueAtMs: number;
}

/** A probe on behalf of another member. */
interface Relay {
  readonly requester: HostId;
  readonly requestSeq: number;
  readonly target: HostId;
  readonly expiresAtMs: number;
}

/** A question to all neighbours at once. */
interface RollCall {
  readonly startedAtMs: number;
  readonly asked: readonly HostId[];
  /** Those of them that were not heard since, whatever they said. */
  readonly missing: Set<HostId>;
  isAskedTwice: boolean;
}

export interface MembershipState {
  readonly self: HostId;
  incarnation: number;
  hasLeft: boolean;
  hasAnnounced: boolean;
  /** Local health of Lifeguard: 0 is well, `timing.healthMax` is overloaded or deaf. */
  health: number;
  /** Admitted members except this one. */
  readonly members: Map<HostId, Member>;
  readonly suspects: Set<HostId>;
  readonly dead: Set<HostId>;
  readonly left: Set<HostId>;
  rings: Rings;
  neighbours: Neighbours;
  areNeighboursStale: boolean;
  seq: number;
  readonly probes: Map<number, Probe>;
  readonly relays: Map<number, Relay>;
  /** Neighbours still to probe in this round. */
  round: HostId[];
  nextProbeAtMs: number;
  nextDeadProbeAtMs: number;
  lastHeardAtMs: number;
  rollCall: RollCall | undefined;
  /** Most neighbours did not answer the last roll call. */
  isDeaf: boolean;
  isIsolated: boolean;
  /** Order-free hash of the others' status and incarnation, kept up to date by each change. */
  summary: Hash64;
}

export type MembershipEvent =
  /** Own time is in the context; `isLate` when the event loop stood still before this tick. */
  | { readonly type: 'tick'; readonly isLate: boolean }
  | { readonly type: 'message'; readonly from: HostId; readonly message: GossipMessage }
  /** Everybody admitted and not evicted, this member or not included. */
  | { readonly type: 'members'; readonly members: readonly { readonly hostId: HostId }[] }
  | { readonly type: 'link-down'; readonly peer: HostId }
  | { readonly type: 'leave' };

export type MembershipEffect =
  | { readonly type: 'send'; readonly to: HostId; readonly message: GossipMessage }
  | { readonly type: 'broadcast'; readonly update: LivenessUpdate }
  | { readonly type: 'neighbours'; readonly neighbours: Neighbours }
  | ({ readonly type: 'liveness-changed' } & LivenessChange)
  | { readonly type: 'isolated-changed'; readonly isIsolated: boolean };

/** Also of this member itself, when it had to take a later incarnation; then status and previous are equal. */
export interface LivenessChange {
  readonly hostId: HostId;
  readonly status: Liveness;
  readonly incarnation: number;
  readonly previous: Liveness;
}

/** A member that knows nobody yet. `startIncarnation` is at least 1 and above that of every earlier start. */
export function createMembership(self: HostId, startIncarnation: number): MembershipState {
  return {
    self,
    incarnation: Math.max(1, startIncarnation),
    hasLeft: false,
    hasAnnounced: false,
    health: 0,
    members: new Map(),
    suspects: new Set(),
    dead: new Set(),
    left: new Set(),
    rings: buildRings(self, []),
    neighbours: { peers: [], tree: [] },
    areNeighboursStale: false,
    seq: 0,
    probes: new Map(),
    relays: new Map(),
    round: [],
    nextProbeAtMs: Number.NEGATIVE_INFINITY,
    nextDeadProbeAtMs: Number.NEGATIVE_INFINITY,
    lastHeardAtMs: 0,
    rollCall: undefined,
    isDeaf: false,
    isIsolated: false,
    summary: emptyHash,
  };
}

/** Members that count as running: alive or only suspected, this one included. */
export const countRunning = (state: MembershipState): number =>
  state.members.size - state.dead.size - state.left.size + 1;

/** What this member would say of itself. */
export function ownUpdate(state: MembershipState): LivenessUpdate {
  const status = state.hasLeft ? 'left' : 'alive';
  return { hostId: state.self, status, incarnation: state.incarnation, by: state.self };
}

/** Slower when this member itself is not well. */
export const stretched = (state: MembershipState, ms: number): number => ms * (state.health + 1);

export function worsenHealth(state: MembershipState): void {
  state.health = Math.min(timing.healthMax, state.health + 1);
}

export function improveHealth(state: MembershipState): void {
  state.health = Math.max(0, state.health - 1);
}
