import Type from 'typebox';
import { Name } from '../../../protocol/schemas/common.ts';
import { App } from '../../../protocol/schemas/model.ts';
import { Operation } from '../../../protocol/schemas/operation.ts';
import { AppChange } from '../../../protocol/schemas/requests.ts';
import { run, runOperation, sendItem } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const params = Type.Object({ group: Name, app: Name });
const tags = ['apps'];

export const appRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/apps',
    {
      schema: {
        operationId: 'listApps',
        tags,
        querystring: query({ ...pageQuery, group: Type.Optional(Name) }),
        response: answers({ 200: pageOf(App) }),
      },
    },
    (request) => {
      const apps = platform.apps(request.query.group).map(({ item }) => item);
      return pageOfItems(apps, ({ group, name }) => `${group}/${name}`, request.query);
    },
  );

  app.get(
    '/v1/groups/:group/apps/:app',
    { schema: { operationId: 'getApp', tags, params, response: answers({ 200: ref(App) }) } },
    (request, reply) => {
      const { group, app: name } = request.params;
      return sendItem(reply, platform.app(group, name), `app "${group}/${name}"`);
    },
  );

  app.put(
    '/v1/groups/:group/apps/:app',
    {
      schema: {
        operationId: 'putApp',
        tags,
        params,
        body: ref(AppChange),
        response: answers({ 200: ref(App), 201: ref(App) }),
      },
    },
    async (request, reply) => {
      const { body, isNew } = await run(platform, request, reply, {
        kind: 'app.put',
        ...request.params,
        ...request.body,
      });
      return reply.code(isNew ? 201 : 200).send(body);
    },
  );

  app.delete(
    '/v1/groups/:group/apps/:app',
    {
      schema: {
        operationId: 'deleteApp',
        description: 'Removes its containers, then the app with its versions. Named volumes stay on their hosts.',
        tags,
        params,
        response: answers({ 202: ref(Operation) }),
      },
    },
    (request, reply) => runOperation(platform, request, reply, { kind: 'app.delete', ...request.params }),
  );
};
