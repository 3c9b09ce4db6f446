import { limits } from '../../../protocol/limits.ts';
import type { Capacity, HostBlobs, HostRecord, HostTask, UnmanagedContainer } from '../../../protocol/schemas/host.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { ManagedContainer } from '../../core/host/container.ts';
import { report } from '../../core/host/report.ts';
import { type Ledger, totals } from '../../core/placement/ledger.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HostIdentity } from './options.ts';

/**
 * Changes that come closer together than this share one record. Each record is signed, sent to every neighbour and checked by
 * every member, so half of it would cost a mesh twice the CPU while it deploys.
 */
const PUBLISH_EVERY_MS = 100;
const IMAGES_MAX = 200;

/** What a host's record is made of. */
export interface RecordParts {
  readonly identity: HostIdentity;
  readonly addresses: readonly string[];
  readonly api: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly isEngineReady: boolean;
  readonly engineVersion: string;
  readonly memory: Pick<Capacity, 'memoryBytes' | 'reserveBytes' | 'unmanagedBytes'>;
  readonly ledger: Ledger;
  readonly containers: readonly ManagedContainer[];
  readonly unmanaged: readonly UnmanagedContainer[];
  readonly images: readonly string[];
  readonly blobs: HostBlobs | undefined;
  readonly tasks: readonly HostTask[];
}

/** The host's record, everything in it sorted, so that equal facts give equal records. */
export function buildRecord(parts: RecordParts): HostRecord {
  const { identity } = parts;
  const { promisedBytes, heldBytes, promisedCpuMilli } = totals(parts.ledger);
  const { allocatableBytes, cpuMilli } = parts.ledger.capacity;
  return {
    hostId: identity.hostId,
    name: identity.hostName,
    addresses: [...parts.addresses].sort(),
    ...(parts.api === undefined ? {} : { api: parts.api }),
    agentVersion: identity.agentVersion,
    protocolVersion: PROTOCOL_VERSION,
    zone: identity.zone,
    labels: { ...parts.labels },
    engine: { state: parts.isEngineReady ? 'ready' : 'unreachable', version: parts.engineVersion },
    capacity: { ...parts.memory, allocatableBytes, promisedBytes, heldBytes, cpuMilli, promisedCpuMilli },
    containers: parts.containers.map(report).sort((a, b) => (a.id < b.id ? -1 : 1)),
    unmanaged: [...parts.unmanaged]
      .sort((a, b) => (a.engineId < b.engineId ? -1 : 1))
      .slice(0, limits.containersPerHost - parts.containers.length),
    images: [...parts.images].sort().slice(0, IMAGES_MAX),
    ...(parts.blobs === undefined ? {} : { blobs: parts.blobs }),
    ...(parts.tasks.length === 0 ? {} : { tasks: [...parts.tasks] }),
  };
}

/** The record as it travels. What people can do without is left out of one that would be too large to travel. */
function encodeRecord(record: HostRecord): string {
  const whole = canonicalJson(record);
  if (whole.length <= limits.hostRecordBytes) return whole;
  return canonicalJson({ ...record, images: [], unmanaged: [] });
}

export type RecordListener = (record: HostRecord, json: string) => void;

/** Tells listeners of a new record: the first change at once, those close behind it together, and never an equal one. */
export class RecordFeed {
  readonly #clock: Clock;
  readonly #build: () => HostRecord;
  readonly #listeners = new Set<RecordListener>();
  #last = '';
  #isDue = false;
  #cancelQuiet: (() => void) | undefined;
  #isStopped = false;

  constructor(clock: Clock, build: () => HostRecord) {
    this.#clock = clock;
    this.#build = build;
  }

  listen(listener: RecordListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    // What changes in this same turn, such as all claims of one award, belongs to the same record.
    if (this.#cancelQuiet === undefined) queueMicrotask(() => this.#publish());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelQuiet?.();
  }

  #publish(): void {
    if (this.#isStopped) return;
    this.#isDue = false;
    this.#cancelQuiet = this.#clock.after(PUBLISH_EVERY_MS, () => {
      this.#cancelQuiet = undefined;
      if (this.#isDue) this.#publish();
    });
    const record = this.#build();
    const json = encodeRecord(record);
    if (json === this.#last) return;
    this.#last = json;
    for (const listener of this.#listeners) listener(record, json);
  }
}
