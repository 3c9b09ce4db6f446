import Type from 'typebox';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import { Name } from '../../../protocol/schemas/common.ts';
import { Container } from '../../../protocol/schemas/host.ts';
import { KillRequest, NoRequest } from '../../../protocol/schemas/requests.ts';
import { noSuch, run } from '../command.ts';
import { ListChanges } from '../list-changes.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOrChangesOf, pageQuery, containerParams as params, query, ref, sinceQuery } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';

const filters = {
  group: Type.Optional(Name),
  app: Type.Optional(Name),
  host: Type.Optional(Type.String({ pattern: '^[a-zA-Z0-9-]+$', maxLength: 80, description: 'host id or name' })),
};
const tags = ['containers'];

export const containerRoutes: Routes = (app, context) => {
  const { platform } = context;
  const changes = new ListChanges<Container>({
    platform,
    topics: ['containers', 'hosts', 'members'],
    items: () => platform.containers({}),
    idOf: ({ id }) => id,
  });
  app.addHook('preClose', async () => changes.stop());

  app.get(
    '/v1/containers',
    {
      schema: {
        operationId: 'listContainers',
        description: 'With `since` what has changed among all containers, whatever the filters.',
        tags,
        querystring: query({ ...pageQuery, ...filters, ...sinceQuery }),
        response: answers({ 200: pageOrChangesOf(Container) }),
      },
    },
    (request) => {
      const { limit: _limit, cursor: _cursor, since, ...filter } = request.query;
      if (since !== undefined) return changes.since(since);
      return pageOfItems(platform.containers(filter), ({ id }) => id, request.query);
    },
  );

  app.get(
    '/v1/containers/:container',
    { schema: { operationId: 'getContainer', tags, params, response: answers({ 200: ref(Container) }) } },
    (request) => find(context, request.params.container),
  );

  const withBody = { start: NoRequest, stop: NoRequest, restart: NoRequest, kill: KillRequest } as const;
  for (const action of ['start', 'stop', 'restart', 'kill'] as const) {
    app.post(
      `/v1/containers/:container/${action}`,
      {
        schema: {
          operationId: `${action}Container`,
          tags,
          params,
          body: ref(withBody[action]),
          response: answers({ 200: ref(Container) }),
        },
      },
      async (request, reply) => {
        const container = find(context, request.params.container);
        const { body } = await run(platform, request, reply, power(container, action, signalOf(request.body)));
        return body;
      },
    );
  }

  app.delete(
    '/v1/containers/:container',
    {
      schema: {
        operationId: 'removeContainer',
        description: 'The app is brought back to its wanted replicas by another container.',
        tags,
        params,
        response: answers({ 200: ref(Container) }),
      },
    },
    async (request, reply) => {
      const container = find(context, request.params.container);
      return (await run(platform, request, reply, power(container, 'remove'))).body;
    },
  );
};

function find({ platform }: RouteContext, idOrName: string): Container {
  const container = platform.container(idOrName);
  if (container === undefined) throw noSuch(`container "${idOrName}", or more than one begins like that`);
  return container;
}

type PowerCommand = CommandOf<'container.power'>;

const power = ({ group, app, id }: Container, action: PowerCommand['action'], signal?: string): PowerCommand => ({
  kind: 'container.power',
  group,
  app,
  containerId: id,
  action,
  ...(signal === undefined ? {} : { signal }),
});

const signalOf = (body: { readonly signal?: string }): string | undefined => body.signal;
