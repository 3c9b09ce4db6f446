import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rank, stewardOf } from '../../../agent/core/rendezvous.ts';
import type { HostId } from '../../../protocol/ids.ts';

const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 40 });
const asHosts = (names: readonly string[]) => names as readonly HostId[];

describe('rendezvous', () => {
  it('orders all members, whatever order they come in', () => {
    fc.assert(
      fc.property(fc.string(), members, (key, names) => {
        const order = rank(key, asHosts(names), names.length);
        expect([...order].sort()).toEqual([...names].sort());
        expect(rank(key, asHosts(names.toReversed()), names.length)).toEqual(order);
        expect(stewardOf(key, asHosts(names))).toBe(order[0]);
        expect(rank(key, asHosts(names), 3)).toEqual(order.slice(0, 3));
      }),
    );
  });

  it('moves nothing but its own keys when a member leaves', () => {
    fc.assert(
      fc.property(fc.string(), members, fc.nat(), (key, names, at) => {
        const gone = names[at % names.length];
        const before = rank(key, asHosts(names), names.length);
        const after = rank(key, asHosts(names.filter((name) => name !== gone)), names.length);
        expect(after).toEqual(before.filter((name) => name !== gone));
      }),
    );
  });

  it('spreads keys evenly: with 10 members each is steward of a tenth of 10,000 keys, give or take a fifth', () => {
    const hosts = asHosts(Array.from({ length: 10 }, (_, i) => `12D3KooWhost${i}`));
    const counts = new Map<string, number>();
    for (let i = 0; i < 10_000; i++) {
      const steward = stewardOf(`apps/shop/app-${i}`, hosts) ?? '';
      counts.set(steward, (counts.get(steward) ?? 0) + 1);
    }
    for (const host of hosts) {
      expect(counts.get(host)).toBeGreaterThan(800);
      expect(counts.get(host)).toBeLessThan(1_200);
    }
  });

  it('has no steward without members', () => {
    expect(stewardOf('apps/shop/web', [])).toBeUndefined();
  });
});
