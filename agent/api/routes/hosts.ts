import Type from 'typebox';
import { Host } from '../../../protocol/schemas/host.ts';
import { HostChange } from '../../../protocol/schemas/requests.ts';
import { noSuch, run } from '../command.ts';
import { ListChanges } from '../list-changes.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOrChangesOf, pageQuery, query, ref, sinceQuery } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';

const params = Type.Object({
  host: Type.String({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9-]*$', maxLength: 80, description: 'host id or name' }),
});
const tags = ['hosts'];

export const hostRoutes: Routes = (app, context) => {
  const { platform } = context;
  const changes = new ListChanges<Host>({
    platform,
    topics: ['hosts', 'members', 'containers'],
    items: () => platform.hosts(),
    idOf: ({ id }) => id,
  });
  app.addHook('preClose', async () => changes.stop());

  app.get(
    '/v1/hosts',
    {
      schema: {
        operationId: 'listHosts',
        tags,
        querystring: query({ ...pageQuery, ...sinceQuery }),
        response: answers({ 200: pageOrChangesOf(Host) }),
      },
    },
    (request) =>
      request.query.since === undefined
        ? pageOfItems(platform.hosts(), ({ name, id }) => `${name}/${id}`, request.query)
        : changes.since(request.query.since),
  );

  app.get(
    '/v1/hosts/:host',
    { schema: { operationId: 'getHost', tags, params, response: answers({ 200: ref(Host) }) } },
    (request) => find(context, request.params.host),
  );

  app.patch(
    '/v1/hosts/:host',
    {
      schema: {
        operationId: 'changeHost',
        description: "Sets operators' labels and whether the host takes new containers.",
        tags,
        params,
        body: ref(HostChange),
        response: answers({ 200: ref(Host) }),
      },
    },
    async (request, reply) => {
      const { id } = find(context, request.params.host);
      await run(platform, request, reply, { kind: 'host.set', hostId: id, ...request.body });
      return find(context, id);
    },
  );
};

function find({ platform }: RouteContext, idOrName: string): Host {
  const host = platform.host(idOrName);
  if (host === undefined) throw noSuch(`host "${idOrName}"`);
  return host;
}
