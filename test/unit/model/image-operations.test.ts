import { describe, expect, it } from 'vitest';
import type { ModelCommand } from '../../../agent/core/model/decide.ts';
import { keysReferredTo, stewardKeyOfCommand } from '../../../agent/core/model/steward-key.ts';
import { faultOfValue } from '../../../agent/services/catalog/families.ts';
import type { HostId, OperationId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ImageOperationRecord } from '../../../protocol/schemas/operation.ts';
import { digestOf, factsOf } from '../images/fixtures.ts';
import { hostA, hostB, hostC, newWorld, type World } from './world.ts';

const preheat = {
  kind: 'image.preheat',
  repository: 'team/app',
  digest: digestOf(1),
  image: 'team/app:1',
  hosts: [hostB, hostA, hostB],
} satisfies ModelCommand;
const verify = { kind: 'image.verify', hosts: [hostA] } satisfies ModelCommand;
function withImage(): World {
  const world = newWorld();
  world.do({ kind: 'image.push', repository: 'team/app', manifest: factsOf(1), tag: '1' });
  return world;
}

describe('work on images', () => {
  it('is an operation that names its hosts once each, in a form that the catalog takes', () => {
    const { operation, writes } = withImage().do(preheat);
    expect(operation).toMatchObject({
      kind: 'preheat',
      state: 'running',
      image: { reference: 'team/app:1', repository: 'team/app', digest: digestOf(1) },
      hosts: [hostA, hostB],
      results: [],
    });
    for (const { key, value } of writes) expect(faultOfValue(key, value)).toBeUndefined();
  });

  it('of the same kind on the same hosts is joined while it runs', () => {
    const world = withImage();
    const first = world.do(preheat).operation;
    const again = world.do({ ...preheat, hosts: [hostA, hostB] });
    expect(again).toMatchObject({ writes: [], operation: { id: first?.id } });
    const others: ModelCommand[] = [
      { ...preheat, hosts: [hostC] },
      verify,
      { kind: 'image.gc', hosts: [hostA], graceMs: 0 },
    ];
    for (const other of others) {
      expect(world.do(other).operation?.id).not.toBe(first?.id);
    }
    world.change<ImageOperationRecord>(`operations/${first?.id}`, { state: 'failed' });
    expect(world.do(preheat).operation?.id).not.toBe(first?.id);
  });

  it.each<[string, ModelCommand, string, string]>([
    ['of an image that is not there', { ...preheat, digest: digestOf(2) }, 'not-found', '/image'],
    ['on a host that is no member', { ...verify, hosts: [hostA, '12D3KooWnobody' as HostId] }, 'not-found', '/hosts'],
  ])('is refused: %s', (_name, command, code, pointer) => {
    expect(withImage().ask(command)).toMatchObject({ ok: false, code, faults: [{ pointer }] });
  });

  it('is bounded', () => {
    const world = withImage();
    for (let graceMs = 0; graceMs < limits.imageOperations; graceMs++)
      world.do({ kind: 'image.gc', hosts: [hostA], graceMs });
    expect(world.ask(verify)).toMatchObject({ ok: false, code: 'in-progress' });
  });

  it('can be cancelled while it runs, and only as what it is', () => {
    const world = withImage();
    const operationId = world.do(verify).operation?.id as OperationId;
    const cancel = { kind: 'image-operation.cancel', operationId } as const;
    expect(world.ask({ kind: 'operation.cancel', group: 'web', app: 'shop', operationId })).toMatchObject({
      ok: false,
      code: 'not-found',
    });
    expect(world.do(cancel)).toMatchObject({ body: { cancelRequested: true } });
    expect(world.do(cancel).writes).toEqual([]);
    world.change<ImageOperationRecord>(`operations/${operationId}`, { state: 'cancelled' });
    expect(world.ask(cancel)).toMatchObject({ ok: false, code: 'conflict' });
    const deployed = world.do({
      kind: 'app.deploy',
      group: 'web',
      app: 'shop',
      cluster: 'default',
      replicas: 1,
      spec: { image: 'x' },
    });
    expect(world.ask({ ...cancel, operationId: deployed.operation?.id as OperationId })).toMatchObject({
      ok: false,
      code: 'not-found',
    });
  });
});

/** Shows who decides what: one steward per repository, one for all work on images. */
describe('the steward', () => {
  const operationId = `op_${'0'.repeat(26)}` as OperationId;
  it.each<[ModelCommand, string]>([
    [{ kind: 'image.push', repository: 'a/b', manifest: factsOf(1) }, 'repositories/a/b'],
    [{ kind: 'image.untag', repository: 'a/b', tag: 'x' }, 'repositories/a/b'],
    [{ kind: 'image.delete', repository: 'a/b', digest: digestOf(1) }, 'repositories/a/b'],
    [{ kind: 'repository.put', repository: 'a/b' }, 'repositories/a/b'],
    [{ kind: 'repository.delete', repository: 'a/b' }, 'repositories/a/b'],
    [{ kind: 'namespace.put', namespace: 'a', quotaBytes: null }, 'namespaces/a'],
    [{ kind: 'upstream.put', host: 'r.corp:5000' }, 'upstreams/r.corp:5000'],
    [{ kind: 'upstream.delete', host: 'r.corp:5000' }, 'upstreams/r.corp:5000'],
    [{ kind: 'images.set' }, 'settings/images'],
    [preheat, 'settings/images'],
    [verify, 'settings/images'],
    [{ kind: 'image.gc', hosts: [hostA] }, 'settings/images'],
    [{ kind: 'image-operation.cancel', operationId }, 'settings/images'],
    [{ kind: 'operation.cancel', group: 'g', app: 'a', operationId }, 'apps/g/a'],
    [{ kind: 'token.create', expiresInMs: 1_000, maxUses: 1 }, 'tokens/new'],
    [{ kind: 'credential.create', credential: 'ci', role: 'guest' }, 'credentials/all'],
    [{ kind: 'credential.revoke', credential: 'ci' }, 'credentials/all'],
    [{ kind: 'host.set', hostId: hostA }, `hosts/${hostA}`],
  ])('of %j', (command, key) => {
    expect(stewardKeyOfCommand(command)).toBe(key);
    expect(keysReferredTo(command).length).toBeLessThanOrEqual(16);
  });
});
