import Type from 'typebox';
import { CreatedCredential, Credential, CredentialRequest, Me } from '../../../protocol/schemas/requests.ts';
import { actionsOf } from '../../core/access/access.ts';
import { actorOf, run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const params = Type.Object({ credential: CredentialRequest.properties.id });
const tags = ['credentials'];

/** API tokens, and whom they stand for. */
export const credentialRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/me',
    {
      schema: {
        operationId: 'getMe',
        description: 'Whom the token of this request stands for, and what that allows.',
        tags,
        response: answers({ 200: ref(Me) }),
      },
    },
    (request): Me => {
      const { id, role } = actorOf(request);
      return { id, role, actions: [...actionsOf({ id, role })] };
    },
  );

  app.get(
    '/v1/credentials',
    {
      schema: {
        operationId: 'listCredentials',
        tags,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Credential) }),
      },
    },
    (request) => pageOfItems(platform.credentials(), ({ id }) => id, request.query),
  );

  app.post(
    '/v1/credentials',
    {
      schema: {
        operationId: 'createCredential',
        description: 'The answer holds the API token itself, this once.',
        tags,
        body: ref(CredentialRequest),
        response: answers({ 201: ref(CreatedCredential) }),
      },
    },
    async (request, reply) => {
      const { id: credential, ...rest } = request.body;
      const { body } = await run(platform, request, reply, { kind: 'credential.create', credential, ...rest });
      return reply.code(201).header('cache-control', 'no-store').send(body);
    },
  );

  app.delete(
    '/v1/credentials/:credential',
    {
      schema: {
        operationId: 'revokeCredential',
        description:
          'Its token is refused from then on; what was opened with it ends. The last admin cannot be revoked.',
        tags,
        params,
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      const { credential } = request.params;
      await run(platform, request, reply, { kind: 'credential.revoke', credential });
      return reply.code(204).removeHeader('etag').send();
    },
  );
};
