import { invariant } from '../framework/invariants.ts';
import { calmNetwork } from '../framework/network.ts';
import { expectAgreement } from './rules.ts';
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
    const rules = mesh.onEffect;
    mesh.onEffect = (member, effect) => {
      rules(member, effect);
      const isDeath = effect.type === 'liveness-changed' && effect.status === 'dead';
      invariant(!isDeath, 'a busy host is not declared dead', () => `${member.hostId}: ${JSON.stringify(effect)}`);
    };
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
