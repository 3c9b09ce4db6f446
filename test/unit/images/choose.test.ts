import { describe, expect, it } from 'vitest';
import { PieceSet } from '../../../agent/core/images/pieces.ts';
import { type Candidate, chooseCandidate, choosePiece, isOverdue } from '../../../agent/core/images/swarm/choose.ts';
import { makeRng } from '../../sim/framework/rng.ts';

const setOf = (...pieces: number[]): PieceSet => {
  const set = new PieceSet(10);
  for (const piece of pieces) set.add(piece);
  return set;
};
const copies = (have: PieceSet, sent: number[], spread: number[]) => ({
  have,
  sent: Uint16Array.from(sent),
  spread: Uint16Array.from(spread),
});
const first = () => 0.999;

describe('the piece to send', () => {
  it.each([
    { name: 'nothing that the peer has', have: [1, 2], peer: [1, 2], sent: [], spread: [], piece: undefined },
    { name: 'what it lacks', have: [1, 2], peer: [1], sent: [], spread: [], piece: 2 },
    {
      name: 'one that never left before a rarer one that did',
      have: [0, 1],
      peer: [],
      sent: [1, 0],
      spread: [0, 5],
      piece: 1,
    },
    { name: 'the rarest of those that left', have: [0, 1, 9], peer: [], sent: [9, 1, 1], spread: [1, 3, 2], piece: 9 },
  ])('is $name', ({ have, peer, sent, spread, piece }) => {
    const all = {
      sent: [...sent, ...Array(10).fill(1)].slice(0, 10),
      spread: [...spread, ...Array(10).fill(0)].slice(0, 10),
    };
    expect(choosePiece(copies(setOf(...have), all.sent, all.spread), [setOf(...peer)], first)?.piece).toBe(piece);
  });

  it('is any of equal ones', () => {
    const picks = new Set<number | undefined>();
    const chance = makeRng(1);
    for (let i = 0; i < 100; i++)
      picks.add(choosePiece(copies(setOf(1, 2, 3), Array(10).fill(0), Array(10).fill(0)), [], chance)?.piece);
    expect(picks).toEqual(new Set([1, 2, 3]));
  });
});

describe('the peer to send to', () => {
  const candidate = (peer: string, sent: number, pieces: number, uploads: number): Candidate<string> => ({
    peer,
    choice: { piece: 0, sent, spread: 0 },
    pieces,
    uploads,
  });

  it.each([
    { name: 'nobody without candidates', candidates: [], peer: undefined },
    { name: 'where a first copy goes', candidates: [candidate('a', 1, 0, 0), candidate('b', 0, 9, 2)], peer: 'b' },
    { name: 'who has fewest pieces', candidates: [candidate('a', 0, 3, 0), candidate('b', 0, 2, 1)], peer: 'b' },
    { name: 'who gets least from here', candidates: [candidate('a', 0, 3, 1), candidate('b', 0, 3, 0)], peer: 'b' },
  ])('is $name', ({ candidates, peer }) => {
    expect(chooseCandidate(candidates, first)?.peer).toBe(peer);
  });
});

describe('a transfer is overdue', () => {
  const patience = { factor: 4, leastMs: 3_000 };

  it.each([
    { sinceMs: 2_999, usualMs: [10], is: false },
    { sinceMs: 3_000, usualMs: [10], is: true },
    { sinceMs: 3_999, usualMs: [900, 1_000, 90_000], is: false },
    { sinceMs: 4_000, usualMs: [900, 1_000, 90_000], is: true },
    { sinceMs: 11_999, usualMs: [], is: false },
    { sinceMs: 12_000, usualMs: [], is: true },
  ])('after $sinceMs ms when $usualMs is usual: $is', ({ sinceMs, usualMs, is }) => {
    expect(isOverdue(sinceMs, usualMs, patience)).toBe(is);
  });
});
