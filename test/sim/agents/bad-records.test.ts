import { describe, expect, it } from 'vitest';
import { keys } from '../../../agent/core/catalog/keys.ts';
import type { CatalogRecord, Hlc } from '../../../agent/core/catalog/record.ts';
import { encodeRecords } from '../../../agent/services/catalog/record-body.ts';
import type { OperationId } from '../../../protocol/ids.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { deployed, deployOf, onMesh, settledAt } from './scenario.ts';

/** A value that no agent of this version writes, as h1 might have signed for it. */
function recordOf(mesh: MemoryMesh, key: string, value: string): CatalogRecord {
  const author = mesh.host(1).id;
  const stamp = mesh.clock.nowMs().toString(16).padStart(12, '0');
  return { key, hlc: `${stamp}-00ff-${author}` as Hlc, author, deleted: false, value, ancestors: [] };
}

async function give(mesh: MemoryMesh, record: CatalogRecord): Promise<void> {
  const { wires } = mesh.host(1).agent ?? {};
  await wires
    ?.call(mesh.host(3).id, 'catalog.store', encodeRecords([record]), { timeoutMs: 1_000 })
    .catch(() => undefined);
  await mesh.advance(2_000);
}

const operation = keys.operation('op_01J00000000000000000000000' as OperationId);
const bad: Record<string, readonly [key: string, value: string]> = {
  'an app without deployments': [keys.app('team', 'odd'), '{"group":"team","name":"odd"}'],
  'an app under another name': [keys.app('team', 'odd'), '{"name":7}'],
  'an operation of nobody': [operation, '{"state":"running","group":7}'],
  'a version without a spec': [keys.version('team', 'web', 2), '{"number":2}'],
  'an event from nowhere': [keys.event('ev_1'), '{"message":[]}'],
  'a cluster without rules': [keys.cluster('odd'), '{"name":"odd","selector":null}'],
  'a host that is wanted oddly': [keys.host('12D3KooWOdd' as never), '{"labels":[1]}'],
  'a token without an end': [keys.token('tk_1'), '{"id":"tk_1","expiresAt":{}}'],
  'a key that is none': ['nonsense', '{}'],
  'a value that is no object': [keys.app('team', 'odd'), '[1]'],
};

describe('one bad record', () => {
  for (const [what, [key, value]] of Object.entries(bad)) {
    it(`${what}: everything else goes on`, async () => {
      await onMesh({ hosts: 3 }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 2));
        await give(mesh, recordOf(mesh, key, value));
        await deployed(mesh, 2, deployOf('web', 3));
        await deployed(mesh, 3, deployOf('odd', 2));
        mesh.kill(2);
        mesh.host(2).engine.crash();
        await settledAt(mesh, 'web', 3, mesh.running);
        await settledAt(mesh, 'odd', 2, mesh.running);
        const { platform } = mesh.host(1);
        expect(platform.apps('team')).toHaveLength(2);
        for (const read of [platform.operations(), platform.events(), platform.clusters(), platform.hosts()]) {
          expect(JSON.stringify(read)).not.toContain('undefined');
        }
      });
    });
  }

  it('is counted', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      await give(mesh, recordOf(mesh, keys.app('team', 'odd'), '{"name":7}'));
      expect(mesh.host(2).platform.apps('team')).toEqual([]);
      expect(await mesh.host(2).platform.metrics()).toMatch(/^shoal_catalog_unreadable_total 1$/m);
    });
  });
});
