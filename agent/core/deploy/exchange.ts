import { isReachable, isSettled, type PlacedContainer } from './actual.ts';
import type { Slot } from './slots.ts';

/** How fast, and in which order, containers are exchanged for others. */
export interface Pace {
  /** Replicas exchanged at once. */
  readonly batch: number;
  /** Replicas that may be missing because of it. */
  readonly maxUnavailable: number;
  /** Old containers stop before their replacements start. */
  readonly stopFirst: boolean;
  /** No further version is exchanged: people have paused it. What leaves a host goes on. */
  readonly isPaused: boolean;
  /** Old versions stay until every new one works (blue-green), or while it is paused. */
  readonly isReleaseHeld: boolean;
  /** It goes back to what ran before: what does not work is no loss. */
  readonly isReverting: boolean;
}

export interface ExchangeInput {
  readonly slots: readonly Slot[];
  readonly pace: Pace;
  readonly replicas: number;
  readonly isProven: (container: PlacedContainer) => boolean;
}

export interface Exchange {
  /** Slots that get a new container beside the old one. */
  readonly starts: readonly Slot[];
  readonly removals: readonly {
    readonly container: PlacedContainer;
    readonly why: 'old-version' | 'moved' | 'stop-first';
  }[];
  readonly inExchange: number;
}

/**
 * The next moves of an exchange: an outgoing container goes once the right one has worked long enough in its place. Never
 * fewer replicas work than `replicas - maxUnavailable` because of it, by what their hosts report at this moment.
 */
export function exchange({ slots, pace, replicas, isProven }: ExchangeInput): Exchange {
  const starts: Slot[] = [];
  const removals: Exchange['removals'][number][] = [];
  const isUnderWay = ({ fit, outgoing, isPending, isLeaving }: Slot): boolean =>
    isPending || isLeaving || (fit !== undefined && (outgoing !== undefined || !isProven(fit)));
  let inExchange = slots.filter(isUnderWay).length;
  let working = slots.filter(({ fit, outgoing }) => isAtWork(fit) || isAtWork(outgoing)).length;
  for (const slot of slots) {
    const { fit, outgoing, isPending, isMoving } = slot;
    if (outgoing === undefined || !isReachable(outgoing)) continue;
    if (fit !== undefined) {
      if (isAtWork(fit) && isProven(fit) && (isMoving || !pace.isReleaseHeld))
        removals.push({ container: outgoing, why: isMoving ? 'moved' : 'old-version' });
      continue;
    }
    if (isPending) continue;
    if (pace.isReverting && !isAtWork(outgoing)) {
      removals.push({ container: outgoing, why: 'old-version' });
      continue;
    }
    if (inExchange >= pace.batch || (pace.isPaused && !isMoving)) continue;
    if (!pace.stopFirst) {
      starts.push(slot);
      inExchange += 1;
      continue;
    }
    const isFree = !isAtWork(outgoing);
    if (!isFree && working - 1 < replicas - pace.maxUnavailable) continue;
    if (!isFree) working -= 1;
    removals.push({ container: outgoing, why: 'stop-first' });
    inExchange += 1;
  }
  return { starts, removals, inExchange };
}

/** Does what people want of it, and its host says so now. */
const isAtWork = (container: PlacedContainer | undefined): boolean =>
  container !== undefined && isSettled(container) && container.hostStatus === 'alive';
