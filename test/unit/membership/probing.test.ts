import { describe, expect, it } from 'vitest';
import { membershipStep } from '../../../agent/core/membership/membership.ts';
import { createMembership, type MembershipEffect, type MembershipState } from '../../../agent/core/membership/state.ts';
import { timing } from '../../../agent/core/membership/timing.ts';
import type { GossipMessage } from '../../../agent/core/mesh/messages.ts';
import type { HostId } from '../../../protocol/ids.ts';

const [self, a, b, c, d] = ['self', 'a', 'b', 'c', 'd'] as HostId[] as [HostId, HostId, HostId, HostId, HostId];

/** One member under a clock of its own, and what it sent. */
class Bench {
  readonly state: MembershipState = createMembership(self, 1);
  nowMs = 0;
  effects: MembershipEffect[] = [];

  constructor(others: readonly HostId[]) {
    this.#take(
      membershipStep(this.state, { type: 'members', members: others.map((hostId) => ({ hostId })) }, this.#ctx()),
    );
  }

  /** Ticks until then; `answer` says what members send back at once. */
  run(
    forMs: number,
    answer: (to: HostId, message: GossipMessage) => readonly [HostId, GossipMessage][] = () => [],
  ): void {
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs; ) {
      this.nowMs += 100;
      const before = this.effects.length;
      this.#take(membershipStep(this.state, { type: 'tick', isLate: false }, this.#ctx()));
      for (const effect of this.effects.slice(before)) {
        if (effect.type !== 'send') continue;
        for (const [from, message] of answer(effect.to, effect.message)) this.hear(from, message);
      }
    }
  }

  hear(from: HostId, message: GossipMessage): void {
    this.#take(membershipStep(this.state, { type: 'message', from, message }, this.#ctx()));
  }

  lateTick(): void {
    this.nowMs += 100;
    this.#take(membershipStep(this.state, { type: 'tick', isLate: true }, this.#ctx()));
  }

  linkDown(peer: HostId): void {
    this.#take(membershipStep(this.state, { type: 'link-down', peer }, this.#ctx()));
  }

  sent<T extends GossipMessage['type']>(type: T): HostId[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'send' && effect.message.type === type ? [effect.to] : [],
    );
  }

  statusOf(hostId: HostId): string | undefined {
    return this.state.members.get(hostId)?.status;
  }

  #ctx() {
    return { nowMs: this.nowMs, rng: () => 0.4 };
  }

  #take(effects: readonly MembershipEffect[]): void {
    this.effects.push(...effects);
  }
}

const ack = (to: HostId, message: GossipMessage): readonly [HostId, GossipMessage][] =>
  message.type === 'ping' ? [[to, { type: 'ack', seq: message.seq, incarnation: 1 }]] : [];

const ackUnless =
  (silent: HostId) =>
  (to: HostId, message: GossipMessage): readonly [HostId, GossipMessage][] =>
    to === silent ? [] : ack(to, message);

describe('probing', () => {
  it('reaches every neighbour once per round', () => {
    const bench = new Bench([a, b, c, d]);
    bench.run(5_500, ack);
    expect([...new Set(bench.sent('ping'))].sort()).toEqual([a, b, c, d]);
    expect(bench.sent('ping').length).toBeLessThanOrEqual(6);
  });

  it('declares a silent member dead after the probe, its second chance and the suspicion', () => {
    const bench = new Bench([a, b, c, d]);
    bench.run(8_500, ackUnless(a));
    expect(bench.statusOf(a)).toBe('dead');
    expect([b, c, d].map((hostId) => bench.statusOf(hostId))).toEqual(['alive', 'alive', 'alive']);
    expect([...new Set(bench.sent('ping-req'))].sort()).toEqual([b, c, d]);
    expect(bench.state.health).toBe(0);
  });

  it('trusts a helper that reached the target', () => {
    const bench = new Bench([a, b]);
    bench.run(12_000, (to, message) => {
      if (message.type === 'ping-req') {
        return [[to, { type: 'ping-req-ack', seq: message.seq, target: message.target, incarnation: 1 }]];
      }
      return ackUnless(a)(to, message);
    });
    expect(bench.statusOf(a)).toBe('alive');
  });

  it('looks at once when a link breaks', () => {
    const bench = new Bench([a, b, c, d]);
    bench.linkDown(c);
    expect(bench.sent('ping')).toEqual([c]);
  });

  it('draws no conclusion from what was unanswered when its own event loop stood still', () => {
    const bench = new Bench([a]);
    bench.linkDown(a);
    bench.run(900);
    bench.lateTick();
    bench.run(300);
    expect(bench.statusOf(a)).toBe('alive');
    expect(bench.state.health).toBe(1);
  });

  it('blames itself when nobody at all is heard, and slows down', () => {
    const bench = new Bench([a, b, c, d]);
    bench.run(6_000);
    expect(bench.state.health).toBeGreaterThan(0);
  });

  it('tells a suspect until it refutes', () => {
    const bench = new Bench([a, b, c, d]);
    bench.run(4_000, ackUnless(a));
    const told = bench.sent('liveness-list');
    expect(told.length).toBeGreaterThan(2);
    expect(new Set(told)).toEqual(new Set([a]));
    bench.hear(a, { type: 'ping', seq: 1, incarnation: 2 });
    expect(bench.statusOf(a)).toBe('alive');
  });

  it('tries the dead for ever, but not those that left', () => {
    const bench = new Bench([a, b, c, d]);
    bench.run(9_000, ackUnless(a));
    bench.effects = [];
    bench.run(20_000, ackUnless(a));
    const tries = bench.sent('ping').filter((to) => to === a).length;
    expect(tries).toBeGreaterThanOrEqual(20_000 / timing.deadProbeMs / 1.3);
    expect(tries).toBeLessThanOrEqual(20_000 / timing.deadProbeMs / 0.7);
  });

  it('probes for others, and answers only for the member that was asked about', () => {
    const bench = new Bench([a, b, c]);
    bench.hear(a, { type: 'ping-req', seq: 77, target: b });
    const ping = bench.effects.find((effect) => effect.type === 'send' && effect.to === b);
    if (ping?.type !== 'send' || ping.message.type !== 'ping') throw new Error('no ping for the helper');
    bench.hear(c, { type: 'ack', seq: ping.message.seq, incarnation: 1 });
    expect(bench.sent('ping-req-ack')).toEqual([]);
    bench.hear(b, { type: 'ack', seq: ping.message.seq, incarnation: 1 });
    expect(bench.sent('ping-req-ack')).toEqual([a]);
  });
});

describe('a member that is cut off', () => {
  it('knows within three seconds, before it declares anybody dead', () => {
    const bench = new Bench([a, b, c, d]);
    bench.run(3_000, ack);
    expect(bench.state.isIsolated).toBe(false);
    bench.run(3_000);
    expect(bench.state.isIsolated).toBe(true);
    expect(bench.state.dead.size).toBe(0);
  });

  it('acts again half a minute after the others are dead', () => {
    const bench = new Bench([a, b, c, d]);
    bench.run(3_000, ack);
    bench.run(90_000);
    expect(bench.state.dead.size).toBe(4);
    expect(bench.state.isIsolated).toBe(false);
  });
});
