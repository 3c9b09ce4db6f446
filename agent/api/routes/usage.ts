import Type from 'typebox';
import { Usage, UsageHistory, usageQuery, usageSpanMs } from '../../../protocol/schemas/usage.ts';
import { noSuch } from '../command.ts';
import { answers, containerParams, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const tags = ['metrics'];
const hostParams = Type.Object({
  host: Type.String({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9-]*$', maxLength: 80, description: 'host id or name' }),
});
const description =
  'CPU, memory, network and disk in columns, oldest first: 5 s apart for ten minutes, 30 s for two hours, 5 min for a day. Without ' +
  '`step` the finest that goes back to `since`. Kept in the memory of the host: it begins with its agent.';

export const usageRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/usage',
    {
      schema: {
        operationId: 'getUsage',
        description:
          'What all hosts and containers use now. Hosts that do not answer within 1.5 s are named as missing.',
        tags,
        response: answers({ 200: ref(Usage) }),
      },
    },
    () => platform.usage(),
  );

  app.get(
    '/v1/hosts/:host/metrics',
    {
      schema: {
        operationId: 'getHostMetrics',
        description,
        tags,
        params: hostParams,
        querystring: query(usageQuery),
        response: answers({ 200: ref(UsageHistory) }),
      },
    },
    (request) => {
      const host = platform.host(request.params.host);
      if (host === undefined) throw noSuch(`host "${request.params.host}"`);
      return platform.usageHistory({ host: host.id }, rangeOf(request.query));
    },
  );

  app.get(
    '/v1/containers/:container/metrics',
    {
      schema: {
        operationId: 'getContainerMetrics',
        description,
        tags,
        params: containerParams,
        querystring: query(usageQuery),
        response: answers({ 200: ref(UsageHistory) }),
      },
    },
    (request) => {
      const container = platform.container(request.params.container);
      if (container === undefined) throw noSuch(`container "${request.params.container}"`);
      return platform.usageHistory({ host: container.hostId, container: container.id }, rangeOf(request.query));
    },
  );
};

const HOUR_MS = 3_600_000;
const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: HOUR_MS };
const stepsMs = { '5s': 5_000, '30s': 30_000, '5m': 300_000 } as const;

function rangeOf({ since, step }: { readonly since?: string; readonly step?: keyof typeof stepsMs }) {
  const [, count, unit = ''] = /^(\d+)(s|m|h)$/.exec(since ?? '1h') ?? [];
  const backMs = Math.min(usageSpanMs, Number(count) * (unitsMs[unit] ?? 0));
  return { sinceMs: Date.now() - backMs, ...(step === undefined ? {} : { stepMs: stepsMs[step] }) };
}
