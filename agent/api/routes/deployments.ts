import Type from 'typebox';
import { Name } from '../../../protocol/schemas/common.ts';
import { Deployment } from '../../../protocol/schemas/model.ts';
import { Operation } from '../../../protocol/schemas/operation.ts';
import { DeployRequest, ScaleRequest } from '../../../protocol/schemas/requests.ts';
import { noSuch, runOperation } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { resolveSpec } from '../resolve-image.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const params = Type.Object({ group: Name, app: Name });
const inCluster = Type.Object({ ...params.properties, cluster: Name });
const tags = ['deployments'];
const path = '/v1/groups/:group/apps/:app/deployments';

export const deploymentRoutes: Routes = (app, { platform }) => {
  app.get(
    path,
    {
      schema: {
        operationId: 'listDeployments',
        tags,
        params,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Deployment) }),
      },
    },
    (request) => {
      const { group, app: name } = request.params;
      const found = platform.app(group, name);
      if (found === undefined) throw noSuch(`app "${group}/${name}"`);
      return pageOfItems(found.item.deployments, ({ cluster }) => cluster, request.query);
    },
  );

  app.post(
    path,
    {
      schema: {
        operationId: 'deploy',
        description:
          'Makes the app too when it does not exist and a spec is given. A running operation of the app in this ' +
          'cluster is joined when it wants the same, and superseded when it wants something else. Over running replicas of ' +
          'another version it is a rollout: in batches, each once the one before works. All hosts run what the image of a ' +
          'spec stands for now.',
        tags,
        params,
        body: ref(DeployRequest),
        response: answers({ 202: ref(Operation) }),
      },
    },
    async (request, reply) => {
      const { cluster = 'default', ...wanted } = request.body;
      const resolved = await resolveSpec(platform, wanted, request.signal);
      const command = { kind: 'app.deploy', ...request.params, cluster, ...wanted, ...resolved } as const;
      return runOperation(platform, request, reply, command);
    },
  );

  app.patch(
    `${path}/:cluster`,
    {
      schema: {
        operationId: 'scale',
        tags,
        params: inCluster,
        body: ref(ScaleRequest),
        response: answers({ 202: ref(Operation) }),
      },
    },
    (request, reply) =>
      runOperation(platform, request, reply, { kind: 'app.scale', ...request.params, ...request.body }),
  );

  app.delete(
    `${path}/:cluster`,
    { schema: { operationId: 'undeploy', tags, params: inCluster, response: answers({ 202: ref(Operation) }) } },
    (request, reply) => runOperation(platform, request, reply, { kind: 'app.undeploy', ...request.params }),
  );
};
