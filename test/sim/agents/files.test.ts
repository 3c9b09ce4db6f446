import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { prefixes } from '../../../agent/core/catalog/keys.ts';
import type { Store } from '../../../agent/ports/store.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { begin, deployed, deployOf, onMesh, seeds, settledAt } from './scenario.ts';

const script = (end = 'sleep 100000') => ['sh', '-c', `cat /etc/app.conf; ${end}`];
const files = (content: string) => [{ path: '/etc/app.conf', content }];
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const none = new AbortController().signal;

/** What the containers of an app have printed, by host. */
async function printed(mesh: MemoryMesh, app: string): Promise<string[]> {
  const looks = mesh.hosts.flatMap(({ engine, name }) =>
    engine.containers
      .filter(({ labels, state }) => labels['shoal.app'] === app && state === 'running')
      .map(async ({ engineId }) => `${name} ${await mesh.settle(engine.logsTail(engineId, 10, none))}`),
  );
  return (await Promise.all(looks)).sort();
}

async function keysOn(disk: Store): Promise<string[]> {
  const found: string[] = [];
  for await (const [key] of disk.entries('')) found.push(key);
  return found;
}

/** Hosts that have the content in their catalog. */
const holders = (mesh: MemoryMesh, app: string, content: string): string[] =>
  mesh.running
    .filter(({ platform }) => platform.file('team', app, sha256(content)) !== undefined)
    .map(({ name }) => name);

describe('configuration files in a mesh', () => {
  it('are read in every container, and a change of one rolls out like any other', async () => {
    for (const seed of seeds(2)) {
      await onMesh({ hosts: 3, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 3, { command: script(), files: files('one') }));
        expect(await printed(mesh, 'web')).toEqual(['h1 one', 'h2 one', 'h3 one']);
        await deployed(mesh, 2, deployOf('web', 3, { command: script(), files: files('two') }));
        expect(mesh.host(3).platform.versions('team', 'web')).toHaveLength(2);
        expect(await printed(mesh, 'web')).toEqual(['h1 two', 'h2 two', 'h3 two']);
        await mesh.advance(60_000);
        expect(mesh.hosts.map((host) => host.files.files.size)).toEqual([1, 1, 1]);
        expect(holders(mesh, 'web', 'one')).toEqual(['h1', 'h2', 'h3']);
      });
    }
  });

  it('are taken back on every member with the deploy that brought them, and go with their app', async () => {
    for (const seed of seeds(2)) {
      await onMesh({ hosts: 3, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 2, { command: script(), files: files('one') }));
        const failing = { command: script('exit 1'), files: files('bad') };
        const first = await mesh.finished(1, await begin(mesh, 1, deployOf('first', 2, failing)));
        expect(first.state).toBe('failed');
        await mesh.until('no member has what it brought', () => holders(mesh, 'first', 'bad').length === 0);
        const upgrade = await mesh.finished(1, await begin(mesh, 1, deployOf('web', 2, failing)));
        expect(upgrade.state).toBe('failed');
        // A version that was rolled out in vain stays, to be compared.
        for (const content of ['one', 'bad']) expect(holders(mesh, 'web', content)).toEqual(['h1', 'h2', 'h3']);
        await settledAt(mesh, 'web', 2);
        await mesh.finished(2, await begin(mesh, 2, { kind: 'app.delete', group: 'team', app: 'web' }));
        await mesh.until('no member has the content', () => holders(mesh, 'web', 'one').length === 0);
        await mesh.until('no host keeps a file', () => mesh.hosts.every((host) => host.files.files.size === 0));
      });
    }
  });

  it('whose content is lost everywhere fail the deploy with the file and the reason', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 1, { command: script(), files: files('one') }));
      await deployed(mesh, 1, deployOf('web', 1, { command: script(), files: files('two') }));
      for (const { number } of mesh.hosts) mesh.kill(number);
      for (const { disk } of mesh.hosts) {
        const lost = (await keysOn(disk)).filter((key) => key.includes(sha256('one')));
        await disk.write(lost.map((key) => ({ type: 'del', key })));
      }
      for (const host of mesh.hosts) {
        host.files.files.clear();
        await mesh.restart(host.number);
      }
      await mesh.advance(5_000);
      const { spec: _, ...deploy } = deployOf('web', 1);
      const operation = await mesh.finished(2, await begin(mesh, 2, { ...deploy, version: 1 }));
      expect(operation).toMatchObject({ state: 'failed', problem: { code: 'create-failed' } });
      expect(operation.problem?.detail).toContain(
        'cannot get the file /etc/app.conf: no member that answers has its content',
      );
      await settledAt(mesh, 'web', 1);
    });
  });

  it('are there again when a host comes back with its disk empty, also from others', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 3, { command: script(), files: files('one') }));
      mesh.kill(2);
      mesh.host(2).engine.crash();
      mesh.host(2).files.files.clear();
      const isContent = (key: string) => key.startsWith(`catalog/${prefixes.filesOf('team', 'web')}`);
      const lost = (await keysOn(mesh.host(2).disk)).filter(isContent);
      expect(lost).toHaveLength(1);
      await mesh.host(2).disk.write(lost.map((key) => ({ type: 'del', key })));
      mesh.host(2).engine.recover();
      await mesh.restart(2);
      await settledAt(mesh, 'web', 3);
      expect(await printed(mesh, 'web')).toEqual(['h1 one', 'h2 oneone', 'h3 one']);
    });
  });
});
