import { describe, expect, it } from 'vitest';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { deployed, deployOf, onMesh, replicasOn } from './scenario.ts';

const three = { hosts: 3, seed: 1 };
/** A name whose record has the host as its steward. */
function nameFor(mesh: MemoryMesh, family: 'groups' | 'apps/team', steward: number): string {
  const names = Array.from({ length: 100 }, (_, index) => `n${index}`);
  const name = names.find((each) => mesh.stewardOf(`${family}/${each}`) === steward);
  if (name === undefined) throw new Error(`h${steward} is the steward of none of the names`);
  return name;
}

describe('a host whose disk is full', () => {
  it('refuses changes in words, says that it is not ready, and takes them again when there is room', async () => {
    await onMesh(three, async (mesh) => {
      const host = mesh.host(3);
      host.disk.isFull = true;
      const group = nameFor(mesh, 'groups', 1);
      await expect(mesh.run(3, { kind: 'group.put', group })).rejects.toMatchObject({ code: 'not-stored' });
      const nothing = { code: 'not-stored', message: expect.stringContaining('nothing was changed') };
      await expect(mesh.run(3, { kind: 'group.put', group: 'y' })).rejects.toMatchObject(nothing);
      await mesh.advance(1_000);
      expect(mesh.host(1).platform.group('y')).toBeUndefined();
      expect(host.platform.readiness()).toEqual({ ready: false, reason: expect.stringContaining('writes') });

      host.disk.isFull = false;
      await mesh.advance(10_000);
      expect(host.platform.readiness().ready).toBe(true);
      await mesh.run(3, { kind: 'group.put', group: 'y' });
      expect(host.disk.catalog).toContain('catalog/groups/y');
    });
  });

  it('does not keep others from changing what it is the steward of, and two disks have the change', async () => {
    await onMesh(three, async (mesh) => {
      mesh.host(3).disk.isFull = true;
      const group = nameFor(mesh, 'groups', 3);
      await mesh.run(1, { kind: 'group.put', group });
      for (const number of [1, 2]) expect(mesh.host(number).disk.catalog).toContain(`catalog/groups/${group}`);
      const app = nameFor(mesh, 'apps/team', 3);
      await deployed(mesh, 2, deployOf(app, 3));
      expect(replicasOn(mesh, app)).toEqual([0, 1, 2]);
    });
  });

  it('lets a change fail when no second disk is there to keep it', async () => {
    await onMesh({ hosts: 2, seed: 1 }, async (mesh) => {
      mesh.host(2).disk.isFull = true;
      const group = nameFor(mesh, 'groups', 2);
      await expect(mesh.run(1, { kind: 'group.put', group })).rejects.toMatchObject({ code: 'not-stored' });
    });
  });
});
