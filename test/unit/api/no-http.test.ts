import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import { openApi } from './api-fixture.ts';

const rows: [name: string, bytes: string | Buffer, status: number][] = [
  ['garbage', Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 7_919) % 256)), 400],
  ['the beginning of TLS', Buffer.from('160301020001000001fc0303', 'hex'), 400],
  ['a NUL in the path', 'GET /v1/\0 HTTP/1.1\r\nhost: x\r\n\r\n', 400],
  ['a length below zero', 'POST /v1 HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n', 400],
  ['two lengths', 'POST /v1 HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n', 400],
  ['17 KiB of headers', `GET /v1 HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(17 * 1_024)}\r\n\r\n`, 413],
];

/** Shows that what is no HTTP request gets a problem document and a closed connection, and harms no one else. */
it.each(rows)('%s is answered with a problem', async (_name, bytes, status) => {
  const { app } = await openApi();
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(bytes);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toContain('content-type: application/problem+json');
  expect(JSON.parse(body)).toMatchObject({ status, code: expect.any(String) });
  expect((await app.inject({ url: '/livez' })).statusCode).toBe(200);
});

it('connections beyond the limit are closed at once', async () => {
  const { app } = await openApi();
  app.server.maxConnections = 2;
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const kept = [connect(Number(port), '127.0.0.1'), connect(Number(port), '127.0.0.1')];
  for (const socket of kept) await once(socket, 'connect');
  const refused = connect(Number(port), '127.0.0.1');
  await once(
    refused.resume().on('error', () => undefined),
    'close',
  );
  expect(kept.some((socket) => socket.destroyed)).toBe(false);
  for (const socket of kept) socket.destroy();
});

it('a member bounds its connections', async () => {
  const { app } = await openApi();
  expect(app.server.maxConnections).toBe(limits.apiConnections);
});
