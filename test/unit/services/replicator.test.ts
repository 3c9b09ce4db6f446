import { describe, expect, it } from 'vitest';
import { keys } from '../../../agent/core/catalog/keys.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { type CommitOptions, Replicator } from '../../../agent/services/catalog/replicator.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { CatalogMember, hostIdOf } from './member.ts';

type Serve = (body: Uint8Array) => Promise<Uint8Array>;

/** A member with two others, each of which serves its catalog or is away; its own disk may fail. */
function world(away: readonly string[] = [], aheadMs = 0, ownFailure?: ShoalError) {
  const startMs = Date.UTC(2030, 0, 1);
  const self = new CatalogMember('self', new VirtualClock({ startMs: startMs + aheadMs }));
  const others = ['one', 'two'].map((name) => new CatalogMember(name, new VirtualClock({ startMs })));
  const serving = new Map<HostId, Serve>();
  const asked: HostId[] = [];
  const alive = others.map(({ hostId }) => hostId);
  const replicatorOf = (member: CatalogMember) =>
    new Replicator({
      transport: {
        handle: (_method, handler) => serving.set(member.hostId, (body) => handler(self.hostId, body, abort.signal)),
        call: async (to, _method, body) => {
          asked.push(to);
          if (away.some((name) => hostIdOf(name) === to)) throw new ShoalError('host-unreachable', 'away');
          return serving.get(to)?.(body) ?? new Uint8Array();
        },
      },
      catalog:
        member === self && ownFailure !== undefined ? { commit: () => Promise.reject(ownFailure) } : member.catalog,
      others: () => alive,
      log: silentLog,
    });
  const abort = new AbortController();
  const replicator = replicatorOf(self);
  others.forEach(replicatorOf);
  const group = { name: 'team', createdAt: 'now' };
  const commit = (options?: CommitOptions) =>
    replicator.commit(self.catalog.draft([{ key: keys.group('team'), value: group }]), options);
  const holders = () =>
    [self, ...others].filter(({ catalog }) => catalog.get(keys.group('team')) !== undefined).map((m) => m.hostId);
  return { self, asked, alive, commit, holders };
}

const [one, two] = [hostIdOf('one'), hostIdOf('two')];

describe('Replicator', () => {
  it('has a write on two disks when it resolves', async () => {
    const { commit, holders, self } = world();
    await commit();
    expect(holders()).toEqual([self.hostId, one]);
  });

  it('asks the next member when one is away', async () => {
    const { commit, holders, self } = world(['one']);
    await commit();
    expect(holders()).toEqual([self.hostId, two]);
  });

  it('changes nothing, here neither, when no other member stored it', async () => {
    const { commit, holders } = world(['one', 'two']);
    await expect(commit()).rejects.toMatchObject({ code: 'not-replicated' });
    expect(holders()).toEqual([]);
  });

  it('is content with itself when it is alone', async () => {
    const { commit, holders, alive, self } = world();
    alive.length = 0;
    await commit();
    expect(holders()).toEqual([self.hostId]);
  });

  it('is content with itself when the last other one turns out to be dead', async () => {
    const { commit, holders, alive, self, asked } = world(['one', 'two']);
    const push = asked.push.bind(asked);
    asked.push = (...ids) => {
      alive.length = 0;
      return push(...ids);
    };
    await commit();
    expect(holders()).toEqual([self.hostId]);
  });

  it('leaves the second copy to the member that asked', async () => {
    const { commit, asked, holders, self } = world();
    await commit({ copiesElsewhere: 1 });
    expect(asked).toEqual([]);
    expect(holders()).toEqual([self.hostId]);
  });

  it('trusts no copy to a member that is being evicted', async () => {
    const { commit, asked } = world();
    await commit({ except: one });
    expect(asked).toEqual([two]);
  });

  it('lets two others keep the copies when its own disk takes nothing, also when one of them asked', async () => {
    const { commit, holders, self } = world([], 0, new ShoalError('not-stored', 'No space left on device.'));
    await commit({ copiesElsewhere: 1 });
    expect(holders()).toEqual([one, two]);
    expect(self.catalog.get(keys.group('team'))).toBeUndefined();
  });

  it('fails with its own disk when too few others are there to do without it', async () => {
    const { commit } = world(['two'], 0, new ShoalError('not-stored', 'No space left on device.'));
    await expect(commit()).rejects.toMatchObject({ code: 'not-stored' });
  });

  it('does not take another failure for one of its disk', async () => {
    const { commit, holders } = world([], 0, new ShoalError('not-ready', 'The store is closed'));
    await expect(commit()).rejects.toMatchObject({ code: 'not-ready' });
    expect(holders()).toEqual([one]);
  });

  it('counts no copy that a member could not take in, because it lies in its future', async () => {
    const { commit, holders } = world([], 20 * 60_000);
    await expect(commit()).rejects.toMatchObject({ code: 'not-replicated' });
    expect(holders()).toEqual([]);
  });
});
