import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessAction } from '../../protocol/actions.ts';
import { ShoalError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Command } from '../../protocol/schemas/commands.ts';
import { may } from '../core/access/access.ts';
import type { Actor, CommandResult, Platform, Revisioned } from '../services/platform.ts';

/** Runs a request's command with what its headers say: who, once only (`Idempotency-Key`), and only if (`If-Match`). */
export async function run(
  platform: Platform,
  request: FastifyRequest,
  reply: FastifyReply,
  command: Command,
): Promise<CommandResult> {
  const actor = actorOf(request);
  const idempotencyKey = idempotencyKeyOf(request);
  const ifMatch = ifMatchOf(request);
  const result = await platform.run(command, {
    actor,
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(limits.apiCommandMs)]),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey, asked: { url: request.url, body: request.body } }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  });
  if (result.replayed) reply.header('idempotency-replayed', 'true');
  if (result.revision !== undefined) reply.header('etag', `"${result.revision}"`);
  return result;
}

/** Before work is done for a command that somebody may not give. @throws ShoalError forbidden */
export function checkMay(request: FastifyRequest, action: AccessAction): void {
  const access = may(actorOf(request), action, {});
  if (!access.ok) throw new ShoalError('forbidden', access.detail);
}

/** Who asks. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === undefined) throw new ShoalError('unauthenticated', 'This needs an API token.');
  return request.actor;
}

/** Runs a command that starts an operation: 202 with where to watch it. */
export async function runOperation(
  platform: Platform,
  request: FastifyRequest,
  reply: FastifyReply,
  command: Command,
): Promise<FastifyReply> {
  const { operationId, body } = await run(platform, request, reply, command);
  if (operationId === undefined) return reply.send(body);
  const location = `/v1/operations/${operationId}`;
  return reply
    .code(202)
    .header('location', location)
    .send(platform.operation(operationId) ?? body);
}

/** Answers with one thing and its revision, or 404. */
export function sendItem<T>(reply: FastifyReply, found: Revisioned<T> | undefined, what: string): FastifyReply {
  if (found === undefined) throw noSuch(what);
  return reply.header('etag', `"${found.revision}"`).send(found.item);
}

export const noSuch = (what: string): ShoalError => new ShoalError('not-found', `There is no ${what}.`);

function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (request.method !== 'POST' || key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,128}$/.test(key)) return key;
  throw new ShoalError('invalid-request', 'Idempotency-Key must be 1 to 128 visible ASCII characters.', {
    faults: [{ pointer: '/idempotency-key', detail: 'header is not valid' }],
  });
}

/** One strong entity tag. */
function ifMatchOf(request: FastifyRequest): string | undefined {
  const header = request.headers['if-match'];
  if (request.method === 'POST' || header === undefined) return undefined;
  const tag = /^"([\x21\x23-\x7e]{1,128})"$/.exec(header)?.[1];
  if (tag !== undefined) return tag;
  throw new ShoalError('invalid-request', 'If-Match must be one quoted ETag as this API gave it.', {
    faults: [{ pointer: '/if-match', detail: 'header is not valid' }],
  });
}
