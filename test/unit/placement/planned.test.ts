import { describe, expect, it } from 'vitest';
import { plannedAuction } from '../../../agent/core/placement/planned.ts';
import { Trial } from './trial.ts';

/** What people are shown of a rehearsed auction. */
describe('a planned auction', () => {
  it('says where each replica goes and how others compare, not why a chosen host takes no more', () => {
    const trial = new Trial(['a', 'b', 'c', 'd'], { replicas: [0, 1] });
    const limitedBy = { hostId: 'a', hostName: 'a', rule: 'max-per-host', detail: '', numbers: {}, transient: false };
    trial.offers('a', 1, { limitedBy: limitedBy as never });
    trial.offers('b', 2);
    trial.offers('c', 2, { appReplicas: 3 });
    trial.refuses('d', 'cordoned');
    trial.claimAll();
    const planned = plannedAuction(4, [0, 1], trial.outcome as never);
    expect(planned).toMatchObject({ version: 4, wanted: [0, 1] });
    expect(planned.placed.map(({ hostName }) => hostName).sort()).toEqual(['a', 'b']);
    expect(planned.refusals.map(({ hostName, rule }) => `${hostName} ${rule}`)).toEqual([
      'c lower-score',
      'd cordoned',
    ]);
  });

  it('that does not fit places nothing, and says of each host what limits it', () => {
    const trial = new Trial(['a', 'b'], { replicas: [0, 1, 2] });
    const limitedBy = {
      hostId: 'a',
      hostName: 'a',
      rule: 'insufficient-memory',
      detail: '',
      numbers: {},
      transient: false,
    };
    trial.offers('a', 1, { limitedBy: limitedBy as never });
    trial.refuses('b');
    const planned = plannedAuction(1, [0, 1, 2], trial.outcome as never);
    expect(planned.placed).toEqual([]);
    expect(planned.offers).toMatchObject([{ hostName: 'a', slots: 1, awarded: 0 }]);
    expect(planned.refusals.map(({ hostName }) => hostName).sort()).toEqual(['a', 'b']);
  });
});
