import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { Name } from '../../../protocol/schemas/common.ts';
import { LogForward } from '../../../protocol/schemas/log-forward.ts';
import { LogForwardChange } from '../../../protocol/schemas/requests.ts';
import { may } from '../../core/access/access.ts';
import { actorOf, noSuch, run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';

const params = Type.Object({ forward: Name });
const tags = ['logs'];

/** Where logs go. A header's value goes in and never out. */
export const logForwardRoutes: Routes = (app, context) => {
  const { platform } = context;

  app.get(
    '/v1/log-forwards',
    {
      schema: {
        operationId: 'listLogForwards',
        description:
          'Places that logs are forwarded to, and how far each host is. Hosts that do not answer within 1.5 s are named.',
        tags,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(LogForward) }),
      },
    },
    async (request) => {
      const all = (await platform.forwards.list()).map((forward) => shownTo(request, forward));
      return pageOfItems(all, ({ name }) => name, request.query);
    },
  );

  app.get(
    '/v1/log-forwards/:forward',
    { schema: { operationId: 'getLogForward', tags, params, response: answers({ 200: ref(LogForward) }) } },
    async (request) => {
      const { forward } = request.params;
      const found = await find(context, forward);
      if (found === undefined) throw noSuch(`log forward "${forward}"`);
      return shownTo(request, found);
    },
  );

  app.put(
    '/v1/log-forwards/:forward',
    {
      schema: {
        operationId: 'putLogForward',
        description:
          'Each host forwards what its containers write from then on. What waits for a collector survives on disk, at most 64 MiB a host; ' +
          'then the oldest lines go, and a line tells the collector how many. The value of the header is sealed before it is stored.',
        tags,
        params,
        body: ref(LogForwardChange),
        response: answers({ 200: ref(LogForward), 201: ref(LogForward) }),
      },
    },
    async (request, reply) => {
      const { forward } = request.params;
      const { headerValue, ...change } = request.body;
      const sealed = headerValue === undefined ? {} : { sealedHeader: sealOrNull(headerValue, forward) };
      const { body, isNew } = await run(platform, request, reply, {
        kind: 'log-forward.put',
        forward,
        ...change,
        ...sealed,
      });
      return reply.code(isNew ? 201 : 200).send((await find(context, forward)) ?? body);
    },
  );

  app.delete(
    '/v1/log-forwards/:forward',
    {
      schema: {
        operationId: 'deleteLogForward',
        description: 'What waits for the collector is thrown away.',
        tags,
        params,
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      await run(platform, request, reply, { kind: 'log-forward.delete', forward: request.params.forward });
      return reply.code(204).removeHeader('etag').send();
    },
  );

  const sealOrNull = (value: string | null, name: string): string | null =>
    value === null ? null : platform.forwards.seal(value, name);
};

const find = async ({ platform }: RouteContext, wanted: string) =>
  (await platform.forwards.list()).find(({ name }) => name === wanted);

/** A collector's address may have a secret in its path or query: whoever can't change it sees where it leads only. */
function shownTo(request: FastifyRequest, forward: LogForward): LogForward {
  if (may(actorOf(request), 'log-forward.put', {}).ok) return forward;
  const url = URL.parse(forward.url);
  return { ...forward, url: url === null ? '' : `${url.protocol}//${url.host}` };
}
