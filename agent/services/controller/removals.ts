import type { ContainerId } from '../../../protocol/ids.ts';
import type { PlacedContainer } from '../../core/deploy/actual.ts';
import type { RemoveAction } from '../../core/deploy/plan.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { HostCalls } from '../host/host-calls.ts';

const AGAIN_MS = 1_000;
/** A host that was asked shows it in its record long before; one whose agent died meanwhile has forgotten it. */
const ASKED_MS = 12_000;

export interface RemovalsParts {
  readonly hosts: Pick<HostCalls, 'power'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends with the agent. */
  readonly signal: AbortSignal;
  readonly later: (delayMs: number) => void;
}

/**
 * Asks hosts to remove containers, and knows of those that were asked for: until its host's record shows it, such a container
 * looks as if it stayed, and another one must not be given up for it.
 */
export class Removals {
  readonly #parts: RemovalsParts;
  /** Until when each counts as being removed. Monotonic time. */
  readonly #asked = new Map<ContainerId, number>();

  constructor(parts: RemovalsParts) {
    this.#parts = parts;
  }

  async carryOut(removals: readonly RemoveAction[]): Promise<void> {
    const { hosts, log, signal, later, clock } = this.#parts;
    const results = await Promise.allSettled(
      removals.map(async ({ hostId, containerId, why }) => {
        await hosts.power(hostId, containerId, 'remove', { why, signal });
        this.#asked.set(containerId, clock.monotonicMs() + ASKED_MS);
      }),
    );
    results.forEach((result, index) => {
      // Not lost: the container stays in its host's record, so the next step asks again.
      if (result.status === 'rejected')
        log.debug({ error: result.reason, action: removals[index] }, 'a removal failed');
    });
    if (results.some((result) => result.status === 'rejected')) later(AGAIN_MS);
  }

  /** The containers as they will look once hosts have told of what they were asked for. */
  applied(containers: readonly PlacedContainer[]): readonly PlacedContainer[] {
    const nowMs = this.#parts.clock.monotonicMs();
    for (const [id, untilMs] of this.#asked) if (untilMs <= nowMs) this.#asked.delete(id);
    return containers.map((c) => (this.#asked.has(c.id) ? { ...c, phase: 'removing' } : c));
  }
}
