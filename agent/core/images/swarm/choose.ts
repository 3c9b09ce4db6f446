import type { PieceSet } from '../pieces.ts';

/** What one peer could be sent, and how much sense it makes. */
export interface Choice {
  readonly piece: number;
  /** How often it left this host. */
  readonly sent: number;
  /** Neighbours that have or get it. */
  readonly spread: number;
}

/** What is known where, one number per piece. */
export interface Copies {
  readonly have: PieceSet;
  readonly sent: Uint16Array;
  readonly spread: Uint16Array;
}

/** Pieces that a peer has, gets or does not want now. */
export type Excluded = readonly PieceSet[];

/**
 * The piece to send to one peer: never sent ones first, so that the first copy of each leaves a seed before any second one,
 * then the rarest in sight, then by chance. Undefined when it needs nothing that is here.
 */
export function choosePiece(copies: Copies, excluded: Excluded, rng: () => number): Choice | undefined {
  let best: Choice | undefined;
  let equals = 0;
  for (const piece of difference(copies.have, excluded)) {
    const choice = { piece, sent: copies.sent[piece] ?? 0, spread: copies.spread[piece] ?? 0 };
    const order = best === undefined ? -1 : compareChoices(choice, best);
    if (order > 0) continue;
    equals = order < 0 ? 1 : equals + 1;
    // Each of the equal ones is kept with the same chance.
    if (order < 0 || rng() * equals < 1) best = choice;
  }
  return best;
}

/** Negative when `a` is more urgent to send. */
const compareChoices = (a: Choice, b: Choice): number =>
  Math.min(a.sent, 1) - Math.min(b.sent, 1) || a.spread - b.spread;

/** Pieces of one set that are in none of the others. */
export function* difference(set: PieceSet, excluded: Excluded): Generator<number> {
  for (let index = 0; index < set.bits.length; index++) {
    let byte = set.bits[index] ?? 0;
    for (const other of excluded) byte &= ~(other.bits[index] ?? 0);
    for (let bit = 0; byte !== 0; bit++, byte >>= 1) if ((byte & 1) === 1) yield index * 8 + bit;
  }
}

/** A peer that could be sent something. */
export interface Candidate<T> {
  readonly peer: T;
  readonly choice: Choice;
  /** Uploads to it now. */
  readonly uploads: number;
  /** Pieces that it has or gets. */
  readonly pieces: number;
}

/**
 * Whom to send to: where a first copy goes; else who has fewest pieces, so that all have something to pass on soon and end
 * together; else who gets least from here; else by chance.
 */
export function chooseCandidate<T>(candidates: readonly Candidate<T>[], rng: () => number): Candidate<T> | undefined {
  let best: Candidate<T> | undefined;
  let equals = 0;
  for (const candidate of candidates) {
    const order = best === undefined ? -1 : compareCandidates(candidate, best);
    if (order > 0) continue;
    equals = order < 0 ? 1 : equals + 1;
    if (order < 0 || rng() * equals < 1) best = candidate;
  }
  return best;
}

const compareCandidates = (a: Candidate<unknown>, b: Candidate<unknown>): number =>
  Math.min(a.choice.sent, 1) - Math.min(b.choice.sent, 1) || a.pieces - b.pieces || a.uploads - b.uploads;

/**
 * Whether a transfer takes so much longer than usual that it should not hold up others.
 *
 * @param usualMs durations of the last ones
 */
export function isOverdue(sinceMs: number, usualMs: readonly number[], { factor, leastMs }: Patience): boolean {
  return sinceMs >= leastMs && sinceMs >= factor * (median(usualMs) ?? leastMs);
}

/** How many times the usual time, and how long at least. */
export interface Patience {
  readonly factor: number;
  readonly leastMs: number;
}

/** The middle of some durations, milliseconds; undefined without any. */
export function median(durationsMs: readonly number[]): number | undefined {
  const sorted = [...durationsMs].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
