import { describe, expect, it } from 'vitest';
import {
  ASK_MS,
  AWARD_ATTEMPTS,
  AWARD_MS,
  BACKOFF_MAX_MS,
  BACKOFF_MIN_MS,
  ROUNDS_MAX,
  STRAGGLERS_MS,
} from '../../../agent/core/placement/auction.ts';
import { refusal, Trial } from './trial.ts';

const many = (count: number) => Array.from({ length: count }, (_, index) => `h${String(index).padStart(3, '0')}`);
const replicas = (count: number) => Array.from({ length: count }, (_, index) => index);
const limited = (host: string, transient = false) => ({
  limitedBy: refusal(host, 'insufficient-memory', { transient }),
});

describe('an auction', () => {
  it('asks each candidate for its share and one more, awards the best and releases the others', () => {
    const trial = new Trial(['a', 'b', 'c'], { replicas: [4, 7] });
    expect(trial.asked).toEqual({ a: 2, b: 2, c: 2 });
    trial.offers('a', 2, { appReplicas: 1 });
    trial.offers('b', 2);
    trial.offers('c', 2);
    expect(trial.awards.map(({ host, assignments }) => [host, assignments.length]).sort()).toEqual([
      ['b', 1],
      ['c', 1],
    ]);
    expect(trial.released).toEqual(['a']);
    trial.claimAll();
    expect(trial.outcome).toMatchObject({ kind: 'placed', missing: [], unknown: [] });
    expect(trial.outcome?.placed.map(({ replica }) => replica).sort()).toEqual([4, 7]);
  });

  it('records who offered, who refused, who got what, and why', () => {
    const trial = new Trial(['a', 'b', 'c'], { refusals: [refusal('dead', 'not-alive')] });
    trial.offers('a', 1);
    trial.offers('b', 1, { appReplicas: 2 });
    trial.refuses('c');
    trial.claimAll();
    const [decision, ...more] = trial.outcome?.decisions ?? [];
    expect(more).toEqual([]);
    expect(decision).toMatchObject({ at: '1970-01-01T00:00:00.000Z', auctioneer: 'me', wanted: 1 });
    expect(decision?.offers.map(({ hostName, awarded }) => [hostName, awarded])).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
    expect(decision?.refusals.map(({ hostName, rule }) => [hostName, rule])).toEqual([
      ['b', 'lower-score'],
      ['dead', 'not-alive'],
      ['c', 'insufficient-memory'],
    ]);
    expect(decision?.refusals[0]?.detail).toBe('2 replicas of the app there; a: 0 replicas of the app there');
    expect(decision?.placed).toEqual(trial.outcome?.placed);
  });

  it('waits for stragglers a short while after most hosts answered', () => {
    const trial = new Trial(['a', 'b', 'c', 'd']);
    trial.pass(500);
    trial.offers('a', 1);
    trial.offers('b', 1);
    trial.offers('c', 1);
    trial.pass(STRAGGLERS_MS - 50);
    expect(trial.awards).toEqual([]);
    trial.pass(50);
    expect(trial.awards).toHaveLength(1);
  });

  it('waits for the others no longer than the deadline of all', () => {
    const trial = new Trial(['a', 'b']);
    trial.offers('a', 1);
    trial.pass(ASK_MS - 50);
    expect(trial.awards).toEqual([]);
    trial.pass(50);
    expect(trial.awards.map(({ host }) => host)).toEqual(['a']);
  });

  it('gives back what a late bid reserved, and keeps what it awards although the bid comes twice', () => {
    const trial = new Trial(['a', 'b', 'c']);
    trial.offers('a', 1);
    trial.offers('b', 1, { appReplicas: 1 });
    trial.pass(STRAGGLERS_MS);
    expect(trial.awards.map(({ host }) => host)).toEqual(['a']);
    trial.released.length = 0;
    trial.offers('c', 1);
    trial.offers('a', 1);
    expect(trial.released).toEqual(['c']);
    trial.claims('a');
    trial.offers('b', 1);
    expect(trial.released, 'also when it has ended').toEqual(['c', 'b']);
  });

  it('ends at once when nobody may be asked, with the reasons', () => {
    const { outcome } = new Trial([], { refusals: [refusal('x', 'cordoned')] });
    expect(outcome).toMatchObject({ kind: 'unplaceable', missing: [0], refusals: [{ rule: 'cordoned' }] });
    expect(outcome?.decisions, 'kept for people who ask why').toMatchObject([
      { wanted: 1, offers: [], refusals: [{ hostName: 'x', rule: 'cordoned' }], placed: [] },
    ]);
  });

  it('has nothing to do when no replica is wanted', () => {
    expect(new Trial(['a'], { replicas: [] }).outcome).toMatchObject({ kind: 'placed', placed: [] });
  });

  it('widens beyond the candidates asked first when they can not fill it', () => {
    const trial = new Trial(many(100));
    expect(Object.keys(trial.asked)).toHaveLength(32);
    for (const host of many(32)) trial.refuses(host);
    expect(Object.keys(trial.asked)).toEqual(many(64).slice(32));
  });

  it('asks a host that was silent once more, and not a third time', () => {
    const trial = new Trial(['a', 'b']);
    trial.fails('a');
    trial.refuses('b');
    expect(trial.asked).toEqual({ a: 1 });
    trial.pass(ASK_MS);
    expect(trial.outcome).toMatchObject({ kind: 'unplaceable' });
    expect(trial.outcome?.refusals.find(({ hostName }) => hostName === 'a')?.rule).toBe('no-answer');
  });
});

describe('all or nothing', () => {
  it('awards nothing and releases everything when not all replicas fit', () => {
    const trial = new Trial(['a', 'b'], { replicas: replicas(4) });
    trial.offers('a', 2, limited('a'));
    trial.refuses('b');
    expect(trial.awards).toEqual([]);
    expect(trial.released).toEqual(['a']);
    expect(trial.outcome).toMatchObject({ kind: 'unplaceable', placed: [], isTransient: false });
    expect(trial.outcome?.missing).toEqual(replicas(4));
  });

  it('holds what it has while it asks those that may give more', () => {
    const trial = new Trial(['a', 'b', 'c'], { replicas: replicas(6) });
    expect(trial.asked).toEqual({ a: 3, b: 3, c: 3 });
    trial.offers('a', 3);
    trial.offers('b', 1, limited('b'));
    trial.refuses('c');
    expect(trial.released).toEqual([]);
    expect(trial.asked, 'b is asked to renew what it holds').toEqual({ a: 5, b: 1 });
    trial.offers('b', 1, limited('b'));
    trial.offers('a', 5);
    expect(trial.awards.map(({ host, assignments }) => [host, assignments.length])).toEqual([
      ['a', 5],
      ['b', 1],
    ]);
  });

  it('does not award an offer that has expired meanwhile', () => {
    const trial = new Trial(['a', 'b'], { replicas: replicas(2) });
    trial.offers('a', 1, { ...limited('a'), expiresInMs: ASK_MS });
    trial.pass(ASK_MS);
    expect(trial.asked, 'nothing is held').toEqual({ a: 2, b: 2 });
    trial.offers('b', 1, limited('b'));
    trial.pass(ASK_MS);
    expect(trial.awards).toEqual([]);
  });

  it('tries the replicas of a broken offer elsewhere', () => {
    const trial = new Trial(['a', 'b'], { replicas: replicas(2) });
    trial.offers('a', 2, limited('a'));
    trial.offers('b', 2);
    trial.claims('a');
    trial.expired('b');
    trial.offers('a', 1);
    trial.offers('b', 1);
    trial.claims(trial.awards.at(-1)?.host ?? '');
    expect(trial.outcome).toMatchObject({ kind: 'placed', missing: [] });
    expect(trial.outcome?.decisions.map(({ placed }) => placed.length)).toEqual([1, 1]);
  });
});

describe('contending auctions', () => {
  const contend = (olderAuctions: number) => {
    const trial = new Trial(['a', 'b'], { replicas: replicas(2) });
    trial.offers('a', 1, limited('a'));
    trial.refuses('b', 'insufficient-memory', { transient: true, numbers: { olderAuctions } });
    return trial;
  };

  it.each([
    {
      name: 'the older one soon',
      olderAuctions: 0,
      fromMs: BACKOFF_MIN_MS,
      toMs: (BACKOFF_MIN_MS + BACKOFF_MAX_MS) / 2,
    },
    {
      name: 'the younger later',
      olderAuctions: 1,
      fromMs: (BACKOFF_MIN_MS + BACKOFF_MAX_MS) / 2,
      toMs: BACKOFF_MAX_MS,
    },
  ])('release everything and try again, $name', ({ olderAuctions, fromMs, toMs }) => {
    const trial = contend(olderAuctions);
    expect(trial.released).toEqual(['a']);
    trial.asked = {};
    trial.pass(Math.floor(fromMs / 50) * 50 - 50);
    expect(trial.asked).toEqual({});
    trial.pass(Math.ceil(toMs / 50) * 50 - trial.nowMs);
    expect(Object.keys(trial.asked)).toEqual(['a', 'b']);
  });

  it('give up after a bounded number of rounds and say that it may work later', () => {
    const trial = new Trial(['a']);
    for (let round = 1; round <= ROUNDS_MAX; round++) {
      expect(trial.outcome).toBeUndefined();
      trial.refuses('a', 'insufficient-memory', { transient: true });
      trial.pass(BACKOFF_MAX_MS + 50);
    }
    expect(trial.outcome).toMatchObject({ kind: 'unplaceable', isTransient: true });
    expect(trial.outcome?.decisions).toHaveLength(ROUNDS_MAX);
  });
});

describe('healing', () => {
  it('places what fits and tells what is missing', () => {
    const trial = new Trial(['a', 'b'], { replicas: replicas(3), allOrNothing: false });
    trial.offers('a', 2, limited('a'));
    trial.refuses('b');
    trial.claims('a');
    expect(trial.outcome).toMatchObject({ kind: 'unplaceable', missing: [2] });
    expect(trial.outcome?.placed.map(({ replica }) => replica)).toEqual([0, 1]);
  });
});

describe('an award without an answer', () => {
  it('is sent again as it was, then left open: nobody else gets its replicas', () => {
    const trial = new Trial(['a', 'b'], { replicas: replicas(2) });
    trial.offers('a', 1, limited('a'));
    trial.offers('b', 1, limited('b'));
    trial.claims('a');
    trial.pass(AWARD_MS * AWARD_ATTEMPTS);
    const sent = trial.awards.filter(({ host }) => host === 'b');
    expect(sent).toHaveLength(AWARD_ATTEMPTS);
    expect(new Set(sent.map(({ assignments }) => JSON.stringify(assignments))).size).toBe(1);
    expect(trial.outcome).toMatchObject({ kind: 'placed', missing: [], unknown: [{ hostId: 'b' }] });
    expect(trial.outcome?.placed).toHaveLength(1);
  });

  it('counts when the answer comes to the second one', () => {
    const trial = new Trial(['a']);
    trial.offers('a', 1);
    trial.pass(AWARD_MS);
    trial.claims('a');
    trial.claims('a');
    expect(trial.outcome).toMatchObject({ kind: 'placed', unknown: [] });
    expect(trial.outcome?.placed).toHaveLength(1);
  });
});

describe('a cancelled auction', () => {
  it('releases what it holds, and what is offered later', () => {
    const trial = new Trial(['a', 'b']);
    trial.offers('a', 1);
    trial.cancel();
    trial.offers('b', 1);
    expect(trial.released).toEqual(['a', 'b']);
    expect(trial.outcome).toMatchObject({ kind: 'cancelled', placed: [], unknown: [], missing: [0] });
  });

  it('tells which awards are on their way', () => {
    const trial = new Trial(['a']);
    trial.offers('a', 1);
    trial.cancel();
    expect(trial.outcome).toMatchObject({ kind: 'cancelled', unknown: [{ replica: 0, hostId: 'a' }], missing: [] });
    expect(trial.outcome?.decisions).toHaveLength(1);
  });
});
