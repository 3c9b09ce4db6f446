import { describe, expect, it } from 'vitest';
import { newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { draft } from '../../../agent/core/catalog/draft.ts';
import type { SignedHostRecord } from '../../../agent/core/catalog/host-record.ts';
import { keys } from '../../../agent/core/catalog/keys.ts';
import type { CatalogRecord } from '../../../agent/core/catalog/record.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { MemoryIdentity } from '../../../agent/ports/identity-memory.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { MemoryStore } from '../../../agent/ports/store-memory.ts';
import { MemoryNetwork } from '../../../agent/ports/transport-memory.ts';
import { loadMesh } from '../../../agent/services/mesh/mesh-disk.ts';
import { type MeshListener, MeshService } from '../../../agent/services/mesh/mesh-service.ts';
import type { Digest } from '../../../protocol/digest.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { HostRecord, Liveness } from '../../../protocol/schemas/host.ts';

/** A mesh service with what it told its listener. */
class Node {
  readonly identity: MemoryIdentity;
  readonly store = new MemoryStore();
  readonly records: HostRecord[] = [];
  readonly liveness: [HostId, Liveness, Liveness | undefined][] = [];
  readonly keys: string[] = [];
  readonly #world: World;
  mesh: MeshService | undefined;

  constructor(name: string, world: World) {
    this.identity = new MemoryIdentity(name);
    this.#world = world;
  }

  async start(): Promise<MeshService> {
    const { clock, network, nodes } = this.#world;
    const transport = network.transport(this.identity.hostId);
    const disk = await loadMesh(this.store, clock, silentLog);
    const mesh = new MeshService({ transport, identity: this.identity, disk, clock, log: silentLog });
    this.mesh = mesh;
    const listener: MeshListener = {
      onCatalogChanged: (changed) => this.keys.push(...changed),
      onHostRecord: (record) => this.records.push(record),
      onLiveness: (...change) => this.liveness.push(change),
      onIsolated: () => {},
      onConflict: () => {},
    };
    mesh.start(listener);
    mesh.step({ type: 'members', members: nodes.map(({ identity }) => ({ hostId: identity.hostId })) });
    await transport.start({ isMember: () => true, isJoinOpen: () => false, addressesOf: () => [] });
    return mesh;
  }
}

class World {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork(this.clock);
  readonly nodes: readonly Node[];

  constructor(count: number) {
    this.nodes = Array.from({ length: count }, (_, index) => new Node(`n${index}`, this));
  }

  node(index: number): Node {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node;
  }
}

function recordOf(hostId: HostId, name: string): HostRecord {
  const capacity = { memoryBytes: 1, reserveBytes: 0, unmanagedBytes: 0, allocatableBytes: 1, promisedBytes: 0 };
  return {
    hostId,
    name,
    addresses: [],
    agentVersion: 'test',
    protocolVersion: 1,
    zone: '',
    labels: {},
    engine: { state: 'ready', version: '1' },
    capacity: { ...capacity, heldBytes: 0, cpuMilli: 1, promisedCpuMilli: 0 },
    containers: [],
    unmanaged: [],
    images: [],
  };
}

/** The record of a group, as this node would write it. */
function groupOf(node: Node, clock: VirtualClock): readonly CatalogRecord[] {
  const value = JSON.stringify({ name: 'team', createdAt: 'now' });
  const writes = [{ key: keys.group('team'), value }];
  const drafted = draft(node.mesh?.state.catalog ?? newCatalog(), writes, node.identity.hostId, clock.nowMs());
  return drafted.ok ? drafted.records : [];
}

const publish = (node: Node, name: string) => {
  const record = recordOf(node.identity.hostId, name);
  return node.mesh?.publishHost(record, JSON.stringify(record));
};

describe('a member that starts', () => {
  it('has caught up at once when it is the only one', async () => {
    const world = new World(1);
    const mesh = await world.node(0).start();
    expect([mesh.isCaughtUp(), mesh.isIsolated()]).toEqual([true, false]);
  });

  it('lacks its own record until it has looked at its engine', async () => {
    const world = new World(1);
    const mesh = await world.node(0).start();
    expect(mesh.hasEveryRecord()).toBe(false);
    await publish(world.node(0), 'n0');
    expect(mesh.hasEveryRecord()).toBe(true);
  });

  it('has caught up no sooner than its catalog equals that of another, whatever was queued for it', async () => {
    const world = new World(2);
    await world.node(1).start();
    await world.clock.advance(6_000);
    await world.node(1).mesh?.commit(groupOf(world.node(1), world.clock));
    const mesh = await world.node(0).start();
    while (!mesh.isCaughtUp()) await world.clock.advance(10);
    expect(mesh.state.catalog.records.has(keys.group('team'))).toBe(true);
    expect(world.clock.monotonicMs()).toBeLessThan(10_000);
  });

  it('goes on alone when nobody answers, and takes itself for cut off for half a minute', async () => {
    const world = new World(3);
    const mesh = await world.node(0).start();
    await world.clock.advance(4_900);
    expect(mesh.isCaughtUp()).toBe(false);
    await world.clock.advance(200);
    expect([mesh.isCaughtUp(), mesh.isIsolated()]).toEqual([true, true]);
    await world.clock.advance(30_000);
    expect(mesh.isIsolated()).toBe(false);
  });

  it('counts on nobody that it has not heard from', async () => {
    const world = new World(2);
    const mesh = await world.node(0).start();
    const other = world.node(1).identity.hostId;
    expect(mesh.status(other).status).toBe('dead');
    await world.node(1).start();
    await world.clock.advance(2_000);
    expect(mesh.status(other).status).toBe('alive');
    expect(world.node(0).liveness[0]).toEqual([other, 'alive', undefined]);
  });

  it('lacks a record as long as a member that runs has not said what is on its host', async () => {
    const world = new World(2);
    const mesh = await world.node(0).start();
    await publish(world.node(0), 'n0');
    await world.node(1).start();
    await world.clock.advance(2_000);
    expect(mesh.hasEveryRecord()).toBe(false);
    await publish(world.node(1), 'n1');
    await world.clock.advance(1_000);
    expect(mesh.hasEveryRecord()).toBe(true);
    expect(world.node(0).records.map(({ name }) => name)).toEqual(['n0', 'n1']);
  });
});

describe('host records', () => {
  const second = (world: World): SignedHostRecord => {
    const { hostId } = world.node(1).identity;
    const payload = new TextEncoder().encode(JSON.stringify(recordOf(hostId, 'forged')));
    return { hostId, incarnation: 1, sequence: 1, payload, signature: new Uint8Array(32) };
  };

  it('are not believed without the signature of their host', async () => {
    const world = new World(3);
    const mesh = await world.node(0).start();
    const liar = world.network.transport(world.node(2).identity.hostId);
    await liar.start({ isMember: () => true, isJoinOpen: () => false, addressesOf: () => [] });
    liar.send(world.node(0).identity.hostId, { type: 'host-records', records: [second(world)] });
    await world.clock.advance(500);
    expect(world.node(0).records).toEqual([]);
    expect(mesh.state.hosts.get(world.node(1).identity.hostId)).toBeUndefined();
  });

  it('reach the others in the order in which they were published', async () => {
    const world = new World(2);
    await world.node(0).start();
    await world.node(1).start();
    await world.clock.advance(2_000);
    await Promise.all(['one', 'two', 'three'].map((name) => publish(world.node(1), name)));
    await world.clock.advance(1_000);
    expect(world.node(0).records.at(-1)?.name).toBe('three');
    expect(world.node(1).records.map(({ name }) => name)).toEqual(['one', 'two', 'three']);
  });

  it('of a host that lost its disk are told again above what the others hold', async () => {
    const world = new World(2);
    await world.node(0).start();
    await world.node(1).start();
    await world.clock.advance(2_000);
    await publish(world.node(1), 'before');
    await world.clock.advance(1_000);
    await world.node(1).mesh?.stop();
    // Its clock is a year back, and it knows of no earlier start.
    const { clock } = world;
    const now = clock.nowMs.bind(clock);
    clock.nowMs = () => now() - 365 * 86_400_000;
    for await (const [key] of world.node(1).store.entries('')) await world.node(1).store.write([{ type: 'del', key }]);
    await world.node(1).start();
    await publish(world.node(1), 'after');
    await world.clock.advance(5_000);
    expect(world.node(0).records.at(-1)?.name).toBe('after');
  });
});

describe('the catalog', () => {
  it('is on disk when a commit resolves, and is there at the next start', async () => {
    const world = new World(1);
    const mesh = await world.node(0).start();
    await mesh.commit(groupOf(world.node(0), world.clock));
    await mesh.stop();
    const again = await world.node(0).start();
    expect(again.state.catalog.records.has(keys.group('team'))).toBe(true);
  });

  it('commits nothing for as long as the disk refuses', async () => {
    const world = new World(1);
    const node = world.node(0);
    const mesh = await node.start();
    const write = node.store.write.bind(node.store);
    node.store.write = () => Promise.reject(new Error('no space left'));
    const records = groupOf(node, world.clock);
    await expect(mesh.commit(records)).rejects.toThrow('no space');
    await expect(mesh.commit(records)).rejects.toThrow('no space');
    node.store.write = write;
    await mesh.commit(records);
    expect((await loadMesh(node.store, world.clock, silentLog)).catalog.records.has(keys.group('team'))).toBe(true);
  });

  it('reaches the other member', async () => {
    const world = new World(2);
    await world.node(0).start();
    await world.node(1).start();
    await world.clock.advance(2_000);
    await world.node(0).mesh?.commit(groupOf(world.node(0), world.clock));
    await world.clock.advance(500);
    expect(world.node(1).keys).toContain(keys.group('team'));
  });
});

describe('loadMesh', () => {
  it('starts above every earlier start, also when the clock was set back', async () => {
    const store = new MemoryStore();
    const clock = new VirtualClock();
    const first = await loadMesh(store, clock, silentLog);
    clock.nowMs = () => 1_000;
    const second = await loadMesh(store, clock, silentLog);
    expect(second.startIncarnation).toBeGreaterThan(first.startIncarnation);
  });

  it('leaves what it can not read on the disk, and starts with the rest', async () => {
    const store = new MemoryStore();
    const clock = new VirtualClock();
    await store.write([{ type: 'put', key: 'catalog/groups/odd', value: new Uint8Array([1, 2, 3]) }]);
    const disk = await loadMesh(store, clock, silentLog);
    expect(disk.catalog.records.size).toBe(0);
    expect(disk.catalog.quarantine.list()).toMatchObject([{ what: 'groups/odd' }]);
    expect(await store.get('catalog/groups/odd')).toBeDefined();
  });
});

describe('what is said about pieces', () => {
  it('reaches whoever asked for it when a member says it', async () => {
    const world = new World(2);
    const mesh = await world.node(0).start();
    const heard: HostId[] = [];
    mesh.onSwarm((from) => heard.push(from));
    const member = world.node(1).identity.hostId;
    for (const hostId of [new MemoryIdentity('stranger').hostId, member]) {
      const transport = world.network.transport(hostId);
      await transport.start({ isMember: () => true, isJoinOpen: () => false, addressesOf: () => [] });
      transport.send(world.node(0).identity.hostId, {
        type: 'swarm-bye',
        digest: `sha256:${'0'.repeat(64)}` as Digest,
      });
    }
    await world.clock.advance(1_000);
    expect(heard).toEqual([member]);
  });
});
