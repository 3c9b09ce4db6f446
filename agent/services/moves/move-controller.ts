import type { ContainerId, HostId, OperationId } from '../../../protocol/ids.ts';
import type { HostIntent, RebalanceRecord } from '../../../protocol/schemas/model.ts';
import type { MoveOperationRecord } from '../../../protocol/schemas/operation.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import { readMoveOperation } from '../../core/model/drains.ts';
import { intentOf } from '../../core/model/hosts.ts';
import type { Write } from '../../core/model/verdict.ts';
import { judgeMoves, type MoveJudgement, type SeenContainer } from '../../core/moves/judge.ts';
import { stewardOf } from '../../core/rendezvous.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Steward } from '../commands/steward.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { HostCalls } from '../host/host-calls.ts';
import { Rounds } from '../rounds.ts';
import type { MeshView } from '../view/mesh-view.ts';
import { seeMoves } from './move-sight.ts';

/** Deadlines pass without anybody telling. */
const SWEEP_MS = 5_000;
const SOON_MS = 50;
const RETRY_MS = 1_000;

export interface MoveControllerParts {
  readonly selfId: HostId;
  readonly catalog: Catalog;
  readonly view: Pick<MeshView, 'aliveIds' | 'containers' | 'host'>;
  readonly steward: Pick<Steward, 'change'>;
  readonly hosts: Pick<HostCalls, 'power'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether this member knows enough to act. */
  readonly isReady: () => boolean;
}

/**
 * Ends drains and rebalances, as the steward of the host or of the rebalance. The moves themselves are made by the stewards of
 * the apps, who see what has to leave where. All it needs is in the catalog and in host records, so an heir goes on anywhere.
 */
export class MoveController {
  readonly #parts: MoveControllerParts;
  readonly #stopped = new AbortController();
  readonly #rounds: Rounds;

  constructor(parts: MoveControllerParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({
      ...{ clock: parts.clock, log: parts.log, what: 'moving drains and rebalances on' },
      ...{ soonMs: SOON_MS, everyMs: SWEEP_MS, retryMs: RETRY_MS },
      round: async () => {
        for (const { stewardKey, operationId } of this.#own()) await this.#judge(stewardKey, operationId);
      },
    });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): void {
    this.#stopped.abort();
    this.#rounds.stop();
  }

  /** A host told something new, or what people want of hosts changed. */
  wake(): void {
    this.#rounds.wake();
  }

  /** Those under way that this member is the steward of. */
  #own(): readonly { stewardKey: string; operationId: OperationId }[] {
    const { catalog, view, selfId, isReady } = this.#parts;
    if (!isReady()) return [];
    const drains = catalog.list<HostIntent>(prefixes.hosts).flatMap(({ key, value }) => {
      return value.drain === undefined ? [] : [{ stewardKey: key, operationId: value.drain.operationId }];
    });
    const rebalance = catalog.get<RebalanceRecord>(keys.rebalance)?.value;
    const moves = rebalance === undefined ? [] : [{ stewardKey: keys.rebalance, operationId: rebalance.operationId }];
    return [...drains, ...moves].filter(({ stewardKey }) => stewardOf(stewardKey, view.aliveIds()) === selfId);
  }

  async #judge(stewardKey: string, operationId: OperationId): Promise<void> {
    const { steward, catalog, clock } = this.#parts;
    let judgement: MoveJudgement = { kind: 'wait' };
    await steward.change(stewardKey, () => {
      const view = {
        get: <T>(key: string) => catalog.get<T>(key)?.value,
        list: <T>(prefix: string) => catalog.list<T>(prefix),
      };
      const record = readMoveOperation(view, operationId);
      // Its record is gone or ended on another side: nothing is under way any more.
      if (record?.state !== 'running') return this.#over(stewardKey, undefined);
      judgement = judgeMoves(record, seeMoves(record, this.#parts, clock.nowMs()));
      return this.#writesOf(stewardKey, record, judgement);
    });
    await this.#carryOut(judgement);
  }

  #writesOf(stewardKey: string, record: MoveOperationRecord, judgement: MoveJudgement): readonly Write[] {
    const key = keys.operation(record.id);
    switch (judgement.kind) {
      case 'wait':
        return [];
      case 'expire':
        return judgement.unmoved.length === record.unmoved.length
          ? []
          : [{ key, value: { ...record, unmoved: judgement.unmoved } }];
      case 'narrow': {
        const rebalance: RebalanceRecord = { operationId: record.id, moves: [...judgement.moves] };
        return [
          { key, value: { ...record, unmoved: judgement.unmoved } },
          { key: stewardKey, value: rebalance },
        ];
      }
      case 'end':
        return [{ key, value: judgement.record }, ...this.#over(stewardKey, judgement)];
    }
  }

  /** What people want of the host, or of the rebalance, once it is over. */
  #over(stewardKey: string, end: Extract<MoveJudgement, { kind: 'end' }> | undefined): readonly Write[] {
    if (stewardKey === keys.rebalance) return [{ key: stewardKey, value: undefined }];
    const hostId = stewardKey.slice(prefixes.hosts.length) as HostId;
    const { catalog, clock } = this.#parts;
    const { drain, ...kept } = intentOf({ get: <T>(key: string) => catalog.get<T>(key)?.value }, hostId);
    if (drain === undefined) return [];
    const isCancelled = end === undefined || end.record.state === 'cancelled';
    const intent: HostIntent = {
      ...kept,
      cordoned: isCancelled ? drain.wasCordoned : true,
      ...(end?.isEmpty === true && !isCancelled ? { drainedAt: new Date(clock.nowMs()).toISOString() } : {}),
    };
    return [{ key: stewardKey, value: intent }];
  }

  async #carryOut(judgement: MoveJudgement): Promise<void> {
    if (judgement.kind === 'expire') await this.#stopAll(judgement.stop);
    if (judgement.kind !== 'end') return;
    const { events, view } = this.#parts;
    const { kind, state, problem, id, hostId, moves, unmoved } = judgement.record;
    const host = hostId === undefined ? '' : ` of ${view.host(hostId)?.name ?? hostId}`;
    const moved = `${moves.length - unmoved.length} of ${moves.length} containers moved`;
    events.record({
      kind: `operation.${state}`,
      message: `${kind}${host} ${state}: ${problem?.detail ?? moved}`,
      operation: id,
      ...(hostId === undefined ? {} : { host: hostId }),
    });
  }

  async #stopAll(containers: readonly SeenContainer[]): Promise<void> {
    const { hosts, log } = this.#parts;
    const { signal } = this.#stopped;
    const stop = (hostId: HostId, id: ContainerId) =>
      hosts.power(hostId, id, 'remove', { why: 'drain deadline', signal });
    const results = await Promise.allSettled(containers.map(({ hostId, id }) => stop(hostId, id)));
    // Not lost: it is in its host's record, so the next look asks again.
    for (const result of results) {
      if (result.status === 'rejected') log.debug({ error: result.reason }, 'a container could not be stopped now');
    }
  }
}
