import { gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ShoalError } from '../../../protocol/errors.ts';
import type { Api } from '../typed.ts';

/** The built console: path below the root, such as `index.html` or `assets/main-3fa9.js`, and what the file holds. */
export type ConsoleFiles = ReadonlyMap<string, Buffer>;

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Only what this member serves runs and is asked: no inline script, no other origin, no frame around it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const YEAR_S = 365 * 86_400;

/**
 * Serves the console at `/`, to anybody: it holds nothing but code, and asks for a token itself. Files come from a table, so no
 * path leads out of it. Each file is compressed once, when it is asked for first.
 */
export function consoleRoutes(app: Api, files: ConsoleFiles): void {
  const compressed = new Map<string, Buffer>();
  const gzipped = (name: string, content: Buffer): Buffer => {
    const known = compressed.get(name) ?? gzipSync(content, { level: 9 });
    compressed.set(name, known);
    return known;
  };

  const send = (request: FastifyRequest, reply: FastifyReply, name: string): FastifyReply => {
    const content = files.get(name);
    if (content === undefined) throw new ShoalError('not-found', missing(name, files.size));
    const isHashed = name.startsWith('assets/');
    reply
      .type(types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream')
      .header('cache-control', isHashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache')
      .header('content-security-policy', policy)
      .header('x-content-type-options', 'nosniff')
      .header('x-frame-options', 'DENY')
      .header('referrer-policy', 'no-referrer')
      .header('cross-origin-opener-policy', 'same-origin')
      .header('vary', 'accept-encoding');
    if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(content);
    return reply.header('content-encoding', 'gzip').send(gzipped(name, content));
  };

  const open = { config: { isOpen: true }, schema: { hide: true } } as const;
  app.get('/', open, (request, reply) => send(request, reply, 'index.html'));
  for (const name of files.keys()) {
    if (name !== 'index.html') app.get(`/${name}`, open, (request, reply) => send(request, reply, name));
  }
}

const missing = (name: string, files: number): string =>
  files === 0
    ? 'This agent was built without the console: npm run build makes it.'
    : `The console has no file ${name}.`;
