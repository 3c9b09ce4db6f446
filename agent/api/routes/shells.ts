import type { Duplex } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { ShoalError } from '../../../protocol/errors.ts';
import { NoRequest } from '../../../protocol/schemas/requests.ts';
import {
  ShellClient,
  ShellIdSchema,
  ShellRequest,
  ShellSession,
  ShellTicket,
} from '../../../protocol/schemas/shell.ts';
import { actorOf } from '../command.ts';
import { answers, containerParams, pageOf, query, ref } from '../schemas.ts';
import { bridge } from '../shell-socket.ts';
import type { Routes } from './context.ts';

const sessionParams = Type.Object({ ...containerParams.properties, session: ShellIdSchema });
const tags = ['shells'];

export const shellRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/containers/:container/shells',
    {
      schema: {
        operationId: 'listShells',
        description: 'Sessions on the container, those that ended within the last minute too.',
        tags,
        params: containerParams,
        response: answers({ 200: pageOf(ShellSession) }),
      },
    },
    async (request) => ({ items: await platform.shells.list(request.params.container, actorOf(request)) }),
  );

  app.post(
    '/v1/containers/:container/shells',
    {
      schema: {
        operationId: 'openShell',
        description:
          'Starts a process in the container and gives a ticket to attach to it, on any member, within 30 s.',
        tags,
        params: containerParams,
        body: ref(ShellRequest),
        response: answers({ 201: ref(ShellTicket) }),
      },
    },
    async (request, reply) => {
      const context = { actor: actorOf(request), signal: request.signal };
      return reply.code(201).send(await platform.shells.open(request.params.container, request.body, context));
    },
  );

  app.post(
    '/v1/containers/:container/shells/:session/tickets',
    {
      schema: {
        operationId: 'createShellTicket',
        description: 'Another ticket, to come back to a session or to look at it too.',
        tags,
        params: sessionParams,
        body: ref(NoRequest),
        response: answers({ 201: ref(ShellTicket) }),
      },
    },
    async (request, reply) => {
      const { container, session } = request.params;
      return reply.code(201).send(await platform.shells.ticket(container, session, actorOf(request)));
    },
  );

  app.delete(
    '/v1/containers/:container/shells/:session',
    {
      schema: {
        operationId: 'closeShell',
        description: 'Hangs up: the process ends.',
        tags,
        params: sessionParams,
        response: answers({ 200: ref(ShellSession) }),
      },
    },
    (request) => platform.shells.close(request.params.container, request.params.session, actorOf(request)),
  );

  const attached = new WeakMap<FastifyRequest, Duplex>();
  app.route({
    method: 'GET',
    url: '/v1/containers/:container/shells/:session/stream',
    // The ticket says who comes: browsers can't send a header with a WebSocket.
    config: { isOpen: true },
    schema: {
      operationId: 'attachShell',
      description:
        'A WebSocket of binary messages, one frame each (protocol/shell-frames.ts). `offset`: the first byte of output that was ' +
        'not seen yet. `client`: a name that is made up, and given again after a broken connection; the first `inputAck` then says ' +
        'how much input had arrived. The ticket is used up.',
      tags,
      params: sessionParams,
      querystring: query({
        ticket: Type.String({ pattern: '^[A-Za-z0-9_-]{32}$' }),
        offset: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
        client: Type.Optional(ShellClient),
      }),
      response: answers({ 101: { type: 'null' } }),
    },
    // Before the upgrade, so that a refusal is a problem document.
    preHandler: async (request) => {
      checkOrigin(request);
      if (!request.ws) throw new ShoalError('invalid-request', 'This is a WebSocket: send an upgrade.');
      const { container, session } = request.params;
      const { ticket, offset = 0, client } = request.query;
      const attach = { ticket, offset, ...(client === undefined ? {} : { client }) };
      attached.set(request, await platform.shells.attach(container, session, attach));
    },
    handler: () => {
      throw new ShoalError('invalid-request', 'This is a WebSocket: send an upgrade.');
    },
    wsHandler: (socket, request) => {
      const stream = attached.get(request);
      if (stream === undefined) socket.close(1011);
      else bridge(socket, stream);
    },
  });
};

/** A page of another site must not use a ticket that it got hold of. Clients other than browsers send no origin. */
function checkOrigin({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  if (origin === undefined || URL.parse(origin)?.host === host) return;
  throw new ShoalError('forbidden', 'A page of another site may not open a shell.');
}
