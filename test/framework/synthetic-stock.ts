import { ulid } from '../../protocol/ids.ts';
import type { Descriptor } from '../../protocol/schemas/image.ts';
import type { LogForward } from '../../protocol/schemas/log-forward.ts';
import { digestOf, factsOf } from '../unit/images/fixtures.ts';
import type { SyntheticMesh } from './synthetic-mesh.ts';

const MiB = 1024 ** 2;
const GiB = 1024 * MiB;

const images = [
  { repository: 'shop/web', tags: ['1.4.0', '1.4.1', 'latest'] },
  { repository: 'shop/api', tags: ['2.0.3'] },
  { repository: 'pay/worker', tags: ['7', '8'] },
  { repository: 'docker.io/library/nginx', tags: ['1.27'] },
];

const layer = (number: number, sizeBytes: number): Descriptor => ({
  digest: digestOf(number),
  sizeBytes,
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
});

/** One that is well, and one of which a host is behind, one drops and one is silent. */
function forwardsOf(mesh: SyntheticMesh): readonly LogForward[] {
  const [silent, ...others] = mesh.allHosts.slice(0, 5);
  const hosts = others.map(({ id: hostId, name: hostName }, index): LogForward['hosts'][number] => ({
    ...{ hostId, hostName, state: 'connected', sentLines: 48_112 * (index + 1), droppedLines: 0 },
    ...{ waitingBytes: 0, detail: '' },
  }));
  const changed = { updatedAt: new Date(Date.now() - 7_200_000).toISOString(), updatedBy: 'admin', verify: true };
  return [
    {
      ...{ name: 'shop', url: 'https://logs.example.com/ingest', scope: { group: 'shop' }, ...changed },
      ...{ headerName: 'Authorization', hasSecret: true, hosts, missing: [] },
    },
    {
      ...{ name: 'siem', url: 'syslog+tls://siem.example.com:6514', scope: {}, ...changed, hasSecret: false },
      hosts: hosts.map((host, index) =>
        index === 1
          ? { ...host, state: 'behind', waitingBytes: 3 * MiB, detail: 'connect ECONNREFUSED 10.0.4.9:6514' }
          : index === 2
            ? {
                ...host,
                state: 'dropped',
                droppedLines: 1_204,
                waitingBytes: 64 * MiB,
                detail: 'no answer within 10 s',
              }
            : host,
      ),
      missing: silent === undefined ? [] : [{ hostId: silent.id, hostName: silent.name, code: 'host-unreachable' }],
    },
  ];
}

/** Fills a synthetic mesh with what screens beside hosts and containers show: images, clusters, registries, work that is planned. */
export function stock(mesh: SyntheticMesh): void {
  for (const [at, { repository, tags }] of images.entries()) {
    for (const [index, tag] of tags.entries()) {
      const number = 100 * (at + 1) + index;
      const layers = [layer(1, 31 * MiB), layer(10 * (at + 1), 84 * MiB), layer(number + 50, 3 * MiB + 41 * index)];
      const manifest = factsOf(number, { layers, revision: '9f3c1e7ab2d4'.repeat(3) });
      mesh.world.do({ kind: 'image.push', repository, tag, manifest });
    }
  }
  mesh.world.do({
    kind: 'cluster.put',
    cluster: 'fast-disks',
    description: 'For databases',
    selector: [{ label: 'disk', op: '==', values: ['ssd'] }],
  });
  mesh.world.do({
    kind: 'cluster.put',
    cluster: 'south',
    selector: [
      { label: 'zone', op: 'in', values: ['zone-a', 'zone-b'] },
      { label: 'cores', op: '>=', values: ['8'] },
    ],
  });
  mesh.world.do({ kind: 'group.put', group: 'pay', recordShells: 'on' });
  mesh.forwards = { list: async () => forwardsOf(mesh), names: () => ['shop', 'siem'], seal: () => 'sealed' };
  mesh.world.do({ kind: 'namespace.put', namespace: 'shop', quotaBytes: 20 * GiB });
  mesh.world.do({ kind: 'upstream.put', host: 'registry.example.com', username: 'ci', sealedPassword: 'c2VhbGVk' });
  mesh.world.do({ kind: 'images.set', originBytesPerS: 40 * MiB });
  mesh.world.do({ kind: 'token.create', description: 'new racks', expiresInMs: 86_400_000, maxUses: 12 });
  for (const { id: hostId, name: hostName } of mesh.allHosts.slice(0, 8)) {
    mesh.images.allUsage.push({
      hostId,
      hostName,
      usedBytes: 3 * GiB + hostName.charCodeAt(3) * 17 * MiB,
      pinnedBytes: GiB,
      quotaBytes: 20 * GiB,
      diskFreeBytes: 160 * GiB,
    });
  }
  const [first, second, third] = mesh.allHosts;
  if (first === undefined || second === undefined || third === undefined) return;
  for (const [to, doneBytes] of [[second, 21 * MiB] as const, [third, 60 * MiB] as const]) {
    mesh.images.allTransfers.push({
      hostId: to.id,
      hostName: to.name,
      digest: digestOf(10),
      sizeBytes: 84 * MiB,
      doneBytes,
      bytesPerS: 11 * MiB,
      peers: [{ hostId: first.id, hostName: first.name, doneBytes }],
      originBytes: 0,
    });
  }
  for (const { id: containerId, group, app, cluster, replica, hostId } of mesh.allContainers.slice(0, 4)) {
    mesh.moves.push({
      containerId,
      group,
      app,
      cluster,
      replica,
      hostId,
      why: 'two replicas share this host, one zone has none',
    });
  }
}

/** A version of an app that waits after its canaries: two of its replicas run it. */
export function rollOut(mesh: SyntheticMesh, group: string, app: string): void {
  const spec = {
    image: `127.0.0.1:5000/${group}/${app}:2`,
    memoryBytes: 256 * MiB,
    env: { MODE: 'live', CACHE: 'on' },
  };
  const rollout = { minHealthyMs: 10_000 };
  mesh.world.do({ kind: 'app.deploy', group, app, cluster: 'default', spec, canary: { count: 2 }, rollout });
  const found = mesh.app(group, app)?.item;
  const [deployment] = found?.deployments ?? [];
  if (found === undefined || deployment?.rollout === undefined) return;
  const { operationId, version } = deployment;
  mesh.world.change(`apps/${group}/${app}`, {
    deployments: [{ ...deployment, rollout: { ...deployment.rollout, open: 2, proven: 2 } }],
  });
  for (const [at, container] of mesh.allContainers.entries()) {
    if (container.group !== group || container.app !== app) continue;
    const image = `127.0.0.1:5000/${group}/${app}:${version}`;
    const isNew = container.replica < 2;
    mesh.allContainers[at] = { ...container, appUid: found.uid, ...(isNew ? { version, image, operationId } : {}) };
  }
}

/** An operation of the mesh, for the page of one. */
export const anOperation = (mesh: SyntheticMesh): string => mesh.operations()[0]?.id ?? `op_${ulid(0, () => 0)}`;
