import { createHash } from 'node:crypto';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { isAppOperation } from '../../../protocol/schemas/operation.ts';
import { decideAdmission } from '../../core/access/admission.ts';
import { keys } from '../../core/catalog/keys.ts';
import type { CatalogRecord } from '../../core/catalog/record.ts';
import { decide } from '../../core/model/decide.ts';
import { stewardKeyOfCommand } from '../../core/model/steward-key.ts';
import type { Accepted, ModelContext, ModelView, Verdict, Write } from '../../core/model/verdict.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CommitOptions, Replicator } from '../catalog/replicator.ts';
import { KeyedQueue } from '../keyed-queue.ts';
import { type CommandOutcome, type CommandRequest, type IdempotencyRecord, memoryKeyOf } from './request.ts';

const MAX_WAITING_PER_KEY = 256;

export interface StewardParts {
  readonly catalog: Catalog;
  readonly replicator: Pick<Replicator, 'commit'>;
  readonly clock: Clock;
  /** False until this member has compared its catalog with another's (or is alone): it would decide on old facts. */
  readonly isReady: () => boolean;
}

/**
 * Decides commands and changes records one after the other per steward key, and answers only when W members have the
 * result on disk. Whoever asks has chosen this member by its own view; two members that both decide for a moment are
 * sorted out by the catalog's clock and by the hosts' own checks.
 */
export class Steward {
  readonly #parts: StewardParts;
  readonly #queue = new KeyedQueue(MAX_WAITING_PER_KEY);

  constructor(parts: StewardParts) {
    this.#parts = parts;
  }

  /**
   * @param options whether the asking member is another one, which stores the records before it answers its client
   * @throws ShoalError with the code of the refusal; nothing is changed then
   */
  execute(request: CommandRequest, options: { answersRemotely: boolean }): Promise<CommandOutcome> {
    return this.#queue.run(stewardKeyOfCommand(request.command), async () => {
      if (!this.#parts.isReady()) throw new ShoalError('not-ready', 'This member has not caught up with the mesh yet');
      await this.#learn(request.known);
      const copies = copiesOf(request, options.answersRemotely);
      return (await this.#replay(request, copies)) ?? this.#decideAndStore(request, copies);
    });
  }

  /**
   * Changes records of one steward key in step with its commands.
   *
   * @param draw reads the current records and returns the writes; none means nothing to do
   */
  change(stewardKey: string, draw: () => readonly Write[]): Promise<void> {
    return this.#queue.run(stewardKey, async () => {
      const writes = draw();
      if (writes.length > 0) await this.#parts.replicator.commit(this.#parts.catalog.draft(writes));
    });
  }

  /** Whoever asks has these records on its disk, so they need not get to this one's. */
  async #learn(records: readonly CatalogRecord[]): Promise<void> {
    try {
      await this.#parts.catalog.commit(records);
    } catch (error) {
      if (!(error instanceof ShoalError && error.code === 'not-stored')) throw error;
    }
  }

  /** The first answer to this Idempotency-Key again. It is stored again too: the first try may have died half way. */
  async #replay(request: CommandRequest, copies: CommitOptions): Promise<CommandOutcome | undefined> {
    const { catalog, replicator } = this.#parts;
    const key = memoryKeyOf(request);
    const known = catalog.get<IdempotencyRecord>(key)?.value;
    if (known === undefined) return undefined;
    if (known.requestHash !== request.requestHash) {
      const detail = 'This Idempotency-Key was used with another request; use a new one.';
      throw new ShoalError('idempotency-mismatch', detail);
    }
    const records = this.#held([key, ...known.keys]);
    await replicator.commit(records, copies);
    return { result: { ...known.result, replayed: true }, records };
  }

  async #decideAndStore(request: CommandRequest, copies: CommitOptions): Promise<CommandOutcome> {
    const { catalog, replicator } = this.#parts;
    const verdict = this.#decide(request);
    if (!verdict.ok) throw new ShoalError(verdict.code, verdict.detail, { faults: verdict.faults });
    const before = catalog.get(verdict.primaryKey);
    if (request.ifMatch !== undefined && before?.revision !== request.ifMatch) {
      throw new ShoalError('precondition-failed', 'It was changed meanwhile; read it again and repeat the change.');
    }
    const drafts = catalog.draft(verdict.writes);
    const written = new Set(drafts.map(({ key }) => key));
    // What the answer speaks of without writing it, such as an operation that was joined, has to be safe as well.
    const others = this.#held(keysAnswered(verdict).filter((key) => !written.has(key)));
    const revision = drafts.find((record) => record.key === verdict.primaryKey)?.hlc ?? before?.revision;
    const result: CommandOutcome['result'] = {
      body: verdict.body,
      isNew: before === undefined,
      replayed: false,
      ...(revision === undefined ? {} : { revision }),
      ...(verdict.operation === undefined ? {} : { operationId: verdict.operation.id }),
    };
    const memory: IdempotencyRecord = {
      requestHash: request.requestHash,
      result,
      keys: [...drafts, ...others].map((record) => record.key),
    };
    const records = [...drafts, ...others, ...catalog.draft([{ key: memoryKeyOf(request), value: memory }])];
    await replicator.commit(records, copies);
    return { result, records };
  }

  #held(recordKeys: readonly string[]): CatalogRecord[] {
    return recordKeys.flatMap((key) => this.#parts.catalog.record(key) ?? []);
  }

  #decide(request: CommandRequest): Verdict {
    const { catalog, clock } = this.#parts;
    const view: ModelView = {
      get: <T>(key: string) => catalog.get<T>(key)?.value,
      list: <T>(prefix: string) => catalog.list<T>(prefix),
    };
    const context: ModelContext = {
      nowMs: clock.nowMs(),
      rng: () => clock.random(),
      actorId: request.actor.id,
      acceptedBy: request.acceptedBy,
      hash: sha256,
      ...(request.tokenSecretHash === undefined ? {} : { tokenSecretHash: request.tokenSecretHash }),
    };
    const { command } = request;
    switch (command.kind) {
      case 'member.admit':
        return decideAdmission(command, view, context);
      case 'container.power':
        throw new ShoalError('invalid-request', 'Power operations go to the host of the container');
      default:
        return decide(command, view, context);
    }
  }
}

/** A member that is being evicted keeps no copy that counts. */
function copiesOf({ command, acceptedBy }: CommandRequest, answersRemotely: boolean): CommitOptions {
  const except: HostId | undefined = command.kind === 'member.evict' ? command.hostId : undefined;
  return { copiesElsewhere: answersRemotely && acceptedBy !== except ? 1 : 0, except };
}

/** Records that an answer speaks of. */
function keysAnswered({ primaryKey, operation }: Accepted): readonly string[] {
  if (operation === undefined) return [primaryKey];
  if (!isAppOperation(operation)) return [primaryKey, keys.operation(operation.id)];
  const { id, group, app, version } = operation;
  const versions = version === undefined ? [] : [keys.version(group, app, version)];
  return [primaryKey, keys.operation(id), ...versions];
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
