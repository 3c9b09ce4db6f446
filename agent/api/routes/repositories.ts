import Type from 'typebox';
import { REPOSITORY_LENGTH_MAX } from '../../../protocol/image-reference.ts';
import { Repository, RepositoryName } from '../../../protocol/schemas/image.ts';
import { RepositoryChange } from '../../../protocol/schemas/requests.ts';
import { noSuch, run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, force, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';

const params = Type.Object({ repository: RepositoryName });
const tags = ['images'];

/** A name is one segment of the path: its slashes are written `%2F`. */
export const repositoryRoutes: Routes = (app, context) => {
  const { platform } = context;

  app.get(
    '/v1/repositories',
    {
      schema: {
        operationId: 'listRepositories',
        tags,
        querystring: query({
          ...pageQuery,
          prefix: Type.Optional(
            Type.String({
              pattern: '^[a-zA-Z0-9._/:-]*$',
              maxLength: REPOSITORY_LENGTH_MAX,
              description: 'how their names begin',
            }),
          ),
        }),
        response: answers({ 200: pageOf(Repository) }),
      },
    },
    (request) => {
      const { prefix = '' } = request.query;
      const found = platform.images.repositories().filter(({ name }) => name.startsWith(prefix));
      return pageOfItems(found, ({ name }) => name, request.query);
    },
  );

  app.get(
    '/v1/repositories/:repository',
    {
      schema: {
        operationId: 'getRepository',
        description: "Slashes of a repository's name are written %2F.",
        tags,
        params,
        response: answers({ 200: ref(Repository) }),
      },
    },
    (request) => findRepository(context, request.params.repository),
  );

  app.patch(
    '/v1/repositories/:repository',
    {
      schema: {
        operationId: 'changeRepository',
        description: 'Rules replace the earlier ones as a whole; null keeps all tags.',
        tags,
        params,
        body: ref(RepositoryChange),
        response: answers({ 200: ref(Repository) }),
      },
    },
    async (request, reply) => {
      const { repository } = request.params;
      findRepository(context, repository);
      await run(platform, request, reply, { kind: 'repository.put', repository, ...request.body });
      return findRepository(context, repository);
    },
  );

  app.delete(
    '/v1/repositories/:repository',
    {
      schema: {
        operationId: 'deleteRepository',
        description: 'With all its images. Refused while an app version runs one of them, unless forced.',
        tags,
        params,
        querystring: query(force),
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      const { repository } = request.params;
      const isForced = request.query.force === 'true';
      await run(platform, request, reply, { kind: 'repository.delete', repository, force: isForced });
      return reply.code(204).removeHeader('etag').send();
    },
  );
};

export function findRepository({ platform }: RouteContext, name: string): Repository {
  const repository = platform.images.repository(name);
  if (repository === undefined) throw noSuch(`repository "${name}"`);
  return repository;
}
