import { timing } from './timing.ts';

/** Shortest time a suspect has to refute among `members` alive ones. Milliseconds. (memberlist, `suspicionTimeout`) */
export function suspicionMinMs(members: number): number {
  return timing.suspicionBaseMs * Math.max(1, Math.log10(Math.max(1, members)));
}

/**
 * Accusers wanted besides the first one. None in a mesh so small that those who could confirm may well be on the other
 * side of a cut: there the minimum counts at once.
 */
export function confirmationsWanted(members: number): number {
  return members - 2 < 2 * timing.confirmations ? 0 : timing.confirmations;
}

/**
 * Length of a suspicion: starts at `maxMs` and falls with the logarithm of the confirmations to `minMs`.
 * (Lifeguard, section IV-B; memberlist, `remainingSuspicionTime`)
 */
export function suspicionTimeoutMs(minMs: number, maxMs: number, wanted: number, confirmed: number): number {
  if (wanted === 0) return minMs;
  const fraction = Math.log(confirmed + 1) / Math.log(wanted + 1);
  return Math.max(minMs, maxMs - fraction * (maxMs - minMs));
}
