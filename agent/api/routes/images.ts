import Type from 'typebox';
import { DIGEST_LENGTH_MAX, DIGEST_PATTERN, isDigest } from '../../../protocol/digest.ts';
import { TAG_PATTERN } from '../../../protocol/image-reference.ts';
import { BlobLocation, Image, ImageDetail, RepositoryName } from '../../../protocol/schemas/image.ts';
import { noSuch, run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, force, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';
import { findRepository } from './repositories.ts';

const inRepository = Type.Object({ repository: RepositoryName });
const params = Type.Object({
  ...inRepository.properties,
  reference: Type.String({
    pattern: `${TAG_PATTERN}|${DIGEST_PATTERN}`,
    maxLength: DIGEST_LENGTH_MAX,
    description: 'tag or digest',
  }),
});
const tags = ['images'];
const path = '/v1/repositories/:repository/images';

export const imageRoutes: Routes = (app, context) => {
  const { platform } = context;

  app.get(
    path,
    {
      schema: {
        operationId: 'listImages',
        description: 'Newest first: what is tagged, and what nothing else of the repository lists.',
        tags,
        params: inRepository,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Image) }),
      },
    },
    (request) => {
      const { name } = findRepository(context, request.params.repository);
      const keyOf = ({ pushedAt, digest }: Image) => `${pushedAt} ${digest}`;
      return pageOfItems(platform.images.images(name), keyOf, request.query, 'descending');
    },
  );

  app.get(
    `${path}/:reference`,
    { schema: { operationId: 'getImage', tags, params, response: answers({ 200: ref(ImageDetail) }) } },
    (request) => find(context, request.params),
  );

  app.get(
    `${path}/:reference/locations`,
    {
      schema: {
        operationId: 'listImageLocations',
        description:
          'Which hosts hold its blobs: manifest, configuration and layers, of an index those of its images too.',
        tags,
        params,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(BlobLocation) }),
      },
    },
    async (request) => {
      const { repository, digest } = find(context, request.params);
      const located = await platform.images.locations(repository, digest);
      const order = new Map(located.map((blob, index) => [blob, String(index).padStart(6, '0')]));
      return pageOfItems(located, (blob) => order.get(blob) ?? '', request.query);
    },
  );

  app.delete(
    `${path}/:reference`,
    {
      schema: {
        operationId: 'deleteImage',
        description:
          'A tag is taken away; what it stood for stays until nothing needs it. A digest is deleted with all its tags, ' +
          'unless an app version or another image needs it and it is not forced.',
        tags,
        params,
        querystring: query(force),
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      const { repository, reference } = request.params;
      const isForced = request.query.force === 'true';
      const command = isDigest(reference)
        ? ({ kind: 'image.delete', repository, digest: reference, force: isForced } as const)
        : ({ kind: 'image.untag', repository, tag: reference } as const);
      await run(platform, request, reply, command);
      return reply.code(204).removeHeader('etag').send();
    },
  );
};

interface Named {
  readonly repository: string;
  readonly reference: string;
}

function find({ platform }: RouteContext, { repository, reference }: Named): ImageDetail {
  const image = platform.images.image(repository, reference);
  if (image !== undefined) return image;
  throw noSuch(`image "${repository}${isDigest(reference) ? '@' : ':'}${reference}"`);
}
