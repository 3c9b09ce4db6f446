import type { ContainerId, HostId, MeshId } from '../../../protocol/ids.ts';
import type { HostBlobs, HostTask, PullProgress } from '../../../protocol/schemas/host.ts';
import type { ContainerIdentity } from '../../core/host/container.ts';
import type { NoteKind } from '../../core/host/messages.ts';
import type { PortRange } from '../../core/placement/ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { Machine, MachineFacts } from '../../ports/machine.ts';
import type { MountFiles } from '../../ports/mount-files.ts';
import type { Prober } from '../../ports/prober.ts';
import type { Store } from '../../ports/store.ts';
import type { CapacityOptions } from './bidder.ts';
import type { ContainerFilesDeps } from './container-files.ts';

/** A line for the timeline that this host saw. */
export interface HostEvent {
  readonly kind: NoteKind | 'engine.lost' | 'engine.back';
  readonly message: string;
  readonly container?: ContainerId;
  readonly group?: string;
  readonly app?: string;
  readonly operation?: string;
}

/** Who this host is. */
export interface HostIdentity {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly meshId: MeshId;
  readonly agentVersion: string;
  readonly zone: string;
  /** Start-up labels. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface HostAgentOptions {
  readonly identity: HostIdentity;
  readonly engine: Engine;
  readonly machine: Machine;
  readonly prober: Prober;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Overrides of what the machine says of itself. */
  readonly capacity?: Partial<CapacityOptions>;
  readonly portRange?: PortRange;
  /** Multiaddrs to reach this agent. */
  readonly addresses?: () => readonly string[];
  /** `ADDRESS:PORT` where its HTTP API listens, as others may use it. */
  readonly api?: () => string | undefined;
  /** What operators want of this host. */
  readonly intent?: () => { readonly labels: Readonly<Record<string, string>>; readonly isCordoned: boolean };
  readonly onEvent?: (event: HostEvent) => void;
  /** What the part for images knows; without it an engine pulls by itself what it is told as people write it. */
  readonly images?: HostImages;
  /** Where files of versions are kept for the engine, and where their contents come from. */
  readonly mountFiles: MountFiles;
  readonly contentOf: ContainerFilesDeps['contentOf'];
  /** Before a container is removed: whoever keeps its last output reads it now. */
  readonly farewell?: (container: ContainerIdentity, engineId: string) => Promise<void>;
}

/** Images, as far as containers have to do with them. */
export interface HostImages {
  /** What the engine calls an image that was resolved (`repository@digest`); undefined when it can't get it that way. */
  engineReference(resolved: string): string | undefined;
  /** From how many members an image comes now, and how much of it is here; undefined when nothing of it is on its way. */
  progressOf(resolved: string): PullProgress | undefined;
  /** For the host record. */
  blobs(): HostBlobs | undefined;
  /** For the host record, by operation. */
  tasks(): readonly HostTask[];
}

/** What a cluster's selector and a version's constraints can ask for without anybody setting a label. Start-up labels win. */
export const hostLabels = (
  identity: HostIdentity,
  facts: MachineFacts,
  engineVersion: string,
): Record<string, string> => ({
  host: identity.hostName,
  zone: identity.zone,
  arch: facts.arch,
  os: facts.os,
  distro: facts.distro,
  kernel: facts.kernel,
  cores: String(facts.cores),
  /** Whole GiB. */
  memory: String(Math.floor(facts.memoryBytes / 1024 ** 3)),
  virtual: String(facts.isVirtual),
  engine: engineVersion,
  ...identity.labels,
});
