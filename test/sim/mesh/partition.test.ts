import { invariant } from '../framework/invariants.ts';
import { calmNetwork } from '../framework/network.ts';
import { sample } from '../framework/rng.ts';
import type { MeshWorld } from './mesh-world.ts';
import { expectAgreement, forbid } from './rules.ts';
import { anyOf, keepBusy, scenario } from './scenario.ts';

const file = 'partition.test.ts';

/** A random third of the members, at least one. */
function minorityOf(mesh: MeshWorld): Set<string> {
  return new Set(sample(mesh.world.rng, mesh.ids, Math.floor(mesh.ids.length / 3)));
}

function checkIsolation(mesh: MeshWorld, minority: ReadonlySet<string>): void {
  for (const { hostId, mesh: state } of mesh.running) {
    const rule = 'the smaller side knows that it is cut off, the larger one goes on';
    invariant(state.membership.isIsolated === minority.has(hostId), rule, () => hostId);
  }
}

scenario(20, {
  name: 'a third is cut off and comes back: only that third holds itself cut off, and what both sides wrote comes together',
  file,
  sizes: 'upTo300',
  network: calmNetwork,
  clockSkewMsMax: 120_000,
  run: (mesh, members) => {
    const { world } = mesh;
    world.run(3_000);
    const minority = minorityOf(mesh);
    world.network.partition([mesh.ids.filter((id) => !minority.has(id)), [...minority]]);
    const cutMs = members > 100 ? 16_000 : 12_000;
    keepBusy(mesh, cutMs, 500);
    world.run(cutMs);
    checkIsolation(mesh, minority);
    world.network.heal();
    expectAgreement(mesh);
  },
});

scenario(21, {
  name: 'one side hears the other but is not heard: everybody agrees once that ends',
  file,
  network: calmNetwork,
  run: (mesh) => {
    const { world } = mesh;
    world.run(3_000);
    const minority = minorityOf(mesh);
    world.network.partition([mesh.ids.filter((id) => !minority.has(id)), [...minority]], true);
    keepBusy(mesh, 8_000, 500);
    world.run(8_000);
    world.network.heal();
    expectAgreement(mesh);
  },
});

scenario(22, {
  name: 'links between pairs are cut in one direction: others vouch, nobody is suspected',
  file,
  network: calmNetwork,
  run: (mesh, members) => {
    const { world } = mesh;
    world.run(2_000);
    for (let cuts = 0; cuts < members / 3; cuts++) world.network.cut(anyOf(mesh, mesh.ids), anyOf(mesh, mesh.ids));
    forbid(mesh, 'suspect');
    world.run(members > 100 ? 8_000 : 20_000);
    world.network.heal();
    expectAgreement(mesh);
  },
});
