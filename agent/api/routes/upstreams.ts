import Type from 'typebox';
import { RegistryHost, Upstream } from '../../../protocol/schemas/image.ts';
import { UpstreamChange } from '../../../protocol/schemas/requests.ts';
import { run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const params = Type.Object({ host: RegistryHost });
const tags = ['images'];

/** Other registries. A password goes in and never out. */
export const upstreamRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/upstreams',
    {
      schema: {
        operationId: 'listUpstreams',
        description: 'Registries with an address or a login of their own; any other is asked at its name without one.',
        tags,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Upstream) }),
      },
    },
    (request) => pageOfItems(platform.images.upstreams(), ({ host }) => host, request.query),
  );

  app.put(
    '/v1/upstreams/:host',
    {
      schema: {
        operationId: 'putUpstream',
        description: 'The password is sealed before it is stored, and never shown again.',
        tags,
        params,
        body: ref(UpstreamChange),
        response: answers({ 200: ref(Upstream), 201: ref(Upstream) }),
      },
    },
    async (request, reply) => {
      const { host } = request.params;
      const { password, ...change } = request.body;
      const sealed = password === undefined ? {} : { sealedPassword: sealOrNull(password, host) };
      const { body, isNew } = await run(platform, request, reply, { kind: 'upstream.put', host, ...change, ...sealed });
      return reply.code(isNew ? 201 : 200).send(body);
    },
  );

  app.delete(
    '/v1/upstreams/:host',
    {
      schema: {
        operationId: 'deleteUpstream',
        description: 'Forgets the address and the login; what was pulled stays.',
        tags,
        params,
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      await run(platform, request, reply, { kind: 'upstream.delete', host: request.params.host });
      return reply.code(204).removeHeader('etag').send();
    },
  );

  const sealOrNull = (password: string | null, host: string): string | null =>
    password === null ? null : platform.images.seal(password, host);
};
