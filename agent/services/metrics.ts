import { Counter, Gauge, Registry } from 'prom-client';
import { usageFields } from '../core/usage/history.ts';
import type { Blobs, TransferStats } from '../ports/blobs.ts';
import type { Transport } from '../ports/transport.ts';
import type { LocalCatalog } from './catalog/local-catalog.ts';
import type { ForwardProgress } from './forward/forwarder.ts';
import type { LogForwarding } from './forward/log-forwarding.ts';
import type { MeshService } from './mesh/mesh-service.ts';
import { processMetrics } from './process-metrics.ts';
import type { UsageSampler } from './usage/sampler.ts';
import type { MeshView } from './view/mesh-view.ts';

const transferCounters: readonly (readonly [string, string, keyof TransferStats])[] = [
  ['uploaded_bytes', 'Bytes of layers given to other hosts', 'uploadedBytes'],
  ['downloaded_bytes', 'Bytes of layers taken from other hosts', 'downloadedBytes'],
  ['origin_bytes', 'Bytes of layers fetched from other registries', 'originBytes'],
  ['wasted_bytes', 'Bytes of layers thrown away: corrupt, late or double', 'wastedBytes'],
];

/** What an operator graphs: this member's view of the mesh, its own host, and the agent process. Bounded label values. */
export class Metrics {
  readonly #registry = new Registry();

  constructor(parts: {
    view: MeshView;
    transport: Transport;
    catalog: LocalCatalog;
    mesh: Pick<MeshService, 'refused'>;
    blobs: Pick<Blobs, 'stats'>;
    sampler: Pick<UsageSampler, 'host' | 'containers'>;
    shells: { readonly count: number };
    forwarding: Pick<LogForwarding, 'progress'>;
  }) {
    const { view, transport, catalog, mesh, blobs, sampler, shells, forwarding } = parts;
    for (const { name, help, isTotal, read } of processMetrics()) {
      if (isTotal) this.#counter(`shoal_agent_${name}`, help, read);
      else this.#gauge(`shoal_agent_${name}`, help, [], async (gauge) => gauge.set(await read()));
    }
    for (const [name, help, of] of transferCounters) {
      this.#counter(`shoal_images_${name}_total`, help, async () => (await blobs.stats())[of]);
    }
    this.#gauge('shoal_members', 'Admitted members by liveness, as this member sees them', ['status'], (gauge) => {
      for (const status of ['alive', 'suspect', 'dead', 'left']) gauge.set({ status }, 0);
      for (const host of view.hosts()) gauge.inc({ status: host.status });
    });
    this.#gauge('shoal_containers', 'Managed containers on this host by phase', ['phase'], (gauge) => {
      for (const container of view.recordOf(transport.hostId)?.containers ?? []) gauge.inc({ phase: container.phase });
    });
    this.#gauge('shoal_shells', 'Shells open into containers of this host', [], (gauge) => gauge.set(shells.count));
    const ofForwards = (count: (progress: ForwardProgress) => number): number =>
      [...forwarding.progress.values()].reduce((sum, progress) => sum + count(progress), 0);
    this.#gauge('shoal_log_forward_waiting_bytes', 'Lines of logs that wait for a collector', ['forward'], (gauge) => {
      for (const [forward, { waitingBytes }] of forwarding.progress) gauge.set({ forward }, waitingBytes);
    });
    this.#counter('shoal_log_forward_sent_lines_total', 'Lines of logs that collectors took', () =>
      ofForwards(({ sentLines }) => sentLines),
    );
    this.#counter(
      'shoal_log_forward_dropped_lines_total',
      'Lines of logs that were dropped because too many waited',
      () => ofForwards(({ droppedLines }) => droppedLines),
    );
    usageFields.forEach((field, index) => {
      const name = snakeCase(field);
      this.#gauge(`shoal_host_${name}`, `Of this host: ${field}`, [], (gauge) => {
        if (sampler.host !== undefined) gauge.set(sampler.host.sample[index] ?? 0);
      });
      // By app, not by container: ids never come back, and each would stay a series for ever.
      this.#gauge(
        `shoal_app_${name}`,
        `Of the containers of an app on this host: ${field}`,
        ['group', 'app'],
        (gauge) => {
          for (const { id, group, app } of view.recordOf(transport.hostId)?.containers ?? []) {
            const newest = sampler.containers.get(id);
            if (newest !== undefined) gauge.inc({ group, app }, newest.sample[index] ?? 0);
          }
        },
      );
    });
    this.#gauge('shoal_memory_bytes', 'Memory of this host', ['kind'], (gauge) => {
      const capacity = view.recordOf(transport.hostId)?.capacity;
      if (capacity === undefined) return;
      gauge.set({ kind: 'total' }, capacity.memoryBytes);
      gauge.set({ kind: 'allocatable' }, capacity.allocatableBytes);
      gauge.set({ kind: 'promised' }, capacity.promisedBytes);
      gauge.set({ kind: 'held' }, capacity.heldBytes);
    });
    this.#counter('shoal_transport_sent_bytes_total', 'Bytes sent to other agents', () => transport.stats().sentBytes);
    this.#counter('shoal_transport_received_bytes_total', 'Bytes received', () => transport.stats().receivedBytes);
    this.#counter(
      'shoal_transport_dropped_messages_total',
      'Messages dropped from full queues',
      () => transport.stats().droppedMessages,
    );
    this.#counter(
      'shoal_transport_rejected_frames_total',
      'Frames that could not be decoded',
      () => transport.stats().rejectedFrames,
    );
    this.#counter('shoal_transport_rejected_peers_total', 'Connections refused', () => transport.stats().rejectedPeers);
    this.#counter(
      'shoal_mesh_quarantined_records_total',
      'Records of other members that could not be taken in',
      () => mesh.refused.quarantined,
    );
    this.#counter(
      'shoal_mesh_forged_records_total',
      'Host records that their host did not sign',
      () => mesh.refused.forged,
    );
    this.#counter(
      'shoal_catalog_unreadable_total',
      'Catalog records ignored because their value does not fit',
      () => catalog.unreadable,
    );
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #gauge<L extends string>(
    name: string,
    help: string,
    labelNames: L[],
    read: (gauge: Gauge<L>) => void | Promise<void>,
  ): void {
    new Gauge<L>({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      async collect() {
        this.reset();
        await read(this);
      },
    });
  }

  /** The source counts; the metric only shows its total. */
  #counter(name: string, help: string, read: () => number | Promise<number>): void {
    new Counter({
      name,
      help,
      registers: [this.#registry],
      async collect() {
        const total = await read();
        this.reset();
        this.inc(total);
      },
    });
  }
}

/** `cpuMilli` as Prometheus wants it: `cpu_milli`; `PerS` becomes `per_second`. */
const snakeCase = (name: string): string =>
  name.replace(/PerS$/, 'PerSecond').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
