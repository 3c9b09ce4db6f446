import type { HostId } from '../../../protocol/ids.ts';
import { byWorthKeeping, isReachable, isSettled, type PlacedContainer } from './actual.ts';

/** One wanted replica and what there is for it. */
export interface Slot {
  readonly replica: number;
  /** It is to run the deployed version. A closed one keeps what it has, whatever that is. */
  readonly isOpen: boolean;
  /** The right container: of a version that may run here, on a host where it may stay. */
  readonly fit: PlacedContainer | undefined;
  /** Not the right one; it stays until another works in its place. */
  readonly outgoing: PlacedContainer | undefined;
  /** The outgoing one leaves because of its host, not because of its version. */
  readonly isMoving: boolean;
  /** Awarded a moment ago, and not reported by its host yet. */
  readonly isPending: boolean;
  /** A container of it is on its way out and holds its ports and volumes until it is gone. */
  readonly isLeaving: boolean;
}

export type ExcessReason = 'duplicate' | 'surplus' | 'old-version' | 'moved';

export interface Excess {
  readonly container: PlacedContainer;
  readonly why: ExcessReason;
}

export interface SlotsInput {
  readonly replicas: number;
  /** Open slots; undefined: all. */
  readonly open: number | undefined;
  /** Replicas that are opened first. */
  readonly first: readonly number[];
  /** Containers that count: neither failed nor given up nor on their way out. */
  readonly counted: readonly PlacedContainer[];
  readonly leaving: readonly PlacedContainer[];
  readonly pending: ReadonlySet<number>;
  /** Of the deployed version. */
  readonly isNew: (container: PlacedContainer) => boolean;
  /** Has to go to another host. */
  readonly mustMove: (container: PlacedContainer) => boolean;
}

/**
 * Sorts an app's containers into its wanted replicas. A replica's number is its identity: two containers with one number are
 * an exchange under way, or duplicates (a lost host came back, or two stewards acted at once), of which the less worthy goes.
 *
 * @returns slots in the order in which a rollout opens them, and the containers that have no place in any
 */
export function arrangeSlots(input: SlotsInput): {
  readonly slots: readonly Slot[];
  readonly excess: readonly Excess[];
} {
  const byReplica = Map.groupBy([...input.counted].sort(byWorthKeeping), (c) => c.replica);
  const kept = chooseReplicas(input, byReplica);
  const surplus = [...byReplica].flatMap(([replica, all]) => (kept.has(replica) ? [] : all));
  const order = openingOrder(input, kept, byReplica);
  const leaving = new Set(input.leaving.filter(isReachable).map((c) => c.replica));
  const excess: Excess[] = surplus.map((container) => ({ container, why: 'surplus' }));
  const slots = order.map((replica, index): Slot => {
    const isOpen = index < (input.open ?? order.length);
    const { fit, outgoing, others } = sortOut(byReplica.get(replica) ?? [], isOpen, input);
    excess.push(...others);
    const isMoving = outgoing !== undefined && input.mustMove(outgoing);
    const [isPending, isLeaving] = [input.pending.has(replica), leaving.has(replica)];
    return { replica, isOpen, fit, outgoing, isMoving, isPending, isLeaving };
  });
  return { slots, excess };
}

/** The numbers that stand for the wanted replicas: those that have containers first, then the lowest free ones. */
function chooseReplicas(
  input: SlotsInput,
  byReplica: ReadonlyMap<number, readonly PlacedContainer[]>,
): ReadonlySet<number> {
  const onlyPending = [...input.pending].filter((replica) => !byReplica.has(replica)).sort((a, b) => a - b);
  const room = Math.max(0, input.replicas - onlyPending.length);
  const best = [...byReplica.values()].flatMap((all) => all.find((c) => !input.mustMove(c)) ?? all[0] ?? []);
  const dropped = new Set(chooseSurplus(best, room, input).map((c) => c.replica));
  const kept = new Set([...byReplica.keys()].filter((replica) => !dropped.has(replica)));
  for (const replica of onlyPending) if (kept.size < input.replicas) kept.add(replica);
  for (let replica = 0; kept.size < input.replicas; replica++) kept.add(replica);
  return kept;
}

/**
 * What goes when there are too many: what has to move anyway, then what does not work, then from the hosts that run most of
 * the app, so that what stays is spread; the least worthy first.
 */
function chooseSurplus(all: readonly PlacedContainer[], wanted: number, { mustMove }: SlotsInput): PlacedContainer[] {
  const left = [...all].sort(byWorthKeeping);
  const surplus: PlacedContainer[] = [];
  while (left.length > wanted) {
    const perHost = new Map<HostId, number>();
    for (const c of left) perHost.set(c.hostId, (perHost.get(c.hostId) ?? 0) + 1);
    const most = Math.max(...perHost.values());
    const victim =
      left.findLast(mustMove) ??
      left.findLast((c) => !isSettled(c)) ??
      left.findLast((c) => perHost.get(c.hostId) === most);
    if (victim === undefined) break;
    surplus.push(victim);
    left.splice(left.indexOf(victim), 1);
  }
  return surplus;
}

/** Chosen ones, those that have the new version already, the others; each by number, so that the order stays as it is. */
function openingOrder(
  input: SlotsInput,
  kept: ReadonlySet<number>,
  byReplica: ReadonlyMap<number, readonly PlacedContainer[]>,
): readonly number[] {
  const chosen = new Set(input.first);
  const hasNew = (replica: number) => (byReplica.get(replica) ?? []).some(input.isNew);
  const rankOf = (replica: number) => (chosen.has(replica) ? 0 : hasNew(replica) ? 1 : 2);
  return [...kept].sort((a, b) => rankOf(a) - rankOf(b) || a - b);
}

function sortOut(all: readonly PlacedContainer[], isOpen: boolean, { isNew, mustMove }: SlotsInput) {
  const fits = (c: PlacedContainer) => !mustMove(c) && (!isOpen || isNew(c));
  const fitting = all.filter(fits);
  // A closed replica goes on with what ran before, if that is there.
  const fit = (isOpen ? undefined : fitting.find((c) => !isNew(c))) ?? fitting[0];
  const outgoing = all.find((c) => !fits(c));
  const whyNot = (c: PlacedContainer): ExcessReason =>
    mustMove(c) ? 'moved' : isOpen && !isNew(c) ? 'old-version' : 'duplicate';
  const others = all
    .filter((c) => c !== fit && c !== outgoing)
    .map((container) => ({ container, why: whyNot(container) }));
  return { fit, outgoing, others };
}
