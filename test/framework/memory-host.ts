import { createHash } from 'node:crypto';
import { canonicalJson } from '../../agent/core/canonical-json.ts';
import type { MemoryBlobStore } from '../../agent/ports/blob-store-memory.ts';
import type { MemoryBlobs } from '../../agent/ports/blobs-memory.ts';
import type { MemoryEngine } from '../../agent/ports/engine-memory.ts';
import { MemoryFolder } from '../../agent/ports/folder-memory.ts';
import type { MemoryIdentity } from '../../agent/ports/identity-memory.ts';
import type { MemoryMountFiles } from '../../agent/ports/mount-files-memory.ts';
import type { StoreOp } from '../../agent/ports/store.ts';
import { MemoryStore } from '../../agent/ports/store-memory.ts';
import type { Transport } from '../../agent/ports/transport.ts';
import type { Services } from '../../agent/services/assemble.ts';
import type { ShoalPlatform } from '../../agent/services/shoal-platform.ts';
import { ShoalError } from '../../protocol/errors.ts';
import type { HostId } from '../../protocol/ids.ts';
import type { AgentProcess, Traffic } from './agent-process.ts';

/** A disk that counts, can be full, and can be compared with another. */
class MemoryDisk extends MemoryStore {
  writes = 0;
  isFull = false;
  readonly #hashes = new Map<string, string>();

  override async write(ops: readonly StoreOp[]): Promise<void> {
    if (this.isFull) throw new ShoalError('not-stored', 'No space left on device.');
    this.writes += 1;
    await super.write(ops);
    for (const op of ops) {
      if (op.type === 'del') this.#hashes.delete(op.key);
      else this.#hashes.set(op.key, createHash('sha256').update(op.value).digest('base64'));
    }
  }

  /** The catalog's records, those that were deleted or lost a conflict among them. Equal for equal catalogs. */
  get catalog(): string {
    return [...this.#hashes]
      .filter(([key]) => key.startsWith('catalog/'))
      .map((entry) => entry.join(' '))
      .sort()
      .join('\n');
  }
}

/** One host of a mesh in memory: its engine and disk outlive its agent. */
export class MemoryHost {
  readonly number: number;
  readonly identity: MemoryIdentity;
  readonly engine: MemoryEngine;
  readonly disk = new MemoryDisk();
  /** The part of its disk that holds layers. */
  readonly layers: MemoryBlobStore;
  /** The part that holds files for containers. */
  readonly files: MemoryMountFiles;
  readonly folders = { recordings: new MemoryFolder(), lastOutput: new MemoryFolder(), forward: new MemoryFolder() };
  readonly memoryBytes: number;
  readonly traffic: Traffic = new Map();
  /** How far its clock is ahead of the others'. */
  skewMs = 0;
  /** Undefined while its agent is dead. */
  agent:
    | {
        readonly process: AgentProcess;
        readonly services: Services;
        readonly wires: Transport;
        readonly blobs: MemoryBlobs;
      }
    | undefined;

  constructor(
    number: number,
    identity: MemoryIdentity,
    engine: MemoryEngine,
    memoryBytes: number,
    layers: MemoryBlobStore,
    files: MemoryMountFiles,
  ) {
    this.number = number;
    this.identity = identity;
    this.engine = engine;
    this.memoryBytes = memoryBytes;
    this.layers = layers;
    this.files = files;
  }

  get name(): string {
    return `h${this.number}`;
  }

  get id(): HostId {
    return this.identity.hostId;
  }

  get services(): Services {
    if (this.agent === undefined) throw new Error(`the agent of ${this.name} is dead`);
    return this.agent.services;
  }

  get platform(): ShoalPlatform {
    return this.services.platform;
  }

  /** What its agent believes of the mesh: the catalog on its disk, and every host's own word. Equal when two agree. */
  get belief(): string {
    const hosts = this.platform.hosts().map(({ isSelf: _, since: __, ...host }) => host);
    return canonicalJson([this.disk.catalog, hosts, this.platform.containers()]);
  }
}
