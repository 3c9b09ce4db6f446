import { isUtf8 } from 'node:buffer';
import Type from 'typebox';
import { Name } from '../../../protocol/schemas/common.ts';
import { FileDigest } from '../../../protocol/schemas/file.ts';
import { noSuch } from '../command.ts';
import { answers } from '../schemas.ts';
import type { Routes } from './context.ts';

/** Whoever made a version chose the bytes: a browser is to save them, and neither guess what they are nor run them. */
const harmless = {
  'content-disposition': 'attachment',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const bytes = {
  description: 'The file as it is',
  content: {
    'text/plain': { schema: Type.String() },
    'application/octet-stream': { schema: Type.String() },
  },
};

const typeOf = (content: Uint8Array): string =>
  isUtf8(content) && !content.includes(0) ? 'text/plain; charset=utf-8' : 'application/octet-stream';

export const fileRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/groups/:group/apps/:app/files/:sha256',
    {
      schema: {
        operationId: 'getFile',
        description: 'The content of files of versions, by its digest.',
        tags: ['versions'],
        params: Type.Object({ group: Name, app: Name, sha256: FileDigest }),
        response: answers({ 200: bytes }),
      },
    },
    (request, reply) => {
      const { group, app: name, sha256 } = request.params;
      const content = platform.file(group, name, sha256);
      if (content === undefined) throw noSuch(`file ${sha256} of "${group}/${name}"`);
      return reply.headers(harmless).header('etag', `"${sha256}"`).type(typeOf(content)).send(content);
    },
  );
};
