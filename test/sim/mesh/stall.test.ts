import { calmNetwork } from '../framework/network.ts';
import { expectAgreement, forbid } from './rules.ts';
import { anyOf, keepBusy, scenario } from './scenario.ts';

const file = 'stall.test.ts';

scenario(40, {
  name: 'busy hosts whose event loop stands still for up to 2.5 s, with clocks minutes apart, are not declared dead',
  file,
  sizes: 'upTo300',
  network: calmNetwork,
  clockSkewMsMax: 300_000,
  run: (mesh, members) => {
    const { world } = mesh;
    const forMs = members > 100 ? 10_000 : 30_000;
    forbid(mesh, 'dead');
    keepBusy(mesh, forMs, 500);
    for (let atMs = 2_000; atMs < forMs; atMs += 4_000) {
      world.after(atMs, () => {
        for (let stalled = 0; stalled < members / 10; stalled++) {
          world.stall(anyOf(mesh, mesh.ids), 500 + world.rng() * 2_000);
        }
      });
    }
    world.run(forMs + 3_000);
    expectAgreement(mesh);
  },
});

scenario(41, {
  name: 'paths stop for up to 2 s and then deliver everything: nobody is declared dead, and all agree',
  file,
  network: calmNetwork,
  run: (mesh, members) => {
    const { world } = mesh;
    forbid(mesh, 'dead');
    keepBusy(mesh, 20_000, 500);
    for (let atMs = 1_000; atMs < 20_000; atMs += 500) {
      world.after(atMs, () => {
        for (let clogged = 0; clogged < members / 3; clogged++) {
          world.network.clog(anyOf(mesh, mesh.ids), anyOf(mesh, mesh.ids), world.nowMs + world.rng() * 2_000);
        }
      });
    }
    world.run(23_000);
    expectAgreement(mesh);
  },
});

scenario(42, {
  name: 'clocks are set minutes forth and back while people write: nobody is declared dead, and all agree',
  file,
  network: calmNetwork,
  clockSkewMsMax: 60_000,
  run: (mesh) => {
    const { world } = mesh;
    forbid(mesh, 'dead');
    keepBusy(mesh, 20_000, 500);
    for (let atMs = 1_000; atMs < 20_000; atMs += 2_000) {
      world.after(atMs, () => world.setClock(anyOf(mesh, mesh.ids), (2 * world.rng() - 1) * 120_000));
    }
    world.run(21_000);
    expectAgreement(mesh);
  },
});

scenario(43, {
  name: 'a host that stood still itself does not hold it against those whom it suspected before',
  file,
  network: calmNetwork,
  run: (mesh) => {
    const { world } = mesh;
    world.run(3_000);
    const suspect = anyOf(mesh, mesh.ids);
    forbid(mesh, 'dead', suspect);
    world.stall(suspect, 2_400);
    world.run(2_200);
    const holding = mesh.running.filter(({ mesh: state }) => state.membership.suspects.has(suspect));
    for (const { hostId } of holding) world.stall(hostId, 6_000);
    world.run(8_000);
    expectAgreement(mesh);
  },
});
