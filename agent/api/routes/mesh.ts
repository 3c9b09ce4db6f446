import Type from 'typebox';
import { ShoalError } from '../../../protocol/errors.ts';
import { Mesh } from '../../../protocol/schemas/requests.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';
import { answers, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const prometheusText = 'text/plain; version=0.0.4; charset=utf-8';
const status = Type.Object({ status: Type.Literal('ok') });

/** The mesh as this member sees it, and what watchdogs and monitoring ask. */
export const meshRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1',
    { schema: { operationId: 'getMesh', tags: ['mesh'], response: answers({ 200: ref(Mesh) }) } },
    (): Mesh => ({
      meshId: platform.meshId,
      hostId: platform.hostId,
      hostName: platform.hostName,
      agentVersion: platform.agentVersion,
      protocolVersion: PROTOCOL_VERSION,
      ...platform.view(),
    }),
  );

  app.get(
    '/livez',
    {
      config: { isOpen: true },
      schema: { operationId: 'isLive', tags: ['mesh'], security: [], response: answers({ 200: status }) },
    },
    () => ({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    {
      config: { isOpen: true },
      schema: { operationId: 'isReady', tags: ['mesh'], security: [], response: answers({ 200: status }) },
    },
    () => {
      const { ready, reason } = platform.readiness();
      if (!ready) throw new ShoalError('not-ready', reason);
      return { status: 'ok' };
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        tags: ['mesh'],
        response: answers({
          200: { description: 'Prometheus text', content: { 'text/plain': { schema: Type.String() } } },
        }),
      },
    },
    async (_request, reply) => reply.type(prometheusText).send(await platform.metrics()),
  );

  app.get(
    '/v1/openapi.json',
    { schema: { operationId: 'getOpenApi', tags: ['mesh'], response: answers({ 200: {} }) } },
    () => app.swagger(),
  );
};
