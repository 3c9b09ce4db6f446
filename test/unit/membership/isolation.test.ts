import { describe, expect, it } from 'vitest';
import { isMinority } from '../../../agent/core/membership/isolation.ts';
import type { HostId } from '../../../protocol/ids.ts';

describe('whose side is the smaller one', () => {
  it.each([
    { name: 'alone from the start', self: 'a', here: [], gone: [], expected: false },
    { name: 'two of five left', self: 'a', here: ['b'], gone: ['c', 'd', 'e'], expected: true },
    { name: 'three of five left', self: 'c', here: ['d', 'e'], gone: ['a', 'b'], expected: false },
    { name: 'half, with the smallest id', self: 'a', here: ['d'], gone: ['b', 'c'], expected: false },
    { name: 'half, without the smallest id', self: 'b', here: ['c'], gone: ['a', 'd'], expected: true },
    { name: 'half, the smallest id is a friend', self: 'c', here: ['a'], gone: ['b', 'd'], expected: false },
    { name: 'the other of two, self first', self: 'a', here: [], gone: ['b'], expected: false },
    { name: 'the other of two, self second', self: 'b', here: [], gone: ['a'], expected: true },
  ])('$name: $expected', ({ self, here, gone, expected }) => {
    const others = [
      ...here.map((id) => ({ hostId: id as HostId, isHere: true })),
      ...gone.map((id) => ({ hostId: id as HostId, isHere: false })),
    ];
    expect(isMinority(self as HostId, others)).toBe(expected);
  });
});
