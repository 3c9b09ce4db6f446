import Type from 'typebox';
import { RolloutAction } from '../../../protocol/schemas/commands.ts';
import { Name } from '../../../protocol/schemas/common.ts';
import { Operation } from '../../../protocol/schemas/operation.ts';
import { RollbackRequest, RolloutRequest } from '../../../protocol/schemas/requests.ts';
import { runOperation } from '../command.ts';
import { answers, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const params = Type.Object({ group: Name, app: Name });
const tags = ['rollouts'];

export const rolloutRoutes: Routes = (app, { platform }) => {
  app.post(
    '/v1/groups/:group/apps/:app/rollbacks',
    {
      schema: {
        operationId: 'rollBack',
        description:
          'Rolls out an earlier version; without `to` the one that was reached before what runs now, or that a rollout ' +
          'under way came from. When it fails it pauses: there is nothing to go back to from there.',
        tags,
        params,
        body: ref(RollbackRequest),
        response: answers({ 202: ref(Operation) }),
      },
    },
    (request, reply) => {
      const { cluster = 'default', ...wanted } = request.body;
      return runOperation(platform, request, reply, { kind: 'app.rollback', ...request.params, cluster, ...wanted });
    },
  );

  app.post(
    '/v1/groups/:group/apps/:app/rollout/:action',
    {
      schema: {
        operationId: 'actOnRollout',
        description:
          '`continue` after the canaries, or before the old containers of a blue-green rollout go; `pause` opens no further ' +
          'batch; `resume`; `abort` goes back to what ran before.',
        tags,
        params: Type.Object({ ...params.properties, action: RolloutAction }),
        body: ref(RolloutRequest),
        response: answers({ 202: ref(Operation) }),
      },
    },
    (request, reply) => {
      const { cluster = 'default' } = request.body;
      return runOperation(platform, request, reply, { kind: 'app.rollout', ...request.params, cluster });
    },
  );
};
