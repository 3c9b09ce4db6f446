import { createHash, randomBytes } from 'node:crypto';
import { type ErrorCode, ShoalError } from '../../../protocol/errors.ts';
import type { HostId, OperationId } from '../../../protocol/ids.ts';
import type { Command } from '../../../protocol/schemas/commands.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { keysReferredTo, stewardKeyOfCommand } from '../../core/model/steward-key.ts';
import { stewardOf } from '../../core/rendezvous.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Transport } from '../../ports/transport.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { encodeJson } from '../catalog/record-body.ts';
import type { CommandContext, CommandResult } from '../platform.ts';
import type { MeshView } from '../view/mesh-view.ts';
import {
  type Admit,
  type CommandOutcome,
  type CommandRequest,
  decodeOutcome,
  decodeRequest,
  memoryKeyOf,
} from './request.ts';
import type { Steward } from './steward.ts';

/** A lost steward is known dead within this; a request waits that long for the next one. */
const STEWARD_BUDGET_MS = 12_000;
const STEWARD_CALL_MS = 3_000;
/** The relay's own call to the steward, and a little more. */
const RELAY_CALL_MS = STEWARD_CALL_MS + 500;
const RELAYS_MAX = 2;
const RETRY_PAUSE_MS = 250;
/**
 * The steward may be dying or starting, or the only other member that could keep a copy is: in seconds its heir is there, or
 * that member is known to be dead and not counted on.
 */
const worthAnotherTry: readonly ErrorCode[] = ['host-unreachable', 'timeout', 'not-ready', 'not-replicated'];

export interface CommandParts {
  readonly transport: Pick<Transport, 'hostId' | 'call' | 'handle'>;
  readonly catalog: Pick<Catalog, 'record' | 'commit'>;
  readonly view: Pick<MeshView, 'aliveIds'>;
  readonly steward: Pick<Steward, 'execute'>;
  readonly clock: Clock;
}

/** Takes a request on any member and has it decided by the steward of what it changes. */
export class CommandService {
  readonly #parts: CommandParts;

  constructor(parts: CommandParts) {
    this.#parts = parts;
    parts.transport.handle('command', async (from, body) => {
      const request = decodeRequest(body);
      if (request.acceptedBy !== from) throw new ShoalError('invalid-request', 'A member asks in its own name only.');
      return encodeJson(await parts.steward.execute(request, { answersRemotely: true }));
    });
    parts.transport.handle('command.relay', async (from, body, signal) => {
      const request = decodeRequest(body);
      if (request.acceptedBy !== from) throw new ShoalError('invalid-request', 'A member asks in its own name only.');
      return encodeJson(await this.#direct({ ...request, acceptedBy: parts.transport.hostId }, signal));
    });
  }

  /** @throws ShoalError the code of the steward's refusal, or why no steward answered within 12 s */
  async run(
    command: Command | Admit,
    context: CommandContext & { readonly tokenSecretHash?: string },
  ): Promise<CommandResult> {
    const outcome = await this.#throughSteward(this.#requestOf(command, context), context.signal);
    const { operationId, revision, body, isNew = false, replayed } = outcome.result;
    return {
      body,
      isNew,
      replayed,
      ...(revision === undefined ? {} : { revision }),
      ...(operationId === undefined ? {} : { operationId: operationId as OperationId }),
    };
  }

  #requestOf(
    command: Command | Admit,
    context: CommandContext & { readonly tokenSecretHash?: string },
  ): CommandRequest {
    const { catalog, transport } = this.#parts;
    const actor = { id: context.actor.id, role: context.actor.role };
    const idempotencyKey = context.idempotencyKey ?? `internal-${randomBytes(16).toString('hex')}`;
    // Also an answer given before: the steward that gave it may be gone.
    const known = [memoryKeyOf({ actor, idempotencyKey }), ...keysReferredTo(command)];
    return {
      command,
      actor,
      idempotencyKey,
      requestHash: createHash('sha256')
        .update(canonicalJson(context.asked ?? command))
        .digest('hex'),
      acceptedBy: transport.hostId,
      known: known.flatMap((key) => catalog.record(key) ?? []),
      ...(context.tokenSecretHash === undefined ? {} : { tokenSecretHash: context.tokenSecretHash }),
      ...(context.ifMatch === undefined ? {} : { ifMatch: context.ifMatch }),
    };
  }

  async #throughSteward(request: CommandRequest, signal: AbortSignal): Promise<CommandOutcome> {
    const { clock } = this.#parts;
    const deadlineMs = clock.monotonicMs() + STEWARD_BUDGET_MS;
    for (;;) {
      try {
        return await this.#attempt(request, signal);
      } catch (error) {
        const canRetry = error instanceof ShoalError && worthAnotherTry.includes(error.code);
        if (!canRetry || signal.aborted || clock.monotonicMs() > deadlineMs) throw error;
      }
      await pause(clock, RETRY_PAUSE_MS * (0.5 + clock.random()), signal);
    }
  }

  /** A steward that is alive but out of this member's reach alone is asked through others. */
  async #attempt(request: CommandRequest, signal: AbortSignal): Promise<CommandOutcome> {
    try {
      return await this.#direct(request, signal);
    } catch (error) {
      const isOutOfReach = error instanceof ShoalError && ['host-unreachable', 'timeout'].includes(error.code);
      const outcome = isOutOfReach ? await this.#throughOthers(request, signal) : undefined;
      if (outcome === undefined) throw error;
      return outcome;
    }
  }

  async #direct(request: CommandRequest, signal: AbortSignal): Promise<CommandOutcome> {
    const { transport, steward } = this.#parts;
    const target = this.#stewardOf(request);
    if (target === transport.hostId) return steward.execute(request, { answersRemotely: false });
    return this.#ask(target, 'command', request, signal);
  }

  async #throughOthers(request: CommandRequest, signal: AbortSignal): Promise<CommandOutcome | undefined> {
    const { transport, view, clock } = this.#parts;
    const target = this.#stewardOf(request);
    const others = view.aliveIds().filter((hostId) => hostId !== transport.hostId && hostId !== target);
    const first = Math.floor(clock.random() * others.length);
    for (const other of [...others.slice(first), ...others.slice(0, first)].slice(0, RELAYS_MAX)) {
      try {
        return await this.#ask(other, 'command.relay', request, signal);
      } catch (error) {
        const isAnswer = error instanceof ShoalError && !worthAnotherTry.includes(error.code);
        if (isAnswer || signal.aborted) throw error;
      }
    }
    return undefined;
  }

  async #ask(
    hostId: HostId,
    method: 'command' | 'command.relay',
    request: CommandRequest,
    signal: AbortSignal,
  ): Promise<CommandOutcome> {
    const { transport, catalog } = this.#parts;
    const timeoutMs = method === 'command' ? STEWARD_CALL_MS : RELAY_CALL_MS;
    const outcome = decodeOutcome(await transport.call(hostId, method, encodeJson(request), { timeoutMs, signal }));
    // The steward has it on disk; this is the second copy, and what makes the client read its own write here.
    await catalog.commit(outcome.records);
    return outcome;
  }

  #stewardOf(request: CommandRequest): HostId {
    const { transport, view } = this.#parts;
    return stewardOf(stewardKeyOfCommand(request.command), view.aliveIds()) ?? transport.hostId;
  }
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal.addEventListener('abort', done);
  });
}
