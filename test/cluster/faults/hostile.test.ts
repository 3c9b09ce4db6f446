import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostId, MeshId } from '../../../protocol/ids.ts';
import { deployed } from '../../framework/deploys.ts';
import { RealCluster, spawnInCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';
import { allSee, ask, makeGroup, metric, oneView, statuses, whole } from './fleet.ts';
import type { Mischief, Verdict } from './intruder.ts';
import { bareHosts, dataDirOf } from './joiner.ts';
import type { Lie } from './lies.ts';

const script = join(import.meta.dirname, 'intruder.ts');

let cluster: RealCluster;
let stranger: RealHost;
let target: RealHost;
let agent: Pick<Mischief, 'ip' | 'hostId' | 'meshId'>;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'x', hosts: 3 });
  const [bare] = await bareHosts(cluster, 1);
  if (bare === undefined) throw new Error('there is no stranger');
  stranger = bare;
  target = cluster.host(1);
  const mesh = await ask<{ hostId: HostId; meshId: MeshId }>(target, 'GET', '/v1', 200);
  agent = { ip: target.ip, hostId: mesh.hostId, meshId: mesh.meshId };
  await makeGroup(target);
});
afterAll(async () => {
  stranger?.close();
  await cluster?.down();
});

const words = (mischief: Omit<Mischief, keyof typeof agent>) => [
  process.execPath,
  script,
  JSON.stringify({ ...agent, ...mischief }),
];

/** Lets a host misbehave and waits until the agent has dealt with it. */
const misbehave = async (from: RealHost, mischief: Omit<Mischief, keyof typeof agent>): Promise<Verdict> =>
  JSON.parse(await from.exec(...words(mischief)));

/** The mesh does what it is there for, through the agent that was attacked. */
async function stillWorks(app: string): Promise<void> {
  await deployed(target, `team/${app}`, { replicas: 3 });
  await whole(cluster.hosts, app, 3);
  for (const host of cluster.hosts) expect(await statuses(host)).toEqual({ h1: 'alive', h2: 'alive', h3: 'alive' });
}

describe('a host that is no member', () => {
  it('sends garbage and half handshakes, and every connection is ended', async () => {
    expect(await misbehave(stranger, { mode: 'raw' })).toMatchObject({ ended: 9, wasHeard: false });
    await stillWorks('raw');
  });

  it('has an identity of its own and speaks the protocol well, and is refused', async () => {
    const before = await metric(target, 'shoal_transport_rejected_peers_total');
    expect(await misbehave(stranger, { mode: 'stranger' })).toMatchObject({ wasHeard: false });
    expect(await metric(target, 'shoal_transport_rejected_peers_total')).toBe(before + 1);
    await stillWorks('refused');
  });

  it('floods an agent with connections, and members get through all the same', async () => {
    const flood = spawnInCluster(cluster, 'exec', stranger.name, '--', ...words({ mode: 'flood' }));
    const over = new Promise((resolve) => flood.once('close', resolve));
    const connections = async () => {
      const filter = ['--tcp', '--no-header', '--numeric', 'dst', stranger.ip];
      return (await target.exec('ss', ...filter)).split('\n').length - 1;
    };
    try {
      await waitFor('many connections', async () => (await connections()) > 100);
      await stillWorks('flooded');
      await cluster.script('kill', 'h2', 'agent');
      await cluster.script('start', 'h2', 'agent');
      await allSee(cluster.hosts, 'h2', 'alive');
      expect(await connections()).toBeGreaterThan(100);
    } finally {
      flood.stdin.end();
      await over;
    }
    await waitFor('the connections to end', async () => (await connections()) === 0);
  });
});

/** What is counted when the lie was recognised, and whether that ends the connection. */
const lies: readonly (readonly [lie: Lie, metric: string, isCutOff: boolean])[] = [
  ['another-hosts-record', 'shoal_mesh_quarantined_records_total', false],
  ['forged-signature', 'shoal_mesh_forged_records_total', false],
  ['record-from-the-future', 'shoal_mesh_quarantined_records_total', false],
  ['undecodable-record', 'shoal_mesh_quarantined_records_total', false],
  ['misshapen-record', 'shoal_catalog_unreadable_total', false],
  ['random-frame', 'shoal_transport_rejected_frames_total', true],
  ['oversized-frame', 'shoal_transport_rejected_frames_total', true],
];

describe('a member that lies', () => {
  it.each(lies)('with %s is counted in %s', async (lie, counter, isCutOff) => {
    const liar = cluster.host(3);
    const before = await metric(target, counter);
    const keyPath = join(dataDirOf(cluster, liar), 'identity.key');
    await cluster.script('kill', liar.name, 'agent').catch(() => undefined);
    expect(await misbehave(liar, { mode: 'member', keyPath, lie })).toMatchObject({ wasHeard: !isCutOff });
    await waitFor('the lie to be counted', async () => (await metric(target, counter)) > before);
    const host = await ask<{ name: string; capacity: { memoryBytes: number } }>(target, 'GET', '/v1/hosts/h1', 200);
    expect(host.capacity.memoryBytes).toBeGreaterThan(0);
  });

  it('has changed nothing: its agent comes back and all agree', async () => {
    await cluster.script('start', 'h3', 'agent');
    await allSee(cluster.hosts, 'h3', 'alive');
    await stillWorks('after-lies');
    await oneView(cluster.hosts);
    expect((await target.api('GET', '/v1/groups/team/apps/lie')).status).toBe(404);
  });
});
