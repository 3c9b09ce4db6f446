import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

/** How the OpenAPI document is made from the routes. Schemas keep their names instead of `def-0`. */
export const openApiOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Shoal',
      version: '1',
      description:
        'Any member answers any request. Headers: `x-shoal-host` names the member, `x-shoal-view` says how many members it ' +
        'sees alive of how many admitted. A POST may carry an `Idempotency-Key`, a PUT, PATCH or DELETE an `If-Match`. What ' +
        'takes long is answered 202 with the `Location` of an operation. Errors are problem documents (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
  },
  transform: ({ schema, url, route }) => ({ schema: { ...schema, ...changeHeaders(route.method) }, url }),
  refResolver: {
    buildLocalReference: (json, _baseUri, _fragment, index) =>
      typeof json.$id === 'string' ? json.$id : `schema-${index}`,
  },
};

/** The headers that every change understands, whatever its route. */
function changeHeaders(method: string | string[]): { headers?: object } {
  if (method === 'GET') return {};
  const [name, description] =
    method === 'POST'
      ? ['idempotency-key', 'The same key and body again give the first answer again, through any member, for a day.']
      : ['if-match', 'The ETag of what is changed; 412 when somebody else changed it meanwhile.'];
  return { headers: { type: 'object', properties: { [name]: { type: 'string', maxLength: 130, description } } } };
}
