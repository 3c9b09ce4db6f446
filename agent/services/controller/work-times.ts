import type { ContainerId } from '../../../protocol/ids.ts';
import { isSettled, type PlacedContainer } from '../../core/deploy/actual.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * How long this steward has seen containers work without a break. Its own observation by its own clock: those of hosts may be
 * wrong. A new steward begins anew, so an exchange waits a little longer then.
 */
export class WorkTimes {
  readonly #clock: Clock;
  readonly #sinceMs = new Map<ContainerId, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All containers of the app as they are now. */
  see(containers: readonly PlacedContainer[]): void {
    const working = new Set(containers.filter((c) => isSettled(c) && c.hostStatus === 'alive').map(({ id }) => id));
    for (const id of this.#sinceMs.keys()) if (!working.has(id)) this.#sinceMs.delete(id);
    for (const id of working) if (!this.#sinceMs.has(id)) this.#sinceMs.set(id, this.#clock.monotonicMs());
  }

  /** Whether it has worked for so long. */
  hasWorked(id: ContainerId, forMs: number): boolean {
    const sinceMs = this.#sinceMs.get(id);
    return sinceMs !== undefined && this.#clock.monotonicMs() - sinceMs >= forMs;
  }

  /** When the next of them will have worked for so long; undefined when there is none to wait for. Milliseconds from now. */
  nextMs(forMs: number): number | undefined {
    const nowMs = this.#clock.monotonicMs();
    const left = [...this.#sinceMs.values()].map((sinceMs) => sinceMs + forMs - nowMs).filter((ms) => ms > 0);
    return left.length === 0 ? undefined : Math.min(...left);
  }
}
