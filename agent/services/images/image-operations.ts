import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import {
  type ImageOperationRecord,
  isImageOperation,
  type OperationRecord,
} from '../../../protocol/schemas/operation.ts';
import { keys } from '../../core/catalog/keys.ts';
import { judgeImageOperation } from '../../core/images/task-progress.ts';
import { runningImageOperations } from '../../core/model/image-operations.ts';
import { stewardOf } from '../../core/rendezvous.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Steward } from '../commands/steward.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { MeshView } from '../view/mesh-view.ts';
import type { ImagePeers } from './image-peers.ts';

/** Hosts tell of their parts as they go; this finds those that went silent. */
const SWEEP_MS = 5_000;
const SOON_MS = 50;
const RETRY_MS = 1_000;

export interface ImageOperationsParts {
  readonly catalog: Pick<Catalog, 'get' | 'list'>;
  readonly steward: Pick<Steward, 'change'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly peers: ImagePeers;
  readonly view: Pick<MeshView, 'host'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly isReady: () => boolean;
}

/** Ends image operations, as their steward. All it needs is in the catalog and in host records, so an heir goes on anywhere. */
export class ImageOperations {
  readonly #parts: ImageOperationsParts;
  #cancelNext: (() => void) | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #isStopped = false;
  #isBusy = false;

  constructor(parts: ImageOperationsParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#next(SOON_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelNext?.();
  }

  /** A host told of its part, an operation was asked for or is to be cancelled. */
  wake(): void {
    this.#next(SOON_MS);
  }

  #next(delayMs: number): void {
    const dueMs = this.#parts.clock.monotonicMs() + delayMs;
    if (this.#isStopped || this.#dueMs <= dueMs) return;
    this.#cancelNext?.();
    this.#dueMs = dueMs;
    this.#cancelNext = this.#parts.clock.after(delayMs, () => {
      this.#dueMs = Number.POSITIVE_INFINITY;
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    if (this.#isBusy) return this.#next(SOON_MS);
    this.#isBusy = true;
    let againInMs = SWEEP_MS;
    try {
      for (const operation of this.#own()) await this.#judge(operation);
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      this.#parts.log.debug({ error }, 'an image operation could not be ended now; it is tried again');
      againInMs = RETRY_MS;
    } finally {
      this.#isBusy = false;
      this.#next(againInMs);
    }
  }

  #own(): readonly ImageOperationRecord[] {
    const { catalog, peers, isReady } = this.#parts;
    if (!isReady() || stewardOf(keys.imageSettings, peers.alive()) !== peers.hostId) return [];
    return runningImageOperations(catalog);
  }

  async #judge({ id }: ImageOperationRecord): Promise<void> {
    const { catalog, steward, view, clock, events } = this.#parts;
    let ended: ImageOperationRecord | undefined;
    await steward.change(keys.imageSettings, () => {
      ended = undefined;
      const current = catalog.get<OperationRecord>(keys.operation(id))?.value;
      if (current === undefined || !isImageOperation(current) || current.state !== 'running') return [];
      const judgement = judgeImageOperation(current, {
        hostOf: (hostId: HostId) => view.host(hostId),
        nowMs: clock.nowMs(),
      });
      if (judgement.state === 'running') return [];
      ended = judgement.record;
      return [{ key: keys.operation(id), value: ended }];
    });
    if (ended === undefined) return;
    const { kind, state, image, problem } = ended;
    const what = `${kind}${image === undefined ? '' : ` of ${image.reference}`}`;
    events.record({
      kind: `operation.${state}`,
      message: problem === undefined ? `${what} ${state}` : `${what} ${state}: ${problem.detail}`.slice(0, 2_048),
      operation: id,
    });
  }
}
