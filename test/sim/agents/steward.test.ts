import { describe, expect, it } from 'vitest';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { begin, deployed, deployOf, onEngines, onMesh, seeds, settledAt } from './scenario.ts';

const LATENCY_MS = 5;
const key = 'apps/team/web';

const asks = (mesh: MemoryMesh): number => mesh.host(mesh.stewardOf(key)).traffic.get('call host.ask') ?? 0;
const containers = (mesh: MemoryMesh, via: number) => mesh.host(via).platform.containers({ app: 'web' });

/** Moments of a deploy, as the member that is not its steward sees them. */
const moments: Record<string, (mesh: MemoryMesh, via: number) => boolean> = {
  'before its auction': () => true,
  'with its asks under way': (mesh) => asks(mesh) > 0,
  'after the awards': (mesh, via) => containers(mesh, via).length === 5,
  'when all works, before the operation is closed': (mesh, via) => {
    const all = containers(mesh, via);
    return all.length === 5 && all.every((c) => c.ready);
  },
};

/** Time in steps as small as the wire, until the moment has come. */
async function reach(mesh: MemoryMesh, moment: () => boolean): Promise<void> {
  for (let steps = 0; !moment(); steps++) {
    if (steps > 2_000) throw new Error('the moment never came');
    await mesh.clock.advance(1);
  }
}

describe('the heir of a steward finishes its deploy, when the steward dies', () => {
  for (const [when, moment] of Object.entries(moments)) {
    for (const fate of ['its containers go on', 'its host is lost']) {
      it(`${when}; ${fate}`, async () => {
        for (const seed of seeds(3)) {
          await onMesh({ hosts: 5, seed, latencyMs: LATENCY_MS }, async (mesh) => {
            const steward = mesh.stewardOf(key);
            const via = (steward % 5) + 1;
            const operationId = await begin(mesh, via, deployOf('web', 5));
            await reach(mesh, () => moment(mesh, via));
            await mesh.clock.advance(seed * 4);
            mesh.kill(steward);
            if (fate === 'its host is lost') mesh.host(steward).engine.crash();

            expect(await mesh.finished(via, operationId), `seed ${seed}`).toMatchObject({ state: 'succeeded' });
            await settledAt(mesh, 'web', 5, mesh.running);
            await mesh.restart(steward);
            if (fate === 'its host is lost') mesh.host(steward).engine.recover();
            await settledAt(mesh, 'web', 5);
            await mesh.advance(11_000);
            expect(onEngines(mesh, 'web')).toHaveLength(5);
            // No reservation is left: what is not taken by the app can be had to the last byte.
            await deployed(mesh, via, deployOf('rest', (5 * 1024) / 64 - 5));
          });
        }
      });
    }
  }
});

describe('a steward that is stopped for an upgrade', () => {
  it('fails nothing: its heir goes on with the auction it was in', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ hosts: 5, seed, latencyMs: LATENCY_MS }, async (mesh) => {
        const steward = mesh.stewardOf(key);
        const via = (steward % 5) + 1;
        const operationId = await begin(mesh, via, deployOf('web', 5));
        await reach(mesh, () => asks(mesh) > 0);
        await mesh.clock.advance(seed * 4);
        await mesh.stopAgent(steward);
        expect(await mesh.finished(via, operationId), `seed ${seed}`).toMatchObject({ state: 'succeeded' });
        await settledAt(mesh, 'web', 5);
      });
    }
  });

  it('leaves no timer behind', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      await begin(mesh, 1, deployOf('web', 3));
      await mesh.stopAgent(1);
      await mesh.stopAgent(2);
      await mesh.stopAgent(3);
      await mesh.advance(1_000);
      expect(mesh.clock.pending).toBe(0);
    });
  });
});
