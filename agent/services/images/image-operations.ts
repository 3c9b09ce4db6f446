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
import { Rounds } from '../rounds.ts';
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
  readonly #rounds: Rounds;

  constructor(parts: ImageOperationsParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({
      ...{ clock: parts.clock, log: parts.log, what: 'ending image operations' },
      ...{ soonMs: SOON_MS, everyMs: SWEEP_MS, retryMs: RETRY_MS },
      round: async () => {
        for (const operation of this.#own()) await this.#judge(operation);
      },
    });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): void {
    this.#rounds.stop();
  }

  /** A host told of its part, an operation was asked for or is to be cancelled. */
  wake(): void {
    this.#rounds.wake();
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
