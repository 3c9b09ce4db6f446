import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ShellPlatform } from '../../../agent/services/platform.ts';
import { framed } from '../../../agent/services/shell/frame-stream.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { LogEntry } from '../../../protocol/schemas/logs.ts';
import { encodeShellFrame } from '../../../protocol/shell-frames.ts';
import { deploy, openApi } from './api-fixture.ts';

const line: LogEntry = {
  type: 'line',
  containerId: 'ct_01K00000000000000000000000' as LogEntry['containerId'],
  container: 'web-shop-0-aaaa',
  hostName: 'h1',
  replica: 0,
  at: '2026-01-01T00:00:00.000000001Z',
  stream: 'stdout',
  text: '<b>\u001b[31m',
};
const logsUrl = '/v1/groups/web/apps/shop/logs';
const ticket = 'a'.repeat(32);
const streamUrl = `/v1/containers/ct_1/shells/sh_01K00000000000000000000000/stream?ticket=${ticket}`;

async function opened() {
  const api = await openApi();
  await api.ask({ method: 'PUT', url: '/v1/groups/web', payload: {} });
  await deploy(api.ask);
  api.platform.logEntries.push(line);
  return api;
}

describe('logs', () => {
  it('are lines of JSON, and events of a stream when they are followed', async () => {
    const { ask } = await opened();
    const read = await ask({ url: `${logsUrl}?tail=5&replica=0` });
    expect([read.statusCode, read.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    expect(read.body).toBe(`${JSON.stringify(line)}\n`);
    const followed = await ask({ url: `${logsUrl}?follow=true` });
    expect(followed.headers['content-type']).toBe('text/event-stream');
    expect(followed.body).toContain(`event: line\ndata: ${JSON.stringify(line)}\n\n`);
    expect(followed.body).toMatch(/event: end\ndata: {}\n\n$/);
  });

  it.each(['tail=-1', 'tail=999999999', 'since=yesterday', 'follow=maybe', 'stream=both', 'grep=', 'what=1'])(
    'refuse %s with the field',
    async (query) => {
      const { ask } = await opened();
      const answer = await ask({ url: `${logsUrl}?${query}` });
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid-request']);
      expect(answer.json().errors).toHaveLength(1);
    },
  );

  it('of what is not there are not found', async () => {
    const { ask } = await opened();
    for (const url of ['/v1/groups/web/apps/none/logs', '/v1/containers/none/logs']) {
      expect((await ask({ url })).statusCode).toBe(404);
    }
  });
});

describe('the socket of a shell', () => {
  it('passes frames on, one message each', async () => {
    const { app, platform } = await opened();
    const [near, far] = duplexPair();
    platform.shells = { attach: async () => near } as unknown as ShellPlatform;
    const socket = await app.injectWS(streamUrl);
    const got = new Promise<Buffer>((resolve) => socket.once('message', resolve));
    far.write(framed(encodeShellFrame({ type: 'exit', code: 7 })));
    expect(await got).toEqual(Buffer.from(encodeShellFrame({ type: 'exit', code: 7 })));
    const sent = new Promise<Buffer>((resolve) => far.once('data', resolve));
    socket.send(encodeShellFrame({ type: 'inputEnd' }));
    expect(await sent).toEqual(Buffer.from([0, 0, 0, 1]));
    socket.terminate();
  });

  it.each([
    ['a ticket that is not good', streamUrl, {}, 403],
    ['a page of another site', streamUrl, { origin: 'https://evil.example', host: 'h1:7420' }, 403],
    ['no ticket', streamUrl.replace(/\?.*/, ''), {}, 400],
  ])('is not opened for %s', async (_, url, headers, status) => {
    const { app, platform } = await opened();
    platform.shells = {
      attach: async () => {
        throw new ShoalError('forbidden', 'The ticket is not valid.');
      },
    } as unknown as ShellPlatform;
    await expect(app.injectWS(url, { headers })).rejects.toThrow(String(status));
  });

  it('is nothing for a request that asks for no upgrade, and leaves its ticket unused', async () => {
    const { app } = await opened();
    expect((await app.inject({ url: streamUrl })).statusCode).toBe(400);
  });
});
