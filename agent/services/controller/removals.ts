import type { RemoveAction } from '../../core/deploy/plan.ts';
import type { Log } from '../../ports/log.ts';
import type { HostCalls } from '../host/host-calls.ts';

const AGAIN_MS = 1_000;

export interface RemovalsParts {
  readonly hosts: Pick<HostCalls, 'power'>;
  readonly log: Log;
  /** Ends with the agent. */
  readonly signal: AbortSignal;
  readonly later: (delayMs: number) => void;
}

/** Asks hosts to remove containers. */
export class Removals {
  readonly #parts: RemovalsParts;

  constructor(parts: RemovalsParts) {
    this.#parts = parts;
  }

  async carryOut(removals: readonly RemoveAction[]): Promise<void> {
    const { hosts, log, signal, later } = this.#parts;
    const results = await Promise.allSettled(
      removals.map((r) => hosts.power(r.hostId, r.containerId, 'remove', { why: r.why, signal })),
    );
    results.forEach((result, index) => {
      // Not lost: the container stays in its host's record, so the next step asks again.
      if (result.status === 'rejected')
        log.debug({ error: result.reason, action: removals[index] }, 'a removal failed');
    });
    if (results.some((result) => result.status === 'rejected')) later(AGAIN_MS);
  }
}
