import { ShoalError } from '../../../protocol/errors.ts';
import { Operation } from '../../../protocol/schemas/operation.ts';
import { CollectRequest, PreheatRequest, VerifyRequest } from '../../../protocol/schemas/requests.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import { checkMay, runOperation } from '../command.ts';
import { resolveImage } from '../resolve-image.ts';
import { answers, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const tags = ['images'];

/** Work on images that hosts do, each its part. */
export const imageWorkRoutes: Routes = (app, { platform }) => {
  app.post(
    '/v1/images/preheat',
    {
      schema: {
        operationId: 'preheatImage',
        description: 'Brings what an image stands for now to hosts, before something runs it there.',
        tags,
        body: ref(PreheatRequest),
        response: answers({ 202: ref(Operation) }),
      },
    },
    async (request, reply) => {
      checkMay(request, 'image.preheat');
      const { image } = request.body;
      const hosts = chosenHosts(platform, request.body);
      const found = await resolveImage(platform, image, '/image', request.signal);
      if (found === undefined) {
        const detail = `Only engines of hosts have ${image}; push it to the mesh to bring it elsewhere.`;
        throw new ShoalError('image-not-found', detail, { faults: [{ pointer: '/image', detail: 'in no registry' }] });
      }
      const { repository, digest } = found;
      return runOperation(platform, request, reply, { kind: 'image.preheat', repository, digest, image, hosts });
    },
  );

  app.post(
    '/v1/images/verify',
    {
      schema: {
        operationId: 'verifyImages',
        description:
          'Hosts read all blobs they store and compare them with their digests; broken ones are fetched anew.',
        tags,
        body: ref(VerifyRequest),
        response: answers({ 202: ref(Operation) }),
      },
    },
    (request, reply) => {
      const hosts = chosenHosts(platform, request.body);
      return runOperation(platform, request, reply, { kind: 'image.verify', hosts });
    },
  );

  app.post(
    '/v1/images/collect',
    {
      schema: {
        operationId: 'collectImages',
        tags,
        body: ref(CollectRequest),
        response: answers({ 202: ref(Operation) }),
      },
    },
    (request, reply) => {
      const { graceMs } = request.body;
      const hosts = chosenHosts(platform, request.body);
      const grace = graceMs === undefined ? {} : { graceMs };
      return runOperation(platform, request, reply, { kind: 'image.gc', hosts, ...grace });
    },
  );
};
