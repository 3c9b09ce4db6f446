import type { ContainerId, HostId } from '../../../protocol/ids.ts';
import type { PlacedContainer } from '../../core/deploy/actual.ts';
import type { Placement } from '../../core/placement/auction-types.ts';
import { RESERVATION_MS } from '../../core/placement/ledger.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * An award whose host has not reported the container by then is taken for lost. Longer than a reservation lives: after that
 * an award that is still on its way can't be carried out any more.
 */
const PENDING_MS = RESERVATION_MS + 2_000;

interface Pending extends Placement {
  readonly appUid: string;
  /** By the monotonic clock. */
  readonly untilMs: number;
}

/** What was awarded shows in the hosts' records soon, and counts as there until then. */
export class Awarded {
  readonly #clock: Clock;
  readonly #pending = new Map<ContainerId, Pending>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get all(): readonly Placement[] {
    return [...this.#pending.values()];
  }

  expect(appUid: string, given: readonly Placement[]): void {
    const untilMs = this.#clock.monotonicMs() + PENDING_MS;
    for (const placement of given) this.#pending.set(placement.containerId, { ...placement, appUid, untilMs });
  }

  /** Those that their hosts have reported, those that are lost, and those of an earlier app of this name. */
  forget(appUid: string, containers: readonly PlacedContainer[], aliveIds: readonly HostId[]): void {
    const seen = new Set(containers.map((c) => c.id));
    const up = new Set(aliveIds);
    for (const [containerId, pending] of this.#pending) {
      const isLost = pending.untilMs <= this.#clock.monotonicMs() || !up.has(pending.hostId);
      if (seen.has(containerId) || isLost || pending.appUid !== appUid) this.#pending.delete(containerId);
    }
  }
}
