import { CapacityAnswer, CapacityRequest } from '../../../protocol/schemas/capacity.ts';
import { answers, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

export const capacityRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/capacity',
    {
      schema: {
        operationId: 'getCapacity',
        description:
          'How many more replicas of a size, or of an app, would fit, and what limits each host. Nothing is reserved.',
        tags: ['hosts'],
        querystring: CapacityRequest,
        response: answers({ 200: ref(CapacityAnswer) }),
      },
    },
    (request) => platform.capacity(request.query),
  );
};
