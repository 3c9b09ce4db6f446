import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { MemoryExec } from '../../../agent/ports/engine-exec-memory.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { Shells } from '../../../agent/services/shell/shells.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ContainerState } from '../../../protocol/schemas/host.ts';
import { waitFor } from '../../framework/wait.ts';

const hostId = '12D3KooWBhV9dp6FDvi3vSQ7Y2JH7nVd9yLuVdNtGv4CkKXy3h7m' as HostId;
const container = { id: 'ct_1', name: 'team-web-0-abcd', group: 'team', engineId: 'e1', phase: 'running' };

function shellsOfHost() {
  const revoked = new Set<string>();
  const shells = new Shells({
    engine: {
      exec: async (_engineId, request) => new MemoryExec(request),
      inspect: async () => undefined,
    },
    leftovers: { note: async () => {}, forget: async () => {} },
    recordings: { begin: () => Promise.reject(new Error('nothing is recorded')) },
    isRecorded: () => false,
    ...{ clock: new VirtualClock(), log: silentLog, events: { record: () => {} }, hostId, hostName: 'h1' },
    find: () => container as ContainerState,
    isRevoked: ({ id }) => revoked.has(id),
  });
  const open = (actor: unknown = 'admin') =>
    shells.open({ containerId: 'ct_1', actor: String(actor), command: ['sh'] }, AbortSignal.timeout(5_000));
  return { shells, open, revoked };
}

/** Shows that the bound is on shells, not on how often they are opened: an ended one is remembered, but never in the way. */
describe('shells of a host', () => {
  it('are refused above the bound, and let in again as soon as one has ended', async () => {
    const { shells, open } = shellsOfHost();
    const opened = await Promise.all(Array.from({ length: limits.shells }, () => open()));
    const refusal = { code: 'rate-limited', message: 'h1 has 128 shells open already; close some.' };
    await expect(open()).rejects.toMatchObject(refusal);
    const [first, second] = opened;
    await shells.close(first?.id ?? '');
    await shells.close(second?.id ?? '');
    await waitFor('them to end', () => shells.list('ct_1').filter(({ state }) => state === 'ended').length === 2);
    await open();
    expect(shells.list('ct_1').map(({ id }) => id)).not.toContain(first?.id);
    expect(shells.list('ct_1').map(({ id }) => id)).toContain(second?.id);
    await open();
    await expect(open()).rejects.toMatchObject(refusal);
    await shells.stop();
  });
});

describe('somebody whose token is revoked', () => {
  const states = (shells: Shells) =>
    Object.fromEntries(shells.list('ct_1').map(({ openedBy, state }) => [openedBy, state]));

  it('loses the shells that they opened, also one that is just being opened; others keep theirs', async () => {
    const { shells, open, revoked } = shellsOfHost();
    await Promise.all([open('ann'), open('bob')]);
    revoked.add('ann').add('late');
    shells.endRevoked();
    await open('late');
    await waitFor('their end', () => states(shells).ann === 'ended' && states(shells).late === 'ended');
    expect(states(shells).bob).toBe('open');
    await shells.stop();
  });

  it('is cut off from the shells of others, and can use no ticket any more', async () => {
    const { shells, open, revoked } = shellsOfHost();
    const { id } = await open('bob');
    const attach = (holder: string) => {
      const [near, far] = duplexPair();
      shells.redeem(id, shells.ticket(id, { id: holder }).ticket)(far, 0);
      return near.resume().on('error', () => {});
    };
    const [anns, bobs] = [attach('ann'), attach('bob')];
    const { ticket } = shells.ticket(id, { id: 'ann' });
    revoked.add('ann');
    shells.endRevoked();
    await once(anns, 'end');
    expect(() => shells.redeem(id, ticket)).toThrow(expect.objectContaining({ code: 'forbidden' }));
    expect(bobs.readableEnded).toBe(false);
    await shells.stop();
  });
});
