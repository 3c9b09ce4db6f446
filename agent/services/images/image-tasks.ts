import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId, OperationId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { HostTask } from '../../../protocol/schemas/host.ts';
import type { ImageOperationRecord } from '../../../protocol/schemas/operation.ts';
import { runningImageOperations } from '../../core/model/image-operations.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Garbage } from './garbage.ts';

/** Progress travels through the mesh, so it is told this often at most. */
const TELL_EVERY_MS = 500;
const DETAIL_MAX = 1_024;

/** Brings an image to this host's engine. */
type PullImage = (
  image: { readonly repository: string; readonly digest: Digest },
  onProgress: (progress: { readonly bytes: number; readonly totalBytes: number; readonly peers: number }) => void,
  signal: AbortSignal,
) => Promise<void>;

export interface ImageTasksParts {
  readonly hostId: HostId;
  readonly catalog: Pick<Catalog, 'list'>;
  readonly blobs: Pick<Blobs, 'list' | 'verify'>;
  readonly garbage: Pick<Garbage, 'collect'>;
  readonly pull: PullImage;
  readonly clock: Clock;
  /** The host's record has to tell of it. */
  readonly changed: () => void;
}

interface Running {
  task: HostTask;
  readonly cancel: AbortController;
}

/**
 * This host's part of image operations. The catalog says what is asked for and the host record how far it is, so an agent that
 * was restarted begins its part again, which does no harm.
 */
export class ImageTasks {
  readonly #parts: ImageTasksParts;
  readonly #running = new Map<OperationId, Running>();
  #toldMs = Number.NEGATIVE_INFINITY;
  #isStopped = false;

  constructor(parts: ImageTasksParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#isStopped = true;
    for (const { cancel } of this.#running.values())
      cancel.abort(new ShoalError('not-ready', 'This agent is stopping.'));
    this.#running.clear();
  }

  /** For the host record, by operation. */
  tasks(): readonly HostTask[] {
    return [...this.#running.values()].map(({ task }) => task).sort((a, b) => (a.operationId < b.operationId ? -1 : 1));
  }

  /** Operations may have begun or ended. */
  wake(): void {
    if (this.#isStopped) return;
    const wanted = new Map(this.#asked().map((operation) => [operation.id, operation]));
    for (const [id, { cancel }] of this.#running) {
      if (wanted.has(id)) continue;
      cancel.abort(new ShoalError('cancelled', 'The operation has ended.'));
      this.#running.delete(id);
      this.#parts.changed();
    }
    for (const operation of wanted.values()) {
      if (!this.#running.has(operation.id) && this.#running.size < limits.tasksPerHost) this.#begin(operation);
    }
  }

  #asked(): readonly ImageOperationRecord[] {
    const { catalog, hostId } = this.#parts;
    return runningImageOperations(catalog).filter(({ hosts }) => hosts.includes(hostId));
  }

  #begin(operation: ImageOperationRecord): void {
    const task: HostTask = {
      operationId: operation.id,
      state: 'running',
      bytes: 0,
      totalBytes: 0,
      peers: 0,
      detail: '',
    };
    const running: Running = { task, cancel: new AbortController() };
    this.#running.set(operation.id, running);
    this.#parts.changed();
    this.#perform(operation, running).then(
      (detail) => this.#end(running, { state: 'done', detail }),
      (error: unknown) => {
        if (!(error instanceof ShoalError)) throw error;
        this.#end(running, { state: 'failed', detail: error.message });
      },
    );
  }

  /** Resolves with what there is to say about it. */
  async #perform(operation: ImageOperationRecord, running: Running): Promise<string> {
    const { garbage, pull } = this.#parts;
    const { signal } = running.cancel;
    switch (operation.kind) {
      case 'preheat': {
        if (operation.image === undefined) throw new ShoalError('invalid-request', 'The operation names no image.');
        await pull(operation.image, (progress) => this.#note(running, progress), signal);
        return '';
      }
      case 'verify':
        return this.#verify(running, signal);
      case 'collect': {
        const { freedBytes, blobs } = await garbage.collect(operation.graceMs);
        this.#note(running, { bytes: freedBytes, totalBytes: freedBytes, peers: 0 });
        return blobs === 0 ? '' : `${blobs} blobs dropped`;
      }
    }
  }

  async #verify(running: Running, signal: AbortSignal): Promise<string> {
    const { blobs } = this.#parts;
    const stored = (await blobs.list()).filter(({ isComplete }) => isComplete);
    const totalBytes = stored.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const damaged: Digest[] = [];
    let bytes = 0;
    for (const { digest, sizeBytes } of stored) {
      signal.throwIfAborted();
      if ((await blobs.verify(digest, signal)) === 'damaged') damaged.push(digest);
      bytes += sizeBytes;
      this.#note(running, { bytes, totalBytes, peers: 0 });
    }
    if (damaged.length === 0) return `${stored.length} blobs are sound`;
    throw new ShoalError(
      'internal',
      `${damaged.length} of ${stored.length} blobs were damaged and are fetched again: ${damaged.join(' ')}`,
    );
  }

  #note(running: Running, progress: Pick<HostTask, 'bytes' | 'totalBytes' | 'peers'>): void {
    running.task = { ...running.task, ...progress };
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return;
    this.#toldMs = nowMs;
    this.#parts.changed();
  }

  #end(running: Running, outcome: Pick<HostTask, 'state' | 'detail'>): void {
    running.task = { ...running.task, ...outcome, peers: 0, detail: outcome.detail.slice(0, DETAIL_MAX) };
    if (!this.#isStopped) this.#parts.changed();
  }
}
