import Type from 'typebox';
import { Name } from '../../../protocol/schemas/common.ts';
import { Cluster } from '../../../protocol/schemas/model.ts';
import { ClusterChange } from '../../../protocol/schemas/requests.ts';
import { run, sendItem } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';

const params = Type.Object({ cluster: Name });
const tags = ['clusters'];

export const clusterRoutes: Routes = (app, context) => {
  const { platform } = context;

  app.get(
    '/v1/clusters',
    {
      schema: {
        operationId: 'listClusters',
        description: 'Without `default`, which is all hosts and has no record.',
        tags,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Cluster) }),
      },
    },
    (request) =>
      pageOfItems(
        platform.clusters().map(({ item }) => item),
        ({ name }) => name,
        request.query,
      ),
  );

  app.get(
    '/v1/clusters/:cluster',
    { schema: { operationId: 'getCluster', tags, params, response: answers({ 200: ref(Cluster) }) } },
    (request, reply) => {
      const { cluster } = request.params;
      return sendItem(reply, find(context, cluster), `cluster "${cluster}"`);
    },
  );

  app.put(
    '/v1/clusters/:cluster',
    {
      schema: {
        operationId: 'putCluster',
        tags,
        params,
        body: ref(ClusterChange),
        response: answers({ 200: ref(Cluster), 201: ref(Cluster) }),
      },
    },
    async (request, reply) => {
      const { body, isNew } = await run(platform, request, reply, {
        kind: 'cluster.put',
        ...request.params,
        ...request.body,
      });
      return reply.code(isNew ? 201 : 200).send(body);
    },
  );

  app.delete(
    '/v1/clusters/:cluster',
    {
      schema: {
        operationId: 'deleteCluster',
        description: 'Refused while something is deployed in it.',
        tags,
        params,
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      await run(platform, request, reply, { kind: 'cluster.delete', ...request.params });
      return reply.code(204).removeHeader('etag').send();
    },
  );
};

const find = ({ platform }: RouteContext, name: string) => platform.clusters().find(({ item }) => item.name === name);
