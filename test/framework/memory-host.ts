import type { MemoryEngine } from '../../agent/ports/engine-memory.ts';
import type { MemoryIdentity } from '../../agent/ports/identity-memory.ts';
import type { StoreOp } from '../../agent/ports/store.ts';
import { MemoryStore } from '../../agent/ports/store-memory.ts';
import type { Services } from '../../agent/services/assemble.ts';
import type { ShoalPlatform } from '../../agent/services/shoal-platform.ts';
import type { HostId } from '../../protocol/ids.ts';
import type { AgentProcess, Traffic } from './agent-process.ts';

/** A disk that counts, and can be full. */
export class MemoryDisk extends MemoryStore {
  writes = 0;
  isFull = false;

  override async write(ops: readonly StoreOp[]): Promise<void> {
    if (this.isFull) throw new Error('ENOSPC: no space left on device');
    this.writes += 1;
    await super.write(ops);
  }
}

/** One host of a mesh in memory: its engine and disk outlive its agent. */
export class MemoryHost {
  readonly number: number;
  readonly identity: MemoryIdentity;
  readonly engine: MemoryEngine;
  readonly disk = new MemoryDisk();
  readonly memoryBytes: number;
  readonly traffic: Traffic = new Map();
  /** How far its clock is ahead of the others'. */
  skewMs = 0;
  /** Undefined while its agent is dead. */
  agent: { readonly process: AgentProcess; readonly services: Services; readonly endTransport: () => void } | undefined;

  constructor(number: number, identity: MemoryIdentity, engine: MemoryEngine, memoryBytes: number) {
    this.number = number;
    this.identity = identity;
    this.engine = engine;
    this.memoryBytes = memoryBytes;
  }

  get name(): string {
    return `h${this.number}`;
  }

  get id(): HostId {
    return this.identity.hostId;
  }

  get platform(): ShoalPlatform {
    if (this.agent === undefined) throw new Error(`the agent of ${this.name} is dead`);
    return this.agent.services.platform;
  }
}
