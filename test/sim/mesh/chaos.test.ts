import { calmNetwork } from '../framework/network.ts';
import { sample } from '../framework/rng.ts';
import type { MeshWorld } from './mesh-world.ts';
import { expectAgreement } from './rules.ts';
import { anyOf, keepBusy, scenario } from './scenario.ts';

const FOR_MS = 30_000;

/** Kinds of trouble, each for a while. */
const troubles: readonly ((mesh: MeshWorld) => void)[] = [
  (mesh) => mesh.crash(anyOf(mesh, mesh.ids), mesh.world.rng() < 0.3),
  (mesh) => {
    const down = mesh.ids.filter((id) => !mesh.world.isUp(id));
    if (down.length > 0) mesh.start(anyOf(mesh, down));
  },
  (mesh) => mesh.world.stall(anyOf(mesh, mesh.ids), mesh.world.rng() * 6_000),
  (mesh) => mesh.world.setClock(anyOf(mesh, mesh.ids), (2 * mesh.world.rng() - 1) * 60_000),
  (mesh) => mesh.world.network.cut(anyOf(mesh, mesh.ids), anyOf(mesh, mesh.ids)),
  (mesh) => {
    const side = sample(mesh.world.rng, mesh.ids, Math.floor(mesh.world.rng() * mesh.ids.length));
    const rest = mesh.ids.filter((id) => !side.includes(id));
    mesh.world.network.partition([side, rest], mesh.world.rng() < 0.3);
  },
  (mesh) => mesh.world.network.heal(),
];

scenario(60, {
  name: 'crashes, stalls, wrong clocks, cuts and partitions in any order, with loss: all agree once it is over',
  file: 'chaos.test.ts',
  network: { ...calmNetwork, delayMeanMs: 20, lossProbability: 0.1, duplicateProbability: 0.02 },
  clockSkewMsMax: 60_000,
  run: (mesh) => {
    const { world } = mesh;
    keepBusy(mesh, FOR_MS, 400);
    for (let atMs = 1_000; atMs < FOR_MS; atMs += 300) {
      world.after(atMs, () => troubles[Math.floor(world.rng() * troubles.length)]?.(mesh));
    }
    world.run(FOR_MS);
    world.network.heal();
    world.network.options = calmNetwork;
    for (const id of mesh.ids) if (!world.isUp(id)) mesh.start(id);
    world.run(6_000);
    expectAgreement(mesh);
  },
});
