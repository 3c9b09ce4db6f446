import { describe, expect, it } from 'vitest';
import { PieceSet } from '../../../agent/core/images/pieces.ts';
import { trackerBounds } from '../../../agent/core/images/swarm/bounds.ts';
import type { TrackerEffect, TrackerEvent } from '../../../agent/core/images/swarm/events.ts';
import { createTracker, stepTracker } from '../../../agent/core/images/swarm/tracker.ts';
import type { Digest } from '../../../protocol/digest.ts';
import type { HostId } from '../../../protocol/ids.ts';

const digest = `sha256:${'a'.repeat(64)}` as Digest;
const sizeBytes = 4 * 256 * 1024;
const host = (name: string) => name as HostId;
const have = (...pieces: number[]) => {
  const set = new PieceSet(4);
  for (const piece of pieces) set.add(piece);
  return set.bits;
};

/** A tracker that has been one for long. */
class Tracker {
  readonly state = createTracker({ self: host('self') });

  constructor() {
    this.ticks(trackerBounds.unsettledMs);
  }

  step(event: TrackerEvent): TrackerEffect[] {
    return stepTracker(this.state, event, { nowMs: 0, rng: () => 0.5 });
  }

  ticks(ms: number): TrackerEffect[] {
    return Array.from({ length: ms / 100 }, () => this.step({ type: 'tick' })).flat();
  }

  join(from: string, rest: Partial<Extract<TrackerEvent, { type: 'join' }>> = {}): TrackerEffect[] {
    const base = { zone: 'a', digest, sizeBytes, have: have(), origin: 'docker.io/web' };
    return this.step({ type: 'join', from: host(from), ...base, ...rest });
  }

  announce(from: string): TrackerEffect[] {
    const held = [{ digest, sizeBytes, isPinned: false }];
    return this.step({ type: 'announced', from: host(from), held, dropped: [], isAll: false });
  }
}

const fetched = (effects: readonly TrackerEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'fetch-origin' ? [effect.pieces] : []));
const peers = (effects: readonly TrackerEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'joined' ? [...effect.peers].sort() : []));

describe('a tracker', () => {
  it('fetches what nobody has, once', () => {
    const tracker = new Tracker();
    expect(fetched(tracker.join('a', { have: have(1) }))).toEqual([[0, 2, 3]]);
    expect(fetched(tracker.join('b'))).toEqual([]);
    expect(fetched(tracker.ticks(2_000))).toEqual([]);
  });

  it('names the host that fetches, holders and participants', () => {
    const tracker = new Tracker();
    expect(peers(tracker.join('a'))).toEqual(['self']);
    expect(peers(tracker.join('b'))).toEqual(['a', 'self']);
    const other = new Tracker();
    other.announce('h');
    expect(fetched(other.join('a'))).toEqual([]);
    expect(peers(other.join('b'))).toEqual(['a', 'h']);
  });

  it('waits for others when it has just become one', () => {
    const tracker = new Tracker();
    tracker.step({ type: 'members-changed' });
    expect(fetched(tracker.join('a'))).toEqual([]);
    expect(fetched(tracker.join('b', { have: have(0, 1) }))).toEqual([]);
    expect(fetched(tracker.ticks(1_000))).toEqual([[2, 3]]);
  });

  it('calls the fetch off when somebody has it whole after all, or nobody wants it any more', () => {
    const tracker = new Tracker();
    tracker.join('a');
    expect(tracker.announce('h')).toEqual([{ type: 'cancel-origin', digest }]);
    const other = new Tracker();
    other.join('a');
    expect(other.step({ type: 'leave', from: host('a'), digest })).toEqual([{ type: 'cancel-origin', digest }]);
  });

  it('fetches again what went with a host, a little later', () => {
    const tracker = new Tracker();
    tracker.join('a');
    for (const piece of [0, 1, 2, 3]) tracker.step({ type: 'origin-piece', digest, piece });
    tracker.step({ type: 'origin-ended', digest, failure: undefined });
    tracker.join('self', { have: have(0, 1), origin: undefined });
    expect(fetched(tracker.ticks(1_000))).toEqual([]);
    expect(fetched(tracker.ticks(1_000))).toEqual([[2, 3]]);
  });

  it('tells a failure for some seconds, then tries again', () => {
    const tracker = new Tracker();
    tracker.join('a');
    const failure = { code: 'upstream-denied', detail: 'No.' };
    tracker.step({ type: 'origin-ended', digest, failure });
    expect(tracker.join('a')).toMatchObject([{ type: 'joined', failure }]);
    expect(fetched(tracker.ticks(2_900))).toEqual([]);
    expect(fetched(tracker.ticks(200))).toEqual([[0, 1, 2, 3]]);
  });

  it('does not mix blobs of two sizes', () => {
    const tracker = new Tracker();
    tracker.join('a');
    expect(tracker.join('b', { sizeBytes: sizeBytes + 1 })).toMatchObject([
      { type: 'joined', peers: [], failure: { code: 'invalid-request' } },
    ]);
  });

  it('forgets swarms and hosts that are gone', () => {
    const tracker = new Tracker();
    tracker.announce('h');
    tracker.join('a');
    tracker.step({ type: 'gone', peer: host('a') });
    tracker.step({ type: 'gone', peer: host('h') });
    tracker.ticks(10_000);
    expect([tracker.state.swarms.size, tracker.state.holders.size, tracker.state.heldBy.size]).toEqual([0, 0, 0]);
  });

  it('gives all participants about as many neighbours', () => {
    const tracker = new Tracker();
    for (let index = 0; index < 200; index++) tracker.join(`p${index}`);
    const named = [...(tracker.state.swarms.get(digest)?.participants.values() ?? [])].map((one) => one.named);
    expect(Math.max(...named)).toBeLessThanOrEqual(20);
    expect(tracker.state.swarms.get(digest)?.seedNeighbours.size).toBe(trackerBounds.seedNeighbours);
  });
});
