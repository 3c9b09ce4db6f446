import { registryConformance } from '../../conformance/registry/registry.suite.ts';
import { reach } from '../../framework/reach.ts';
import { RealCluster } from '../../framework/real-cluster.ts';

const REGISTRY_PORT = 5_000;

registryConformance("an agent's registry on a mesh of three hosts", async () => {
  const cluster = await RealCluster.up({ purpose: 'c', hosts: 3, engines: false });
  try {
    const { baseUrl, close } = await reach(cluster.host(1), REGISTRY_PORT);
    return {
      baseUrl,
      dispose: async () => {
        await close();
        await cluster.down();
      },
    };
  } catch (error) {
    await cluster.down();
    throw error;
  }
});
