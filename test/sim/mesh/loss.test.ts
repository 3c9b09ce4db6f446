import { calmNetwork, roughNetwork } from '../framework/network.ts';
import { expectAgreement, forbid } from './rules.ts';
import { keepBusy, scenario } from './scenario.ts';

const file = 'loss.test.ts';
const busyMs = (members: number): number => (members > 100 ? 8_000 : 20_000);

scenario(10, {
  name: 'a quarter of the packets lost, some twice, out of order: everybody agrees once the network is calm',
  file,
  sizes: 'upTo300',
  network: roughNetwork,
  run: (mesh, members) => {
    keepBusy(mesh, busyMs(members), 250);
    mesh.world.run(busyMs(members));
    mesh.world.network.options = calmNetwork;
    expectAgreement(mesh);
  },
});

scenario(11, {
  name: 'a quarter of the packets lost for ever: live members refute in time, so that nobody loses one',
  file,
  network: roughNetwork,
  run: (mesh, members) => {
    forbid(mesh, 'dead');
    mesh.world.run(members > 100 ? 10_000 : 30_000);
  },
});
