import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { ShoalError } from '../../protocol/errors.ts';
import { namespaceOf } from '../../protocol/image-reference.ts';
import { limits } from '../../protocol/limits.ts';
import { may } from '../core/access/access.ts';
import type { Actor, Platform } from '../services/platform.ts';
import type { Api } from './typed.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Undefined only on the two routes that are open to all. */
    actor: Actor | undefined;
  }
  interface FastifyContextConfig {
    /** Answered without a token. */
    isOpen?: boolean;
  }
}

const WINDOW_MS = 60_000;
/** Addresses whose failures are counted at once; the least recent are forgotten. */
const ADDRESSES_MAX = 5_000;
const TOKEN_MAX = 512;

/**
 * Requires a bearer token (RFC 6750) on everything but open routes, also on routes that don't exist: a stranger can't
 * tell what is there. Only failures count against an address, so a valid token works behind a shared one.
 */
export async function registerAuth(app: Api, platform: Platform): Promise<void> {
  await app.register(rateLimit, { global: false, cache: ADDRESSES_MAX });
  const countFailure = app.createRateLimit({ max: limits.apiFailedLogins, timeWindow: WINDOW_MS });
  app.decorateRequest('actor', undefined);
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.isOpen === true) return;
    const token = bearerToken(request);
    request.actor = token === undefined ? undefined : await platform.authenticate(token);
    if (request.actor !== undefined) return;
    const count = await countFailure(request);
    if (!count.isAllowed && count.isExceeded) {
      reply.header('retry-after', count.ttlInSeconds);
      throw new ShoalError('rate-limited', `Too many failed tries from ${request.ip}. Wait ${count.ttlInSeconds} s.`);
    }
    reply.header('www-authenticate', 'Bearer');
    throw new ShoalError('unauthenticated', 'Send "Authorization: Bearer TOKEN" with a valid API token.');
  });
  app.addHook('preHandler', async (request) => {
    if (request.method === 'GET' && request.actor !== undefined) checkRead(request.actor, request);
  });
}

function bearerToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization ?? '';
  return /^bearer +([\x21-\x7e]+)$/i.exec(header.slice(0, TOKEN_MAX))?.[1];
}

/** Commands are checked where they are run, whichever way they come; reads have only this way. */
function checkRead(actor: Actor, request: FastifyRequest): void {
  const { group, app, host, repository } = { ...Object(request.query), ...Object(request.params) };
  const namespace = typeof repository === 'string' ? { namespace: namespaceOf(repository) } : {};
  const access = may(actor, 'read', { group, app, host, ...namespace });
  if (!access.ok) throw new ShoalError('forbidden', access.detail);
}
