import Type from 'typebox';
import { Name } from '../../../protocol/schemas/common.ts';
import { Group } from '../../../protocol/schemas/model.ts';
import { GroupChange } from '../../../protocol/schemas/requests.ts';
import { run, sendItem } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const params = Type.Object({ group: Name });
const tags = ['groups'];

export const groupRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/groups',
    {
      schema: {
        operationId: 'listGroups',
        tags,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Group) }),
      },
    },
    (request) =>
      pageOfItems(
        platform.groups().map(({ item }) => item),
        ({ name }) => name,
        request.query,
      ),
  );

  app.get(
    '/v1/groups/:group',
    { schema: { operationId: 'getGroup', tags, params, response: answers({ 200: ref(Group) }) } },
    (request, reply) => sendItem(reply, platform.group(request.params.group), `group "${request.params.group}"`),
  );

  app.put(
    '/v1/groups/:group',
    {
      schema: {
        operationId: 'putGroup',
        tags,
        params,
        body: ref(GroupChange),
        response: answers({ 200: ref(Group), 201: ref(Group) }),
      },
    },
    async (request, reply) => {
      const { body, isNew } = await run(platform, request, reply, {
        kind: 'group.put',
        ...request.params,
        ...request.body,
      });
      return reply.code(isNew ? 201 : 200).send(body);
    },
  );

  app.delete(
    '/v1/groups/:group',
    {
      schema: {
        operationId: 'deleteGroup',
        description: 'Refused while the group has apps.',
        tags,
        params,
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      await run(platform, request, reply, { kind: 'group.delete', ...request.params });
      return reply.code(204).removeHeader('etag').send();
    },
  );
};
