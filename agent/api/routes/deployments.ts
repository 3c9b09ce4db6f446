import Type from 'typebox';
import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import { Name } from '../../../protocol/schemas/common.ts';
import { Deployment } from '../../../protocol/schemas/model.ts';
import { Operation } from '../../../protocol/schemas/operation.ts';
import { DeploymentPlan } from '../../../protocol/schemas/plan.ts';
import { DeployRequest, ScaleRequest } from '../../../protocol/schemas/requests.ts';
import type { Platform } from '../../services/platform.ts';
import { actorOf, checkMay, noSuch, runOperation } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { resolveSpec } from '../resolve-image.ts';
import { answers, flag, pageOf, pageQuery, query, ref } from '../schemas.ts';
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
      checkMay(request, 'app.deploy');
      const command = await commandOf(platform, request.params, request.body, request.signal);
      return runOperation(platform, request, reply, command);
    },
  );

  app.post(
    `${path}/plan`,
    {
      schema: {
        operationId: 'planDeployment',
        description:
          'What `deploy` would do now with the same body, and the same problems: where each missing replica would go, which ' +
          'hosts refuse and why, by the word of the hosts themselves, or how it would roll out. Nothing is changed or reserved.',
        tags,
        params,
        querystring: query({
          withGroup: flag('as if the group had been made first, when there is none'),
        }),
        body: ref(DeployRequest),
        response: answers({ 200: ref(DeploymentPlan) }),
      },
    },
    async (request) => {
      checkMay(request, 'app.deploy');
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(limits.apiCommandMs)]);
      const command = await commandOf(platform, request.params, request.body, signal);
      return platform.plan(command, { actor: actorOf(request), signal, withGroup: request.query.withGroup === 'true' });
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

/** What is asked for, with what its image stands for now. */
async function commandOf(
  platform: Platform,
  app: Type.Static<typeof params>,
  { cluster = 'default', ...wanted }: Type.Static<typeof DeployRequest>,
  signal: AbortSignal,
): Promise<CommandOf<'app.deploy'>> {
  const resolved = await resolveSpec(platform, wanted, signal);
  return { kind: 'app.deploy', ...app, cluster, ...wanted, ...resolved };
}
