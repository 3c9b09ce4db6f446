import type { Ledger } from './ledger.ts';
import { plural } from './sizes.ts';
import type { Limit } from './slot-limits.ts';
import type { Requirement } from './types.ts';

const ANY_NUMBER = Number.MAX_SAFE_INTEGER;

/**
 * What required affinities let in. What other auctions hold counts as there for `apart`, so that two auctions at once can't
 * bring together what must be apart; it does not count for `with`, for it may come to nothing.
 */
export function affinityLimits(ledger: Ledger, { affinity = [] }: Requirement): Limit[] {
  return affinity
    .filter(({ required }) => required === true)
    .map(({ app, rule }): Limit => {
      const { running, held } = countOf(ledger, app);
      const numbers = { containers: running, reserved: held };
      if (rule === 'with') {
        const slots = running > 0 ? ANY_NUMBER : 0;
        const detail = `needs to be with ${app}, which runs no container here`;
        return { rule: 'affinity', slots, slotsUnheld: running + held > 0 ? ANY_NUMBER : 0, detail, numbers };
      }
      const waiting = held > 0 ? `, ${held} reserved by another auction` : '';
      const detail = `must be apart from ${app}: ${plural(running, 'container')} of it here${waiting}`;
      const slots = running + held > 0 ? 0 : ANY_NUMBER;
      return { rule: 'anti-affinity', slots, slotsUnheld: running > 0 ? 0 : ANY_NUMBER, detail, numbers };
    });
}

/** Containers here of apps that replicas would rather be with, and of those that they would rather be apart from. */
export function companyOf(
  ledger: Ledger,
  { affinity = [] }: Requirement,
): { readonly companions?: number; readonly rivals?: number } {
  const wished = affinity.filter(({ required }) => required !== true);
  if (wished.length === 0) return {};
  const count = (rule: 'with' | 'apart'): number =>
    wished.filter((wish) => wish.rule === rule).reduce((sum, { app }) => sum + countOf(ledger, app).running, 0);
  return { companions: count('with'), rivals: count('apart') };
}

function countOf(ledger: Ledger, app: string): { readonly running: number; readonly held: number } {
  const running = [...ledger.claims.values()].filter((claim) => claim.app === app).length;
  const held = [...ledger.reservations.values()]
    .filter((reservation) => reservation.app === app)
    .reduce((sum, { slots }) => sum + slots.length, 0);
  return { running, held };
}
