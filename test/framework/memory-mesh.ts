import { newIdentity } from '../../agent/adapters/libp2p/identity.ts';
import { newCatalog } from '../../agent/core/catalog/catalog.ts';
import { draft } from '../../agent/core/catalog/draft.ts';
import { keys } from '../../agent/core/catalog/keys.ts';
import { VirtualClock } from '../../agent/ports/clock-virtual.ts';
import { MemoryEngine } from '../../agent/ports/engine-memory.ts';
import type { Identity } from '../../agent/ports/identity.ts';
import { silentLog } from '../../agent/ports/log.ts';
import { MemoryMachine } from '../../agent/ports/machine.ts';
import { MemoryStore } from '../../agent/ports/store-memory.ts';
import { MemoryNetwork } from '../../agent/ports/transport-memory.ts';
import { assemble, type Services } from '../../agent/services/assemble.ts';
import { loadMesh, storeRecords } from '../../agent/services/mesh/mesh-disk.ts';
import type { CommandContext, CommandResult } from '../../agent/services/platform.ts';
import type { HostId, MeshId } from '../../protocol/ids.ts';
import type { Command } from '../../protocol/schemas/commands.ts';
import type { Operation } from '../../protocol/schemas/operation.ts';

const MiB = 1024 ** 2;
const meshId = 'memory' as MeshId;

/** One agent of the mesh: its parts outlive its process. */
export interface MemoryHost {
  readonly name: string;
  readonly identity: Identity;
  readonly engine: MemoryEngine;
  readonly store: MemoryStore;
  services: Services;
}

export interface MemoryMeshOptions {
  readonly hosts: number;
  readonly memoryBytes?: number;
  readonly seed?: number;
}

/** Whole agents in one process, under a virtual clock: every service is real, engine, disk, wire and time are twins. */
export class MemoryMesh {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly hosts: MemoryHost[] = [];
  readonly #memoryBytes: number;

  private constructor({ memoryBytes = 1024 * MiB, seed = 1 }: MemoryMeshOptions) {
    this.clock = new VirtualClock({ seed });
    this.network = new MemoryNetwork(this.clock);
    this.#memoryBytes = memoryBytes;
  }

  static async start(options: MemoryMeshOptions): Promise<MemoryMesh> {
    const mesh = new MemoryMesh(options);
    const identities = await Promise.all(Array.from({ length: options.hosts }, () => newIdentity()));
    for (const [index, identity] of identities.entries()) {
      const store = new MemoryStore();
      await storeRecords(store, mesh.#admission(identities.map(({ hostId }) => hostId)));
      const engine = new MemoryEngine({ clock: mesh.clock, images: ['test:1', 'test:2'], createMs: 8, startMs: 100 });
      const host = { name: `h${index + 1}`, identity, engine, store };
      mesh.hosts.push({ ...host, services: await mesh.#assemble(host) });
    }
    await Promise.all(mesh.hosts.map(({ services }) => services.start()));
    await mesh.clock.advance(3_000);
    return mesh;
  }

  /** `host(1)` is h1. */
  host(number: number): MemoryHost {
    const host = this.hosts[number - 1];
    if (host === undefined) throw new Error(`there is no h${number}`);
    return host;
  }

  /** Cuts every wire between two sets of hosts, by their numbers. */
  partition(left: readonly number[], right: readonly number[]): void {
    for (const a of left)
      for (const b of right) this.network.cut(this.host(a).identity.hostId, this.host(b).identity.hostId);
  }

  heal(): void {
    for (const a of this.hosts)
      for (const b of this.hosts) if (a !== b) this.network.heal(a.identity.hostId, b.identity.hostId);
  }

  /** The agent's process ends without a word; its engine, disk and containers stay. */
  async kill(number: number): Promise<void> {
    const { services, identity } = this.host(number);
    for (const other of this.hosts)
      if (other.identity !== identity) this.network.cut(identity.hostId, other.identity.hostId);
    await services.stop();
  }

  /** Starts the agent of a killed host again. */
  async restart(number: number): Promise<void> {
    const host = this.host(number);
    for (const other of this.hosts) if (other !== host) this.network.heal(host.identity.hostId, other.identity.hostId);
    host.services = await this.#assemble(host);
    await host.services.start();
  }

  /** Gives a command through a host and moves time on until it is answered. */
  async run(number: number, command: Command, context: Partial<CommandContext> = {}): Promise<CommandResult> {
    const full = { actor: { id: 'admin', role: 'admin' as const }, signal: AbortSignal.timeout(60_000), ...context };
    return this.settle(this.host(number).services.platform.run(command, full));
  }

  /** Moves time on until the operation has ended, as seen from a host. */
  async finished(number: number, operationId: string, deadlineMs = 60_000): Promise<Operation> {
    const { platform } = this.host(number).services;
    for (let waitedMs = 0; waitedMs < deadlineMs; waitedMs += 50) {
      const operation = platform.operation(operationId);
      if (operation !== undefined && operation.state !== 'running') return operation;
      await this.clock.advance(50);
    }
    throw new Error(`the operation is not done: ${JSON.stringify(platform.operation(operationId), undefined, 1)}`);
  }

  /** Moves time on until the promise settles. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = promise.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    for (let steps = 0; !isDone && steps < 2_000; steps++) await this.clock.advance(20);
    return done;
  }

  async stop(): Promise<void> {
    await Promise.all(this.hosts.map(({ services }) => services.stop().catch(() => undefined)));
  }

  async #assemble(host: Omit<MemoryHost, 'services'>): Promise<Services> {
    const { clock } = this;
    return assemble({
      meshId,
      name: host.name,
      agentVersion: 'test',
      identity: host.identity,
      store: host.store,
      transport: this.network.transport(host.identity.hostId),
      engine: host.engine,
      machine: new MemoryMachine(),
      disk: await loadMesh(host.store, clock, silentLog),
      clock,
      log: silentLog,
      zone: '',
      labels: {},
      capacity: { memoryBytes: this.#memoryBytes, reserveBytes: 0, cpuMilli: 8_000 },
      portRange: { first: 20_000, last: 20_999 },
    });
  }

  #admission(hostIds: readonly HostId[]) {
    const at = new Date(this.clock.nowMs()).toISOString();
    const [author] = hostIds;
    if (author === undefined) return [];
    const writes = hostIds.map((hostId, index) => ({
      key: keys.member(hostId),
      value: JSON.stringify({
        hostId,
        name: `h${index + 1}`,
        addresses: ['/ip4/127.0.0.1/tcp/1'],
        joinedAt: at,
        joinedWith: 'init',
      }),
    }));
    const drafted = draft(newCatalog(), writes, author, this.clock.nowMs());
    return drafted.ok ? drafted.records : [];
  }
}
