import { describe, expect, it } from 'vitest';
import { keys } from '../../../agent/core/catalog/keys.ts';
import type { CommitOptions } from '../../../agent/services/catalog/replicator.ts';
import type { CommandRequest } from '../../../agent/services/commands/request.ts';
import { Steward } from '../../../agent/services/commands/steward.ts';
import type { Command } from '../../../protocol/schemas/commands.ts';
import { CatalogMember, hostIdOf } from './member.ts';

const MiB = 1024 ** 2;
const here = { answersRemotely: false };
const there = { answersRemotely: true };
const putGroup: Command = { kind: 'group.put', group: 'team' };
const deploy: Command = {
  kind: 'app.deploy',
  group: 'team',
  app: 'web',
  cluster: 'default',
  replicas: 2,
  spec: { image: 'test:1', memoryBytes: 64 * MiB },
};

/** A steward whose writes go to its own catalog at once, noting who else was to have a copy. */
function world() {
  const member = new CatalogMember();
  const commits: { keys: string[]; options: CommitOptions }[] = [];
  const state = { isReady: true, waitFor: Promise.resolve() };
  const steward = new Steward({
    catalog: member.catalog,
    clock: member.clock,
    isReady: () => state.isReady,
    replicator: {
      commit: async (records, options = {}) => {
        await state.waitFor;
        commits.push({ keys: records.map(({ key }) => key), options });
        await member.catalog.commit(records);
      },
    },
  });
  let count = 0;
  const request = (command: Command, change: Partial<CommandRequest> = {}): CommandRequest => ({
    command,
    actor: { id: 'admin', role: 'admin' },
    idempotencyKey: `key-${++count}`,
    requestHash: JSON.stringify(command).length.toString(),
    acceptedBy: hostIdOf('acceptor'),
    known: [],
    ...change,
  });
  const run = (command: Command, change: Partial<CommandRequest> = {}, options = here) =>
    steward.execute(request(command, change), options);
  return { member, steward, commits, state, run };
}

describe('Steward', () => {
  it('decides, stores and answers with the revision of what it wrote', async () => {
    const { run, member } = world();
    const { result, records } = await run(putGroup);
    expect(result).toMatchObject({ replayed: false, body: { name: 'team' } });
    expect(result.revision).toBe(member.catalog.get(keys.group('team'))?.revision);
    expect(records.map(({ key }) => key)).toContain(keys.group('team'));
  });

  it('tells what is new from what it changed, also who asks without having heard of it', async () => {
    const { run } = world();
    expect((await run(putGroup)).result.isNew).toBe(true);
    expect((await run({ ...putGroup, description: 'us' }, { known: [] })).result.isNew).toBe(false);
    await run({ kind: 'group.delete', group: 'team' });
    expect((await run(putGroup)).result.isNew).toBe(true);
  });

  it('changes nothing when it refuses', async () => {
    const { run, commits } = world();
    await expect(run({ kind: 'group.delete', group: 'none' })).rejects.toMatchObject({ code: 'not-found' });
    expect(commits).toEqual([]);
  });

  it('decides nothing before it has caught up', async () => {
    const { run, state } = world();
    state.isReady = false;
    await expect(run(putGroup)).rejects.toMatchObject({ code: 'not-ready' });
  });

  it('decides on what the asking member knows, too', async () => {
    const { run } = world();
    const asking = new CatalogMember('asking');
    await asking.put(keys.group('team'), { name: 'team', createdAt: 'now' });
    const known = [asking.catalog.record(keys.group('team'))].flatMap((record) => record ?? []);
    await expect(run(deploy)).rejects.toMatchObject({ code: 'not-found' });
    await expect(run(deploy, { known })).resolves.toMatchObject({ result: { body: { kind: 'deploy' } } });
  });

  it('takes one change at a time of what belongs together', async () => {
    const { run, member } = world();
    await run(putGroup);
    await run(deploy);
    const sizes = [3, 4, 5, 6];
    const scale = (replicas: number) =>
      run({ kind: 'app.scale', group: 'team', app: 'web', cluster: 'default', replicas });
    await Promise.all(sizes.map(scale));
    const app = member.catalog.get<{ deployments: { replicas: number }[] }>(keys.app('team', 'web'))?.value;
    expect(app?.deployments).toMatchObject([{ replicas: 6 }]);
    const running = member.catalog
      .list<{ state: string }>('operations/')
      .filter(({ value }) => value.state === 'running');
    expect(running).toHaveLength(1);
  });

  describe('with If-Match', () => {
    it('lets the change of what is still the same through', async () => {
      const { run } = world();
      const { result } = await run(putGroup);
      const change = { ifMatch: result.revision ?? '' };
      await expect(run({ ...putGroup, description: 'us' }, change)).resolves.toBeDefined();
    });

    it('refuses the change of what was changed meanwhile', async () => {
      const { run } = world();
      const { result } = await run(putGroup);
      await run({ ...putGroup, description: 'us' });
      const late = run({ ...putGroup, description: 'them' }, { ifMatch: result.revision ?? '' });
      await expect(late).rejects.toMatchObject({ code: 'precondition-failed' });
    });
  });

  describe('asked again with the same Idempotency-Key', () => {
    const again = { idempotencyKey: 'same' };

    it('gives the first answer and does nothing twice', async () => {
      const { run } = world();
      await run(putGroup);
      const first = await run(deploy, again);
      const second = await run(deploy, again);
      expect(second.result).toEqual({ ...first.result, replayed: true });
    });

    it('hands out and stores again what the answer rests on: the first try may have died half way', async () => {
      const { run, commits } = world();
      await run(putGroup);
      const first = await run(deploy, again);
      commits.length = 0;
      const second = await run(deploy, again);
      expect(second.records.map(({ key }) => key).sort()).toEqual(first.records.map(({ key }) => key).sort());
      expect(commits).toMatchObject([{ options: { copiesElsewhere: 0 } }]);
    });

    it('refuses the key for another request', async () => {
      const { run } = world();
      await run(putGroup, again);
      const other = run({ ...putGroup, description: 'other' }, again);
      await expect(other).rejects.toMatchObject({ code: 'idempotency-mismatch' });
    });

    it('does not mix up two people with the same key', async () => {
      const { run } = world();
      await run(putGroup, again);
      const other = await run(putGroup, { ...again, actor: { id: 'other', role: 'admin' } });
      expect(other.result.replayed).toBe(false);
    });
  });

  it('makes safe what it answers without writing it: an operation that is under way already', async () => {
    const { run } = world();
    await run(putGroup);
    const first = await run(deploy);
    const joined = await run(deploy, {}, there);
    expect(joined.result.operationId).toBe(first.result.operationId);
    const safe = joined.records.map(({ key }) => key.split('/')[0]);
    expect(safe).toEqual(expect.arrayContaining(['apps', 'operations', 'versions']));
  });

  it('counts the copy of the member that asked, unless that one is being evicted', async () => {
    const { run, commits, member } = world();
    await run(putGroup, {}, there);
    expect(commits.at(-1)?.options).toMatchObject({ copiesElsewhere: 1, except: undefined });
    for (const name of ['acceptor', 'other']) {
      const record = { hostId: hostIdOf(name), name, addresses: [], joinedAt: 'now', joinedWith: 'init' };
      await member.put(keys.member(record.hostId), record);
    }
    const evicted = hostIdOf('acceptor');
    await run({ kind: 'member.evict', hostId: evicted, reason: 'gone' }, {}, there);
    expect(commits.at(-1)?.options).toEqual({ copiesElsewhere: 0, except: evicted });
  });

  it('runs changes of its controllers in the same order', async () => {
    const { run, steward, member, state } = world();
    await run(putGroup);
    const { promise, resolve } = Promise.withResolvers<void>();
    state.waitFor = promise;
    const command = run(deploy);
    const seen: boolean[] = [];
    const change = steward.change(keys.app('team', 'web'), () => {
      seen.push(member.catalog.get(keys.app('team', 'web')) !== undefined);
      return [];
    });
    resolve();
    await Promise.all([command, change]);
    expect(seen).toEqual([true]);
  });
});
