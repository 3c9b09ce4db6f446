import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holdersOf } from '../../../agent/core/images/holders.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { digestOf } from '../../unit/images/fixtures.ts';

const members = fc
  .uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 12 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((id) => fc.record({ hostId: fc.constant(`h${id}` as HostId), zone: fc.constantFrom('a', 'b', 'c') })),
    ),
  );
const digest = fc.integer({ min: 1, max: 1_000 }).map(digestOf);

/** Shows that there are as many copies as can be, in as many zones as can be, whatever order members are listed in. */
it('copies are distinct, as many and as far apart as they can be', () => {
  fc.assert(
    fc.property(members, digest, fc.integer({ min: 0, max: 5 }), (all, of, copies) => {
      const holders = holdersOf(of, all, copies);
      expect(new Set(holders).size).toBe(Math.min(copies, all.length));
      const zones = new Set(all.filter(({ hostId }) => holders.includes(hostId)).map(({ zone }) => zone));
      expect(zones.size).toBe(Math.min(copies, new Set(all.map(({ zone }) => zone)).size));
      expect(holdersOf(of, [...all].reverse(), copies)).toEqual(holders);
    }),
  );
});

/** Shows that a member that goes moves only what it held: at most one copy of each of its blobs is made anew per member gone. */
it('a member that held nothing of a blob changes nothing for it by going', () => {
  fc.assert(
    fc.property(members, digest, (all, of) => {
      const holders = holdersOf(of, all, 2);
      for (const gone of all) {
        if (holders.includes(gone.hostId)) continue;
        const rest = all.filter((one) => one !== gone);
        expect(holdersOf(of, rest, 2)).toEqual(holders);
      }
    }),
  );
});
