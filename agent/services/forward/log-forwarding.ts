import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ContainerState } from '../../../protocol/schemas/host.ts';
import type { LogForwardRecord } from '../../../protocol/schemas/log-forward.ts';
import type { LogRecord } from '../../../protocol/schemas/logs.ts';
import { prefixes } from '../../core/catalog/keys.ts';
import type { ForwardedLine } from '../../core/forward/line.ts';
import { forwardPurpose } from '../../core/model/log-forwards.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Collector, Collectors } from '../../ports/collector.ts';
import type { Folder } from '../../ports/folder.ts';
import type { Log } from '../../ports/log.ts';
import { pause } from '../../ports/pause.ts';
import type { Store } from '../../ports/store.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Sealing } from '../images/sealing.ts';
import type { LogSource } from '../logs/log-source.ts';
import { Forwarder, type ForwardProgress } from './forwarder.ts';
import { Spool } from './spool.ts';

/** Before a log that could not be read is read again. Milliseconds. */
const RETRY_MS = 5_000;
/** How often it is looked which containers there are. Milliseconds. */
const LOOK_MS = 1_000;

export interface LogForwardingParts {
  readonly catalog: Pick<Catalog, 'list' | 'onChange'>;
  readonly source: Pick<LogSource, 'tail'>;
  readonly collectors: Collectors;
  readonly folder: Folder;
  readonly store: Store;
  readonly sealing: Pick<Sealing, 'open'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly hostName: string;
  /** Containers of this host. */
  readonly containers: () => readonly ContainerState[];
}

interface Place {
  readonly record: LogForwardRecord;
  readonly forwarder: Forwarder;
}

/** Forwards the logs of this host's containers. A container's log is read once, whatever number of places it goes to. */
export class LogForwarding {
  readonly #parts: LogForwardingParts;
  readonly #places = new Map<string, Place>();
  readonly #tails = new Map<string, AbortController>();
  readonly #stopped = new AbortController();
  #changing: Promise<void> = Promise.resolve();
  #stopWatching: readonly (() => void)[] = [];

  constructor(parts: LogForwardingParts) {
    this.#parts = parts;
  }

  start(): void {
    const { catalog, clock } = this.#parts;
    this.#stopWatching = [
      catalog.onChange((keys) => {
        if (keys.some((key) => key.startsWith(prefixes.forwards))) this.#settingsChanged();
      }),
      clock.every(LOOK_MS, () => this.#look()),
    ];
    this.#settingsChanged();
  }

  async stop(): Promise<void> {
    for (const stop of this.#stopWatching) stop();
    this.#stopped.abort();
    await this.#changing;
    await Promise.all([...this.#places.values()].map(({ forwarder }) => forwarder.stop()));
  }

  /** How far each place is, by its name. */
  get progress(): ReadonlyMap<string, ForwardProgress> {
    return new Map([...this.#places].map(([name, { forwarder }]) => [name, forwarder.progress]));
  }

  #settingsChanged(): void {
    this.#changing = this.#changing
      .then(() => this.#setPlaces())
      .catch((error: unknown) => this.#parts.log.warn({ error }, 'forwarding of logs could not be set'));
  }

  async #setPlaces(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const wanted = new Map(
      this.#parts.catalog.list<LogForwardRecord>(prefixes.forwards).map(({ value }) => [value.name, value]),
    );
    let isChanged = false;
    for (const [name, { record, forwarder }] of this.#places) {
      if (wanted.get(name)?.updatedAt === record.updatedAt) continue;
      this.#places.delete(name);
      isChanged = true;
      await forwarder.stop();
      if (!wanted.has(name)) await Spool.remove({ ...this.#parts, name });
    }
    for (const record of wanted.values()) {
      if (this.#places.has(record.name)) continue;
      isChanged = true;
      this.#places.set(record.name, { record, forwarder: this.#forwarder(record) });
    }
    // Each log is read from where the furthest back of its places is.
    if (isChanged) for (const id of [...this.#tails.keys()]) this.#endTail(id);
    this.#look();
  }

  #forwarder(record: LogForwardRecord): Forwarder {
    const maxBytes = limits.forwardSpoolBytes;
    return new Forwarder({ ...this.#parts, name: record.name, maxBytes, open: () => this.#open(record) });
  }

  #open({ name, url, verify, caPem, headerName, sealedHeader }: LogForwardRecord): Collector {
    const { collectors, sealing } = this.#parts;
    const header =
      headerName === undefined || sealedHeader === undefined
        ? {}
        : { header: { name: headerName, value: sealing.open(sealedHeader, forwardPurpose(name)) } };
    return collectors.open({ url, verify, ...(caPem === undefined ? {} : { caPem }), ...header });
  }

  #look(): void {
    const containers = this.#parts.containers();
    const present = new Set<string>(containers.map(({ id }) => id));
    for (const id of [...this.#tails.keys()]) if (!present.has(id)) this.#tails.delete(id);
    for (const container of containers) {
      if (this.#tails.has(container.id) || this.#placesOf(container).length === 0) continue;
      const ending = new AbortController();
      this.#tails.set(container.id, ending);
      void this.#tail(container, AbortSignal.any([ending.signal, this.#stopped.signal]));
    }
  }

  #endTail(id: string): void {
    this.#tails.get(id)?.abort();
    this.#tails.delete(id);
  }

  #placesOf({ group, app }: ContainerState): readonly Place[] {
    return [...this.#places.values()].filter(
      ({ record: { scope } }) =>
        (scope.group === undefined || scope.group === group) && (scope.app === undefined || scope.app === app),
    );
  }

  /** Reads on until the container is gone, or other places are set. */
  async #tail(container: ContainerState, signal: AbortSignal): Promise<void> {
    const { source, clock, log } = this.#parts;
    const places = this.#placesOf(container);
    while (!signal.aborted) {
      try {
        const positions = await Promise.all(places.map((place) => positionOf(place, container.id)));
        const after = [...positions].sort()[0] ?? '';
        for await (const records of source.tail({ containerId: container.id, follow: true, after }, signal)) {
          const lines = records.flatMap((record) => this.#lineOf(container, record) ?? []);
          await Promise.all(
            places.map(({ forwarder }, index) => {
              const news = lines.filter(({ at }) => at > (positions[index] ?? ''));
              return news.length === 0 ? undefined : forwarder.add(container.id, news);
            }),
          );
        }
        return;
      } catch (error) {
        if (!(error instanceof ShoalError)) throw error;
        if (error.code === 'not-found') return;
        log.debug({ container: container.id, code: error.code }, 'a log to forward could not be read');
        await pause(clock, RETRY_MS, signal);
      }
    }
  }

  #lineOf(container: ContainerState, { at, stream, text, isCut }: LogRecord): ForwardedLine | undefined {
    if (at === undefined || stream === undefined || text === undefined) return undefined;
    const { id: containerId, name, group, app, replica, version } = container;
    return {
      ...{ at, host: this.#parts.hostName, group, app, replica, version, container: name, containerId, stream, text },
      ...(isCut === true ? { isCut } : {}),
    };
  }
}

/** What was written before a place was set is not sent. */
async function positionOf({ record, forwarder }: Place, containerId: string): Promise<string> {
  return (await forwarder.position(containerId)) ?? record.updatedAt.replace('Z', '000000Z');
}
