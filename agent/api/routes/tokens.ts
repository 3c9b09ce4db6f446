import Type from 'typebox';
import { TokenIdSchema } from '../../../protocol/schemas/common.ts';
import { CreatedToken, Token, TokenRequest } from '../../../protocol/schemas/requests.ts';
import { run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const params = Type.Object({ token: TokenIdSchema });
const tags = ['tokens'];

/** Join tokens. */
export const tokenRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/tokens',
    {
      schema: {
        operationId: 'listTokens',
        tags,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Token) }),
      },
    },
    (request) => pageOfItems(platform.tokens(), ({ id }) => id, request.query),
  );

  app.post(
    '/v1/tokens',
    {
      schema: {
        operationId: 'createToken',
        description: 'The answer holds the token itself, this once.',
        tags,
        body: ref(TokenRequest),
        response: answers({ 201: ref(CreatedToken) }),
      },
    },
    async (request, reply) => {
      const { body } = await run(platform, request, reply, { kind: 'token.create', ...request.body });
      return reply.code(201).header('cache-control', 'no-store').send(body);
    },
  );

  app.delete(
    '/v1/tokens/:token',
    {
      schema: {
        operationId: 'revokeToken',
        description: 'Hosts that joined with it stay members.',
        tags,
        params,
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      await run(platform, request, reply, { kind: 'token.revoke', tokenId: request.params.token });
      return reply.code(204).removeHeader('etag').send();
    },
  );
};
