import { afterEach, describe, expect, it } from 'vitest';
import { MemoryMesh } from '../../framework/memory-mesh.ts';

const MiB = 1024 ** 2;
const app = { group: 'team', app: 'web' } as const;
const spec = { image: 'test:1', memoryBytes: 64 * MiB };

let mesh: MemoryMesh;
afterEach(() => mesh?.stop());

async function start(hosts: number, memoryBytes = 1024 * MiB): Promise<void> {
  mesh = await MemoryMesh.start({ hosts, memoryBytes });
  await mesh.run(1, { kind: 'group.put', group: 'team' });
}

const places = (number = 1) =>
  mesh
    .host(number)
    .platform.containers()
    .map((c) => c.hostName)
    .sort();

describe('a deploy through any agent', () => {
  it('places replicas on different hosts and ends when all are ready', async () => {
    await start(5);
    const { operationId = '' } = await mesh.run(3, {
      kind: 'app.deploy',
      ...app,
      cluster: 'default',
      replicas: 5,
      spec,
    });
    const operation = await mesh.finished(2, operationId);
    expect(operation).toMatchObject({ state: 'succeeded' });
    expect(places()).toEqual(['h1', 'h2', 'h3', 'h4', 'h5']);
  });

  it('is refused as a whole when not all replicas fit, and leaves nothing', async () => {
    await start(3, 128 * MiB);
    const { operationId = '' } = await mesh.run(1, {
      kind: 'app.deploy',
      ...app,
      cluster: 'default',
      replicas: 7,
      spec,
    });
    const operation = await mesh.finished(1, operationId);
    expect(operation).toMatchObject({ state: 'failed', problem: { code: 'unplaceable' } });
    expect(operation.problem?.detail).toMatch(/h1: .*64 MiB/);
    await mesh.clock.advance(12_000);
    const { platform } = mesh.host(2);
    expect(platform.containers()).toEqual([]);
    expect(platform.app('team', 'web')).toBeUndefined();
    expect(platform.hosts().map((h) => h.capacity.promisedBytes + h.capacity.heldBytes)).toEqual([0, 0, 0]);
  });
});
