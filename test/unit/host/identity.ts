import type { ContainerIdentity } from '../../../agent/core/host/container.ts';
import type { ContainerId } from '../../../protocol/ids.ts';
import type { ResolvedSpec } from '../../../protocol/schemas/version.ts';

/** Some container's identity, with parts of its spec as a test needs them. */
export const identityWith = (spec: Partial<ResolvedSpec> = {}): ContainerIdentity => ({
  containerId: 'ct_01J00000000000000000000000' as ContainerId,
  name: 'shop-web-0-0000',
  group: 'shop',
  app: 'web',
  appUid: 'ap_1',
  cluster: 'default',
  version: 1,
  replica: 0,
  specHash: 'abc',
  operationId: 'op_1',
  spec: { image: 'app:1', memoryBytes: 64 * 1024 ** 2, ...spec },
  ports: [],
  createdAtMs: 0,
});
