import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { MemoryEngine, type MemoryEngineOptions } from '../../../agent/ports/engine-memory.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { MemoryMachine } from '../../../agent/ports/machine.ts';
import { MemoryMountFiles } from '../../../agent/ports/mount-files-memory.ts';
import { MemoryProber } from '../../../agent/ports/prober-memory.ts';
import { MemoryStore } from '../../../agent/ports/store-memory.ts';
import { HostAgent } from '../../../agent/services/host/host-agent.ts';
import type { HostEvent } from '../../../agent/services/host/options.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId, MeshId } from '../../../protocol/ids.ts';
import { Customer } from './customer.ts';

const hostId = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo' as HostId;
const meshId = 'mesh-one' as MeshId;
/** An image on the engine that was resolved by the mesh. */
export const RESOLVED = `team/app@sha256:${'a'.repeat(64)}`;

/** One host agent on the twin engine, under a virtual clock. */
export class HostWorld extends Customer {
  readonly clock = new VirtualClock();
  readonly store = new MemoryStore();
  readonly machine = new MemoryMachine();
  readonly prober = new MemoryProber();
  readonly engine: MemoryEngine;
  readonly events: HostEvent[] = [];
  readonly mountFiles = new MemoryMountFiles();
  /** Contents of files that the mesh has, by SHA-256. */
  readonly contents = new Map<string, Uint8Array>();
  agent: HostAgent;

  constructor(options: Partial<MemoryEngineOptions> = {}) {
    super();
    this.engine = new MemoryEngine({
      clock: this.clock,
      images: ['app:1', RESOLVED],
      createMs: 10,
      startMs: 150,
      readFile: (path) => this.mountFiles.read(path),
      ...options,
    });
    this.agent = this.newAgent();
  }

  newAgent(mesh = meshId): HostAgent {
    return new HostAgent({
      identity: { hostId, hostName: 'h1', meshId: mesh, agentVersion: '1', zone: 'z1', labels: { disk: 'ssd' } },
      engine: this.engine,
      machine: this.machine,
      prober: this.prober,
      store: this.store,
      clock: this.clock,
      log: silentLog,
      onEvent: (event) => this.events.push(event),
      mountFiles: this.mountFiles,
      contentOf: async ({ sha256 }) => {
        const content = this.contents.get(sha256);
        if (content === undefined) throw new ShoalError('not-found', 'no member that answers has its content');
        return content;
      },
    });
  }

  async started(): Promise<this> {
    const starting = this.agent.start();
    await this.clock.advance(1_000);
    await starting;
    return this;
  }

  /** Stops the agent and starts another one in its place, as an upgrade does. */
  async replaceAgent(): Promise<void> {
    this.agent.stop();
    this.agent = this.newAgent();
    await this.agent.start();
  }

  kinds(): string[] {
    return this.events.map((event) => event.kind);
  }

  list() {
    return this.engine.list(new AbortController().signal);
  }
}
