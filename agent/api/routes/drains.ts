import Type from 'typebox';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Host } from '../../../protocol/schemas/host.ts';
import { Move, Operation } from '../../../protocol/schemas/operation.ts';
import { DrainRequest, RebalanceRequest } from '../../../protocol/schemas/requests.ts';
import { noSuch, run, runOperation } from '../command.ts';
import { answers, force, query, ref } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';

const params = Type.Object({
  host: Type.String({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9-]*$', maxLength: 80, description: 'host id or name' }),
});
const tags = ['hosts'];
/** Moves of one rebalance unless more are asked for. */
const MOVES = 50;

export const drainRoutes: Routes = (app, context) => {
  const { platform } = context;

  app.post(
    '/v1/hosts/:host/drain',
    {
      schema: {
        operationId: 'drainHost',
        description:
          'Empties a host: it gets no new containers, each of its containers stops once another works in its place, and its ' +
          'images are handed over. After the deadline what remains is stopped. A drain under way is answered.',
        tags,
        params,
        body: ref(DrainRequest),
        response: answers({ 202: ref(Operation) }),
      },
    },
    (request, reply) => {
      const { id } = find(context, request.params.host);
      const moves = platform
        .containers({ host: id })
        .filter(({ phase }) => phase !== 'failed')
        .slice(0, limits.moves)
        .map(({ id: containerId, group, app: name, cluster, replica, hostId }): Move => {
          return { containerId, group, app: name, cluster, replica, hostId };
        });
      return runOperation(platform, request, reply, { kind: 'host.drain', hostId: id, ...request.body, moves });
    },
  );

  app.delete(
    '/v1/hosts/:host/drain',
    {
      schema: {
        operationId: 'cancelDrain',
        description: 'The host is as before; what has moved stays where it is.',
        tags,
        params,
        response: answers({ 202: ref(Operation) }),
      },
    },
    (request, reply) => {
      const { id, name, drainedBy } = find(context, request.params.host);
      if (drainedBy === undefined) throw new ShoalError('conflict', `Host "${name}" is not being drained.`);
      return runOperation(platform, request, reply, { kind: 'drain.cancel', hostId: id, operationId: drainedBy });
    },
  );

  app.delete(
    '/v1/hosts/:host',
    {
      schema: {
        operationId: 'removeHost',
        description: 'A drained host leaves the mesh for good; with `force` any host, and what runs there is lost.',
        tags,
        params,
        querystring: query(force),
        response: answers({ 200: Type.Object({ hostId: Type.String() }) }),
      },
    },
    async (request, reply) => {
      const { id } = find(context, request.params.host);
      const isForced = request.query.force === 'true';
      await run(platform, request, reply, { kind: 'host.remove', hostId: id, ...(isForced ? { force: true } : {}) });
      return { hostId: id };
    },
  );

  app.get(
    '/v1/rebalance',
    {
      schema: {
        operationId: 'planRebalance',
        description: 'The moves that would spread apps and use hosts evenly, and why. Nothing is moved.',
        tags,
        querystring: query({ maxMoves: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.moves })) }),
        response: answers({ 200: Type.Object({ moves: Type.Array(ref(Move)) }) }),
      },
    },
    (request) => ({ moves: [...platform.rebalancePlan(request.query.maxMoves ?? MOVES)] }),
  );

  app.post(
    '/v1/rebalance',
    {
      schema: {
        operationId: 'rebalance',
        description:
          'Moves containers as planned, at the pace of their apps, replacements first. One under way is answered.',
        tags,
        body: ref(RebalanceRequest),
        response: answers({ 202: ref(Operation) }),
      },
    },
    (request, reply) => {
      const moves = [...platform.rebalancePlan(request.body.maxMoves ?? MOVES)];
      return runOperation(platform, request, reply, { kind: 'rebalance.start', moves });
    },
  );
};

function find({ platform }: RouteContext, idOrName: string): Host {
  const host = platform.host(idOrName);
  if (host === undefined) throw noSuch(`host "${idOrName}"`);
  return host;
}
