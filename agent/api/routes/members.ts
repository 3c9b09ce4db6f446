import Type from 'typebox';
import { HostIdSchema } from '../../../protocol/schemas/common.ts';
import { Member } from '../../../protocol/schemas/host.ts';
import { EvictRequest } from '../../../protocol/schemas/requests.ts';
import { run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const params = Type.Object({ member: HostIdSchema });
const tags = ['members'];

export const memberRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/members',
    {
      schema: {
        operationId: 'listMembers',
        tags,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Member) }),
      },
    },
    (request) => pageOfItems(platform.members(), ({ hostId }) => hostId, request.query),
  );

  app.delete(
    '/v1/members/:member',
    {
      schema: {
        operationId: 'evictMember',
        description: 'Shuts a host out for good. Its containers are replaced elsewhere.',
        tags,
        params,
        body: ref(EvictRequest),
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      await run(platform, request, reply, { kind: 'member.evict', hostId: request.params.member, ...request.body });
      return reply.code(204).removeHeader('etag').send();
    },
  );
};
