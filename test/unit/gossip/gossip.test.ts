import { describe, expect, it } from 'vitest';
import { bounds } from '../../../agent/core/gossip/bounds.ts';
import { deltaId } from '../../../agent/core/gossip/delta-id.ts';
import {
  createGossip,
  type GossipEffect,
  type GossipEvent,
  type GossipState,
  gossipStep,
} from '../../../agent/core/gossip/gossip.ts';
import type { Delta, GossipMessage } from '../../../agent/core/mesh/messages.ts';
import type { HostId } from '../../../protocol/ids.ts';

const [a, b, c, d] = ['a', 'b', 'c', 'd'] as HostId[] as [HostId, HostId, HostId, HostId];

/** A host record of this size. */
const change = (sequence: number, sizeBytes = 10): Delta => ({
  kind: 'host',
  record: {
    hostId: 'origin' as HostId,
    incarnation: 1,
    sequence,
    payload: new Uint8Array(sizeBytes),
    signature: new Uint8Array(64),
  },
});

const packet = (delta: Delta, hops = 1): GossipMessage => ({ type: 'delta', id: deltaId(delta), hops, delta });

/** One member with neighbours, `tree` of them eager. */
function bench(peers: readonly HostId[], tree: readonly HostId[] = peers) {
  const state = createGossip();
  const at = { nowMs: 0 };
  const step = (event: GossipEvent): GossipEffect[] => gossipStep(state, event, { ...at, rng: () => 0 });
  const hear = (from: HostId, message: GossipMessage): GossipEffect[] => step({ type: 'message', from, message });
  step({ type: 'neighbours', peers, tree });
  return {
    state,
    step,
    hear,
    /** A change arrives, is current and goes on. */
    pass(from: HostId, delta: Delta): GossipEffect[] {
      const delivered = hear(from, packet(delta)).find((effect) => effect.type === 'deliver');
      return delivered === undefined ? [] : step({ ...delivered, type: 'forward' });
    },
    tick(passedMs: number): GossipEffect[] {
      at.nowMs += passedMs;
      return step({ type: 'tick' });
    },
  };
}

const sends = (effects: readonly GossipEffect[]): string[] =>
  effects.flatMap((effect) => (effect.type === 'send' ? [`${effect.message.type} to ${effect.to}`] : []));

const links = ({ eager, lazy }: GossipState) => ({ eager: [...eager].sort(), lazy: [...lazy].sort() });

describe('the tree', () => {
  it('carries a change to all eager neighbours but the one it came from, and its name to the lazy ones', () => {
    const { pass, tick } = bench([a, b, c, d], [a, b, c]);
    expect(sends(pass(a, change(1)))).toEqual(['delta to b', 'delta to c']);
    expect(sends(tick(100))).toEqual(['ihave to d']);
    expect(sends(tick(100))).toEqual([]);
  });

  it('loses a link that brings what another one brought before, and only that one', () => {
    const { state, pass, hear } = bench([a, b, c]);
    pass(a, change(1));
    expect(sends(hear(b, packet(change(1))))).toEqual(['prune to b']);
    expect(sends(hear(a, packet(change(1))))).toEqual([]);
    expect(links(state)).toEqual({ eager: [a, c], lazy: [b] });
  });

  it('does not answer every duplicate that was on its way already', () => {
    const { pass, hear, tick } = bench([a, b, c]);
    for (const sequence of [1, 2, 3]) pass(a, change(sequence));
    expect(sends([1, 2, 3].flatMap((sequence) => hear(b, packet(change(sequence)))))).toEqual(['prune to b']);
    tick(bounds.pruneAgainMs);
    pass(a, change(4));
    expect(sends(hear(b, packet(change(4))))).toEqual(['prune to b']);
  });

  it('loses a link whose other end asks for that', () => {
    const { state, hear } = bench([a, b]);
    hear(b, { type: 'prune' });
    expect(links(state)).toEqual({ eager: [a], lazy: [b] });
  });

  it('is whole again after it lost a link for good', () => {
    const { state, step, hear } = bench([a, b, c, d], [b, c]);
    hear(b, { type: 'prune' });
    step({ type: 'neighbours', peers: [a, b, d], tree: [a, b] });
    expect(links(state)).toEqual({ eager: [a, b], lazy: [d] });
  });

  it('keeps what it learned when somebody comes', () => {
    const { state, step, hear } = bench([a, b], [a, b]);
    hear(b, { type: 'prune' });
    step({ type: 'neighbours', peers: [a, b, c, d], tree: [a, c] });
    expect(links(state)).toEqual({ eager: [a, c], lazy: [b, d] });
  });
});

describe('repair', () => {
  it('asks for an announced change that did not come, one announcer after the other, and then no more', () => {
    const { state, hear, tick } = bench([a, b, c], [c]);
    const ids = [deltaId(change(1))];
    hear(a, { type: 'ihave', ids });
    hear(b, { type: 'ihave', ids });
    expect(sends(tick(bounds.missingMs - 1))).toEqual([]);
    expect(sends(tick(1))).toEqual(['graft to a']);
    expect(links(state).eager).toEqual([a, c]);
    expect(sends(tick(bounds.graftAgainMs))).toEqual(['graft to b']);
    expect(sends(tick(bounds.graftAgainMs))).toEqual([]);
    expect(state.missing.size).toBe(0);
  });

  it('does not ask for what came in the meantime', () => {
    const { hear, pass, tick } = bench([a, b]);
    hear(b, { type: 'ihave', ids: [deltaId(change(1))] });
    pass(a, change(1));
    expect(sends(tick(bounds.missingMs)).filter((text) => text.startsWith('graft'))).toEqual([]);
  });

  it('gives a change to those who ask while it is kept, and they are in the tree from then on', () => {
    const { state, pass, hear, tick } = bench([a, b], [a]);
    pass(a, change(1));
    const ids = [deltaId(change(1)), 'h/unknown/1/1'];
    expect(sends(hear(b, { type: 'graft', ids }))).toEqual(['delta to b']);
    expect(links(state).eager).toEqual([a, b]);
    tick(bounds.keptMs);
    expect(sends(hear(b, { type: 'graft', ids }))).toEqual([]);
  });
});

describe('what comes from the network', () => {
  it('is delivered once', () => {
    const { hear } = bench([a, b]);
    const delivered = [a, b, a]
      .flatMap((from) => hear(from, packet(change(1))))
      .filter(({ type }) => type === 'deliver');
    expect(delivered).toHaveLength(1);
  });

  it('is dropped when its name is not that of its content', () => {
    const { hear } = bench([a]);
    expect(hear(a, { ...packet(change(2)), id: deltaId(change(1)) } as GossipMessage)).toEqual([]);
  });

  it('is not passed on unless somebody found it current', () => {
    const { hear, tick } = bench([a, b, c], [a, b]);
    expect(sends(hear(a, packet(change(1))))).toEqual([]);
    expect(sends(tick(100))).toEqual([]);
  });

  it('takes bounded memory, whatever it is', () => {
    const { state, pass, hear, tick } = bench([a, b]);
    for (let sequence = 0; sequence < 100; sequence++) pass(a, change(sequence, 256 * 1024));
    expect(state.seen.keptBytes).toBeLessThanOrEqual(bounds.keptBytes);
    for (let round = 0; round < 40; round++) {
      hear(b, { type: 'ihave', ids: Array.from({ length: 1_000 }, (_, i) => `h/x/${round}/${i}`) });
    }
    expect(state.missing.size).toBeLessThanOrEqual(bounds.missing);
    for (let sequence = 0; sequence < bounds.seen + 100; sequence++) hear(a, packet(change(1_000 + sequence)));
    expect(state.seen.ids.size).toBeLessThanOrEqual(bounds.seen);
    tick(bounds.seenMs);
    expect([state.seen.ids.size, state.seen.kept.size, state.seen.keptBytes]).toEqual([0, 0, 0]);
  });

  it('is counted once however often its author publishes it', () => {
    const { state, step, tick } = bench([a, b]);
    for (let i = 0; i < 3; i++) step({ type: 'publish', delta: change(1, 100) });
    expect([state.seen.kept.size, state.seen.keptBytes]).toEqual([1, 356]);
    tick(bounds.keptMs);
    expect([state.seen.kept.size, state.seen.keptBytes]).toEqual([0, 0]);
  });

  it('changes nothing when it comes from somebody who is no neighbour', () => {
    const { state, hear } = bench([a], [a]);
    hear(d, { type: 'graft', ids: [] });
    hear(d, { type: 'prune' });
    expect(links(state)).toEqual({ eager: [a], lazy: [] });
  });
});

describe('names of changes', () => {
  const update = { hostId: a, incarnation: 3, by: b } as const;
  const record = { key: 'apps/g/x', hlc: '01-00-a', author: a, deleted: false, value: '{}', ancestors: [] } as const;
  it.each([
    {
      name: 'a death, whoever says so',
      delta: { kind: 'liveness', update: { ...update, status: 'dead' } },
      id: 'l/a/3/dead',
    },
    {
      name: 'a suspicion, with its accuser',
      delta: { kind: 'liveness', update: { ...update, status: 'suspect' } },
      id: 'l/a/3/suspect/b',
    },
    { name: 'a host record, by its version', delta: change(7), id: 'h/origin/1/7' },
    {
      name: 'records, by the first stamp and their number',
      delta: { kind: 'catalog', records: [record] },
      id: 'c/01-00-a-1',
    },
  ])('$name: $id', ({ delta, id }) => {
    expect(deltaId(delta as unknown as Delta)).toBe(id);
  });
});
