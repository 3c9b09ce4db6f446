import { createHash, randomBytes } from 'node:crypto';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId, OperationId } from '../../../protocol/ids.ts';
import type { Command } from '../../../protocol/schemas/commands.ts';
import { keysReferredTo, stewardKeyOfCommand } from '../../core/model/steward-key.ts';
import { stewardOf } from '../../core/rendezvous.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Transport } from '../../ports/transport.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { encodeJson } from '../catalog/record-body.ts';
import type { CommandContext, CommandResult } from '../platform.ts';
import type { MeshView } from '../view/mesh-view.ts';
import { type Admit, type CommandOutcome, type CommandRequest, decodeOutcome, decodeRequest } from './request.ts';
import type { Steward } from './steward.ts';

/** A lost steward is known dead within this; a request waits that long for the next one. */
const STEWARD_BUDGET_MS = 12_000;
const STEWARD_CALL_MS = 3_000;
const RETRY_PAUSE_MS = 250;

export interface CommandParts {
  readonly transport: Transport;
  readonly catalog: Catalog;
  readonly view: MeshView;
  readonly steward: Steward;
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes a request on any member and has it decided by the steward of what it changes. */
export class CommandService {
  readonly #parts: CommandParts;

  constructor(parts: CommandParts) {
    this.#parts = parts;
    parts.transport.handle('command', async (_from, body) =>
      encodeJson(await parts.steward.execute(decodeRequest(body), { answersRemotely: true })),
    );
  }

  async run(
    command: Command | Admit,
    context: CommandContext & { readonly tokenSecretHash?: string },
  ): Promise<CommandResult> {
    const request: CommandRequest = {
      command,
      actor: { id: context.actor.id, role: context.actor.role },
      idempotencyKey: context.idempotencyKey ?? `internal-${randomBytes(16).toString('hex')}`,
      requestHash: createHash('sha256').update(JSON.stringify(command)).digest('hex'),
      acceptedBy: this.#parts.transport.hostId,
      known: keysReferredTo(command).flatMap((key) => {
        const record = this.#parts.catalog.record(key);
        return record === undefined ? [] : [{ ...record, ancestors: [...record.ancestors] }];
      }),
      ...(context.tokenSecretHash === undefined ? {} : { tokenSecretHash: context.tokenSecretHash }),
      ...(context.ifMatch === undefined ? {} : { ifMatch: context.ifMatch }),
    };
    const outcome = await this.#throughSteward(request, context.signal);
    const { operationId, revision, body, replayed } = outcome.result;
    return {
      body,
      replayed,
      ...(revision === undefined ? {} : { revision }),
      ...(operationId === undefined ? {} : { operationId: operationId as OperationId }),
    };
  }

  /** Retries while the steward can't be reached or isn't ready: it may be dying, and its heir is known in seconds. */
  async #throughSteward(request: CommandRequest, signal: AbortSignal): Promise<CommandOutcome> {
    const { clock } = this.#parts;
    const deadlineMs = clock.monotonicMs() + STEWARD_BUDGET_MS;
    for (;;) {
      try {
        return await this.#attempt(request, signal);
      } catch (error) {
        const canRetry =
          error instanceof ShoalError && ['host-unreachable', 'timeout', 'not-ready'].includes(error.code);
        if (!canRetry || signal.aborted || clock.monotonicMs() > deadlineMs) throw error;
      }
      await pause(clock, RETRY_PAUSE_MS * (0.5 + clock.random()), signal);
    }
  }

  async #attempt(request: CommandRequest, signal: AbortSignal): Promise<CommandOutcome> {
    const { transport, steward, catalog, view } = this.#parts;
    const target: HostId = stewardOf(stewardKeyOfCommand(request.command), view.aliveIds()) ?? transport.hostId;
    if (target === transport.hostId) return steward.execute(request, { answersRemotely: false });
    const options = { timeoutMs: STEWARD_CALL_MS, signal };
    const outcome = decodeOutcome(await transport.call(target, 'command', encodeJson(request), options));
    // The steward has it on disk; this is the second copy, and what makes the client read its own write here.
    await catalog.commit(outcome.records);
    return outcome;
  }
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(delayMs, done);
    function done(): void {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
