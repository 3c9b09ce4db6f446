import { newCatalog } from '../../agent/core/catalog/catalog.ts';
import { draft } from '../../agent/core/catalog/draft.ts';
import { keys } from '../../agent/core/catalog/keys.ts';
import type { CatalogRecord } from '../../agent/core/catalog/record.ts';
import { stewardOf } from '../../agent/core/rendezvous.ts';
import { MemoryBlobStore } from '../../agent/ports/blob-store-memory.ts';
import { MemoryBlobs } from '../../agent/ports/blobs-memory.ts';
import { VirtualClock } from '../../agent/ports/clock-virtual.ts';
import { MemoryCollectors } from '../../agent/ports/collector-memory.ts';
import { MemoryEngine } from '../../agent/ports/engine-memory.ts';
import { MemoryIdentity } from '../../agent/ports/identity-memory.ts';
import { silentLog } from '../../agent/ports/log.ts';
import { MemoryMachine } from '../../agent/ports/machine.ts';
import { MemoryMountFiles } from '../../agent/ports/mount-files-memory.ts';
import { MemoryPieceNetwork } from '../../agent/ports/piece-network-memory.ts';
import { MemoryProber } from '../../agent/ports/prober-memory.ts';
import { MemoryNetwork } from '../../agent/ports/transport-memory.ts';
import { MemoryUpstream } from '../../agent/ports/upstream-memory.ts';
import { MemoryUsageMeter } from '../../agent/ports/usage-meter.ts';
import { assemble } from '../../agent/services/assemble.ts';
import { messageBytes } from '../../agent/services/codec/gossip.ts';
import { loadMesh, storeRecords } from '../../agent/services/mesh/mesh-disk.ts';
import type { CommandContext, CommandResult } from '../../agent/services/platform.ts';
import type { HostId, MeshId } from '../../protocol/ids.ts';
import type { Command } from '../../protocol/schemas/commands.ts';
import type { Operation } from '../../protocol/schemas/operation.ts';
import { AgentProcess } from './agent-process.ts';
import { violations } from './invariants.ts';
import { MemoryHost } from './memory-host.ts';

const MiB = 1024 ** 2;
const meshId = 'memory' as MeshId;
/** More than any test has. */
const LAYERS_QUOTA_BYTES = 1024 ** 3;
const MESH_KEY = new Uint8Array(32).fill(7);
/** Invariants are checked this often. Milliseconds. */
const STEP_MS = 50;
/** Links are up, records are known, everybody has compared catalogs. */
const SETTLED_MS = 3_000;

export interface MemoryMeshOptions {
  readonly hosts: number;
  /** Of each host. */
  readonly memoryBytes?: number;
  readonly seed?: number;
  /** One way between two hosts. */
  readonly latencyMs?: number;
  /** That registries have; `test:1` and `test:2` are on every engine. */
  readonly registry?: readonly string[];
  /** Of each host's line for layers, and of every other registry's; bytes each second. */
  readonly lineBytesPerS?: number;
}

/**
 * Whole agents in one process, under a virtual clock: every service is real; engine, disk, wire, identity and time are
 * twins. A run is a function of its seed. Invariants are checked whenever time moves on.
 */
export class MemoryMesh {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  /** Where logs are forwarded to. */
  readonly collectors = new MemoryCollectors();
  /** Wires for pieces of layers. */
  readonly pieces: MemoryPieceNetwork;
  /** What health checks of agents find, on all hosts. */
  readonly prober = new MemoryProber();
  /** Other registries. */
  readonly upstream: MemoryUpstream;
  readonly hosts: readonly MemoryHost[];
  readonly #options: Required<MemoryMeshOptions>;

  private constructor(options: MemoryMeshOptions) {
    this.#options = {
      memoryBytes: 1024 * MiB,
      seed: 1,
      latencyMs: 0,
      registry: [],
      lineBytesPerS: 100 * MiB,
      ...options,
    };
    const { hosts, seed, memoryBytes, registry, lineBytesPerS: bytesPerS } = this.#options;
    this.clock = new VirtualClock({ seed });
    this.network = new MemoryNetwork(this.clock, messageBytes);
    this.pieces = new MemoryPieceNetwork({ clock: this.clock, bytesPerS });
    this.upstream = new MemoryUpstream({ clock: this.clock, bytesPerS });
    this.hosts = Array.from({ length: hosts }, (_, index) => {
      const files = new MemoryMountFiles();
      const engine = new MemoryEngine({
        clock: this.clock,
        images: ['test:1', 'test:2'],
        registry,
        createMs: 8,
        startMs: 100,
        pullMs: 400,
        listMs: 20,
        readFile: (path) => files.read(path),
      });
      const layers = new MemoryBlobStore({ clock: this.clock, quotaBytes: LAYERS_QUOTA_BYTES });
      return new MemoryHost(index + 1, new MemoryIdentity(`${seed}/${index + 1}`), engine, memoryBytes, layers, files);
    });
  }

  /** A mesh whose members know each other and agree. */
  static async start(options: MemoryMeshOptions): Promise<MemoryMesh> {
    const mesh = new MemoryMesh(options);
    const admission = mesh.#admission();
    for (const { disk } of mesh.hosts) await storeRecords(disk, admission);
    for (const host of mesh.hosts) await mesh.restart(host.number);
    await mesh.advance(SETTLED_MS);
    return mesh;
  }

  /** `host(1)` is h1. */
  host(number: number): MemoryHost {
    const host = this.hosts[number - 1];
    if (host === undefined) throw new Error(`there is no h${number}`);
    return host;
  }

  /** Hosts whose agent runs. */
  get running(): readonly MemoryHost[] {
    return this.hosts.filter(({ agent }) => agent !== undefined);
  }

  /** The number of the running host that is in charge of a key when all running ones see each other. */
  stewardOf(key: string, among: readonly MemoryHost[] = this.running): number {
    const steward = stewardOf(
      key,
      among.map(({ id }) => id),
    );
    return among.find(({ id }) => id === steward)?.number ?? 0;
  }

  /** Cuts every wire between two sets of hosts, by their numbers. */
  partition(left: readonly number[], right: readonly number[]): void {
    for (const a of left) for (const b of right) this.network.cut(this.host(a).id, this.host(b).id);
  }

  heal(): void {
    for (const a of this.hosts) for (const b of this.hosts) if (a !== b) this.network.heal(a.id, b.id);
  }

  /** kill -9 of the agent: its engine, disk and containers stay as they are. */
  kill(number: number): void {
    const host = this.host(number);
    host.agent?.process.kill();
    void host.agent?.wires.stop();
    host.agent?.blobs.stop();
    host.agent = undefined;
  }

  /** The agent ends as it does for an upgrade. */
  async stopAgent(number: number): Promise<void> {
    const host = this.host(number);
    await this.settle(host.agent?.services.stop() ?? Promise.resolve());
    host.agent?.blobs.stop();
    host.agent = undefined;
  }

  /** Starts the agent of a host again. */
  async restart(number: number): Promise<void> {
    const host = this.host(number);
    const { latencyMs } = this.#options;
    const process = new AgentProcess(this.clock);
    const wires = this.network.transport(host.id);
    const clock = process.clock(() => host.skewMs);
    const store = process.wrap(host.disk);
    const { layers: layerStore, id: hostId } = host;
    const blobs = new MemoryBlobs({ hostId, store: layerStore, network: this.pieces, upstream: this.upstream });
    const services = assemble({
      meshId,
      name: host.name,
      agentVersion: 'test',
      identity: host.identity,
      store,
      transport: process.transport(wires, latencyMs, host.traffic),
      engine: process.wrap(host.engine),
      machine: new MemoryMachine(),
      prober: this.prober,
      mountFiles: process.wrap(host.files),
      meter: new MemoryUsageMeter(),
      disk: await loadMesh(store, clock, silentLog),
      clock,
      log: silentLog,
      zone: '',
      labels: {},
      capacity: { memoryBytes: host.memoryBytes, reserveBytes: 0, cpuMilli: 8_000 },
      portRange: { first: 20_000, last: 20_999 },
      api: () => '127.0.0.1:7420',
      blobs: process.wrap(blobs),
      registryHost: '127.0.0.1:5000',
      meshKey: MESH_KEY,
      folders: host.folders,
      collectors: this.collectors,
    });
    host.agent = { process, services, wires, blobs };
    await this.settle(services.start());
  }

  /** Moves time on. @throws when an invariant does not hold */
  async advance(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
      await this.clock.advance(Math.min(STEP_MS, leftMs));
      const found = this.hosts.flatMap(violations);
      if (found.length > 0) throw new Error(`seed ${this.#options.seed}, ${this.#at()}: ${found.join('; ')}`);
    }
  }

  /** Moves time on until the condition holds, and says how long that took. @throws when it does not by the deadline */
  async until(what: string, condition: () => boolean, deadlineMs = 60_000): Promise<number> {
    const startMs = this.clock.monotonicMs();
    while (!condition()) {
      if (this.clock.monotonicMs() - startMs >= deadlineMs) {
        throw new Error(`seed ${this.#options.seed}, ${this.#at()}: not within ${deadlineMs} ms: ${what}`);
      }
      await this.advance(STEP_MS);
    }
    return this.clock.monotonicMs() - startMs;
  }

  /** Gives a command through a host and moves time on until it is answered. */
  run(number: number, command: Command, context: Partial<CommandContext> = {}): Promise<CommandResult> {
    return this.settle(this.begin(number, command, context));
  }

  /** Gives a command through a host; time stands still. */
  begin(number: number, command: Command, context: Partial<CommandContext> = {}): Promise<CommandResult> {
    const { signal } = new AbortController();
    return this.host(number).platform.run(command, { actor: { id: 'admin', role: 'admin' }, signal, ...context });
  }

  /** Moves time on until the operation has ended, as seen from a host. */
  async finished(number: number, operationId: string, deadlineMs = 60_000): Promise<Operation> {
    const current = () => this.host(number).platform.operation(operationId);
    const isOver = () => (current()?.state ?? 'running') !== 'running';
    await this.until(`the end of ${operationId}`, isOver, deadlineMs);
    const operation = current();
    if (operation === undefined) throw new Error(`${operationId} is gone`);
    return operation;
  }

  /** Moves time on in small steps until the promise settles. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = promise.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    const startMs = this.clock.monotonicMs();
    await this.clock.advance(0);
    while (!isDone && this.clock.monotonicMs() - startMs < 60_000) await this.advance(5);
    if (!isDone) throw new Error(`seed ${this.#options.seed}, ${this.#at()}: no answer within 60 s`);
    return done;
  }

  /** Ends everything at once; nothing of it runs on. */
  stop(): void {
    for (const { number } of this.running) this.kill(number);
  }

  #at(): string {
    return `${(this.clock.monotonicMs() / 1_000).toFixed(2)} s after the start`;
  }

  #admission(): readonly CatalogRecord[] {
    const joinedAt = new Date(this.clock.nowMs()).toISOString();
    const author: HostId = this.host(1).id;
    const writes = this.hosts.map(({ id, name }) => ({
      key: keys.member(id),
      value: JSON.stringify({ hostId: id, name, addresses: [`/memory/${name}`], joinedAt, joinedWith: 'init' }),
    }));
    const drafted = draft(newCatalog(), writes, author, this.clock.nowMs());
    if (!drafted.ok) throw new Error(`the first records are not valid: ${drafted.reason}`);
    return drafted.records;
  }
}
