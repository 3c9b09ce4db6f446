import { randomBytes } from 'node:crypto';
import { ShoalError } from '../../../protocol/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Holder } from '../access/credentials.ts';

/** One that is not used by then is void. Milliseconds. */
const TICKET_MS = 30_000;
const TICKETS_MAX = 1_024;

interface Known {
  readonly sessionId: string;
  readonly holder: Holder;
  readonly expiresAtMs: number;
}

/** Rights to attach to a session once: browsers can't send a header with a WebSocket. */
export class Tickets {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws ShoalError rate-limited */
  issue(sessionId: string, holder: Holder): { readonly ticket: string; readonly expiresAtMs: number } {
    if (this.#known.size >= TICKETS_MAX) throw new ShoalError('rate-limited', 'Too many tickets are open.');
    const ticket = randomBytes(24).toString('base64url');
    const expiresAtMs = this.#clock.nowMs() + TICKET_MS;
    this.#known.set(ticket, { sessionId, holder, expiresAtMs });
    return { ticket, expiresAtMs };
  }

  /** Uses it up; answers whose it was. @throws ShoalError forbidden */
  redeem(sessionId: string, ticket: string): Holder {
    const known = this.#known.get(ticket);
    this.#known.delete(ticket);
    if (known?.sessionId !== sessionId || known.expiresAtMs < this.#clock.nowMs()) {
      throw new ShoalError('forbidden', 'The ticket is not valid: one is good for 30 s and for one connection.');
    }
    return known.holder;
  }

  /** Forgets those that were not used. */
  expire(): void {
    for (const [ticket, { expiresAtMs }] of this.#known) {
      if (expiresAtMs < this.#clock.nowMs()) this.#known.delete(ticket);
    }
  }
}
