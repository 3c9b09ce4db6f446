import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merge } from '../../../agent/core/catalog/merge.ts';
import { recordsOf, script } from '../catalog/scripts.ts';
import { hostId, SmallMesh, START_MS, signed } from './small-mesh.ts';

/** Deterministic numbers in [0, 1) from a seed (mulberry32 by Tommy Ettinger, public domain). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const versions = fc.array(
  fc.record({ at: fc.nat(), host: fc.nat({ max: 6 }), incarnation: fc.nat({ max: 2 }), sequence: fc.nat({ max: 50 }) }),
  { maxLength: 30 },
);

describe('anti-entropy', () => {
  it('makes all members equal, whatever each one knew before, though a third of the messages is lost', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 5 }),
        script(40),
        versions,
        (seed, size, happenings, held) => {
          const mesh = new SmallMesh(size, seeded(seed), 1 / 3);
          const written = recordsOf(happenings);
          for (const [i, record] of written.entries()) {
            const member = mesh.members[Math.abs(seed + i * 7) % size];
            if (member !== undefined) merge(member.catalog, [record], START_MS);
          }
          for (const { at, host, incarnation, sequence } of held) {
            const member = mesh.members[at % size];
            member?.hosts.put(signed(hostId(host), incarnation, sequence), START_MS);
            member?.incarnations.set(hostId(host), incarnation);
          }
          expect(mesh.converges(600_000)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives a new member a catalog of 3,000 records and 3 MB, and cuts messages at 256 KiB', () => {
    const mesh = new SmallMesh(2, seeded(1));
    const [full] = mesh.members;
    for (let i = 0; i < 3_000; i++) full?.write(`apps/shop/app-${i}`, { text: 'x'.repeat(1_000) }, START_MS);
    expect(mesh.converges(30_000)).toBe(true);
    const sizes = mesh.sent.map(({ message }) => JSON.stringify(message).length);
    expect(Math.max(...sizes)).toBeLessThan(1.25 * 256 * 1024);
  });

  it('says nothing but summaries when all are equal', () => {
    const mesh = new SmallMesh(3, seeded(2));
    for (const member of mesh.members) member.incarnations.set(hostId(0), 1);
    mesh.run(10_000);
    expect(new Set(mesh.sent.map(({ message }) => message.type))).toEqual(new Set(['summary']));
    // One per member and second, a quarter more or less for the jitter.
    expect(mesh.sent.length).toBeGreaterThan(20);
    expect(mesh.sent.length).toBeLessThan(45);
  });
});
