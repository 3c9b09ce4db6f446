import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistryClient } from './client.ts';
import { listsSuite } from './lists.suite.ts';
import { manifestsSuite } from './manifests.suite.ts';
import { pullSuite } from './pull.suite.ts';
import { pushSuite } from './push.suite.ts';

export interface RegistryWorld {
  /** Such as `http://127.0.0.1:5000`. */
  readonly baseUrl: string;
  readonly dispose: () => Promise<void>;
}

/** What a registry keeps by the OCI distribution-spec 1.1, checked over HTTP; it may have other content meanwhile. */
export function registryConformance(name: string, makeWorld: () => Promise<RegistryWorld>): void {
  describe(`${name} by the distribution-spec`, () => {
    let world: RegistryWorld;
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(() => world.dispose());
    const client = () => new RegistryClient(world.baseUrl);

    it('says at /v2/ that it is a registry', async () => {
      const answer = await client().ask('GET', '/v2/');
      expect(answer.status).toBe(200);
      expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0');
      expect((await client().ask('GET', '/v2')).status).toBe(200);
    });

    pushSuite(client);
    pullSuite(client);
    manifestsSuite(client);
    listsSuite(client);
  });
}
