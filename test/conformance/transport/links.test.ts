import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GossipMessage } from '../../../agent/core/mesh/messages.ts';
import { limits } from '../../../protocol/limits.ts';
import { eventually, lastLink, Mesh, ping, seqsFrom } from './world.ts';
import { Libp2pWorld, MemoryWorld } from './worlds.ts';

const bulky = (seq: number, bytes: number): GossipMessage => ({
  type: 'ihave',
  ids: ['x'.repeat(1_000), String(seq), ...Array(Math.ceil(bytes / 1_003)).fill('y'.repeat(1_000))],
});

describe.each([
  ['memory', () => new MemoryWorld()],
  ['libp2p', () => new Libp2pWorld()],
] as const)('links over %s', (_, newWorld) => {
  let mesh: Mesh;
  beforeEach(() => {
    mesh = new Mesh(newWorld());
  });
  afterEach(() => mesh.stopAll());

  it('carries the messages of one turn in order, in both directions at once, without being told to connect', async () => {
    const [a, b] = [await mesh.member(), await mesh.member()];
    const seqs = Array.from({ length: 3_000 }, (_, seq) => seq);
    for (const seq of seqs) {
      a.transport.send(b.hostId, ping(seq));
      b.transport.send(a.hostId, ping(seq));
    }
    await eventually(() => a.received.length === 3_000 && b.received.length === 3_000, 'all messages arrive');
    expect(seqsFrom(a, b.hostId)).toEqual(seqs);
    expect(seqsFrom(b, a.hostId)).toEqual(seqs);
    expect(a.transport.stats().droppedMessages).toBe(0);
  });

  it('is up on both sides when one keeps it, and down when the other stops', async () => {
    const [a, b] = [await mesh.member(), await mesh.member()];
    a.transport.keep([b.hostId]);
    await eventually(() => lastLink(a, b.hostId) === 'up' && lastLink(b, a.hostId) === 'up', 'both see the link');
    await mesh.stop(b);
    await eventually(() => lastLink(a, b.hostId) === 'down', 'the link is down');
  });

  it('works both ways when two members dial each other at once', async () => {
    const [a, b] = [await mesh.member(), await mesh.member()];
    a.transport.keep([b.hostId]);
    b.transport.keep([a.hostId]);
    a.transport.send(b.hostId, ping(1));
    b.transport.send(a.hostId, ping(2));
    await eventually(
      () => seqsFrom(a, b.hostId).includes(2) && seqsFrom(b, a.hostId).includes(1),
      'both messages arrive',
    );
    a.transport.send(b.hostId, ping(3));
    await eventually(() => seqsFrom(b, a.hostId).includes(3), 'a later message arrives');
  });

  it('drops the oldest when the queue to one peer is full, and the newest arrive in order', async () => {
    const [a, b] = [await mesh.member(), await mesh.member()];
    a.transport.keep([b.hostId]);
    await eventually(() => lastLink(a, b.hostId) === 'up', 'the link is up');
    const bytes = 64 * 1024;
    const count = Math.ceil((2 * limits.gossipQueueBytes) / bytes);
    for (let seq = 0; seq < count; seq++) a.transport.send(b.hostId, bulky(seq, bytes));
    const seqs = () => b.received.map(({ message }) => (message.type === 'ihave' ? Number(message.ids[1]) : -1));
    await eventually(() => seqs().at(-1) === count - 1, 'the newest message arrives');
    const dropped = a.transport.stats().droppedMessages;
    expect(dropped).toBeGreaterThanOrEqual(count / 2);
    expect(seqs()).toEqual(Array.from({ length: count - dropped }, (_, index) => dropped + index));
  });

  it('drops a message that fits no frame, and nothing else', async () => {
    const [a, b] = [await mesh.member(), await mesh.member()];
    a.transport.send(b.hostId, ping(1));
    a.transport.send(b.hostId, bulky(0, limits.gossipFrameBytes + 1));
    a.transport.send(b.hostId, ping(2));
    await eventually(() => b.received.length === 2, 'the others arrive');
    expect(seqsFrom(b, a.hostId)).toEqual([1, 2]);
    expect(a.transport.stats().droppedMessages).toBe(1);
  });

  it('links again by itself with a peer that restarted', async () => {
    const [a, first] = [await mesh.member(), await mesh.member()];
    a.transport.keep([first.hostId]);
    await eventually(() => lastLink(a, first.hostId) === 'up', 'the first link is up');
    const second = await mesh.restart(first);
    await eventually(
      () => lastLink(second, a.hostId) === 'up' && lastLink(a, first.hostId) === 'up',
      'the link is up again',
    );
    expect(a.links.map(({ state }) => state)).toEqual(['up', 'down', 'up']);
    a.transport.send(second.hostId, ping(7));
    await eventually(() => seqsFrom(second, a.hostId).includes(7), 'a message reaches the new process');
  });

  it('finds a kept peer that starts later', async () => {
    const a = await mesh.member();
    const peer = await mesh.member();
    await mesh.stop(peer);
    a.transport.keep([peer.hostId]);
    const again = await mesh.restart(peer);
    await eventually(() => lastLink(a, again.hostId) === 'up', 'the link is up');
  });

  it('does not collect messages for members that cannot be reached', async () => {
    const a = await mesh.member();
    const absent = await mesh.absent();
    for (let seq = 0; seq < 10; seq++) a.transport.send(absent, ping(seq));
    await eventually(() => a.transport.stats().droppedMessages === 10, 'all are counted as dropped');
  });

  it('takes nothing from a stranger and sends nothing to one', async () => {
    const [a, stranger] = [await mesh.member(), await mesh.stranger()];
    stranger.transport.keep([a.hostId]);
    stranger.transport.send(a.hostId, ping(1));
    a.transport.send(stranger.hostId, ping(2));
    await eventually(() => a.transport.stats().rejectedPeers > 0, 'the stranger is refused');
    expect(a.transport.stats().droppedMessages).toBe(1);
    expect([a.received, a.links, stranger.received, stranger.links]).toEqual([[], [], [], []]);
  });

  it('tells an evicted host so when it comes, and hears nothing of what it says', async () => {
    const [a, evicted] = [await mesh.member(), await mesh.stranger()];
    mesh.farewells.set(evicted.hostId, ping(7));
    evicted.transport.keep([a.hostId]);
    evicted.transport.send(a.hostId, ping(1));
    await eventually(() => seqsFrom(evicted, a.hostId).includes(7), 'the evicted host is told');
    await expect(evicted.transport.call(a.hostId, 'any', new Uint8Array(), { timeoutMs: 2_000 })).rejects.toMatchObject(
      { code: 'host-unreachable' },
    );
    expect(a.received).toEqual([]);
    expect(a.links).toEqual([]);
    expect(a.transport.stats().rejectedPeers).toBeGreaterThan(0);
  });

  it('ends the links of an evicted member at once and lets it in no more', async () => {
    const [a, evicted] = [await mesh.member(), await mesh.stranger()];
    mesh.members.add(evicted.hostId);
    evicted.transport.keep([a.hostId]);
    await eventually(() => lastLink(a, evicted.hostId) === 'up', 'the link is up');
    mesh.members.delete(evicted.hostId);
    const refusedBefore = a.transport.stats().rejectedPeers;
    a.transport.drop(evicted.hostId);
    await eventually(() => lastLink(a, evicted.hostId) === 'down', 'the link is down');
    await eventually(() => lastLink(evicted, a.hostId) === 'down', 'the evicted sees it too');
    evicted.transport.send(a.hostId, ping(1));
    await expect(evicted.transport.call(a.hostId, 'any', new Uint8Array(), { timeoutMs: 2_000 })).rejects.toMatchObject(
      { code: 'host-unreachable' },
    );
    await eventually(() => a.transport.stats().rejectedPeers > refusedBefore, 'it is refused');
    expect(a.received).toEqual([]);
    expect(lastLink(a, evicted.hostId)).toBe('down');
  });
});
