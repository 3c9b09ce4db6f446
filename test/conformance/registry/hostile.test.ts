import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../framework/wait.ts';
import { errorCode, newImage, OCI_MANIFEST } from './client.ts';
import { type MemoryWorld, memoryWorld } from './world.ts';

let world: MemoryWorld;
beforeEach(async () => {
  world = await memoryWorld();
});
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.dispose();
});

const STALL_MS = 60_000;
const EXCHANGES_MAX = 2_048;
const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('what is no name', () => {
  it.each([
    '..',
    '../..',
    'a/../b',
    'a//b',
    '/a',
    'a/',
    '.',
    'a/./b',
    'Team/app',
    'team/App',
    'a_/b',
    '-a',
    'a%20b',
    '%2e%2e',
    'a%2fb',
    'a%5cb',
    'a%00b',
    'a%',
    'a%zz',
    '%c3%28',
    '%c3%bc',
    'a:b',
    'a@b',
    'x'.repeat(181),
    `${'a/'.repeat(100)}b`,
    'docker.io/../a',
    'host:port/a',
    'host:5000',
    '_catalog/x',
  ])('is refused: %s', async (name) => {
    for (const rest of ['tags/list', 'manifests/latest', `blobs/${DIGEST}`, `referrers/${DIGEST}`]) {
      const answer = await world.client.ask('GET', `/v2/${name}/${rest}`);
      expect([answer.status, errorCode(answer)], rest).toEqual([400, 'NAME_INVALID']);
    }
    expect(world.backend.calls).toEqual([]);
  });

  it('is refused in what a name is put in front of', async () => {
    for (const ns of ['', 'a/b', 'docker.io/x', '..', 'nodots', 'docker.io&ns=ghcr.io', 'a.b:x', '%00.a']) {
      const answer = await world.client.ask('GET', `/v2/library/app/manifests/latest?ns=${ns}`);
      expect([answer.status, errorCode(answer)], ns).toEqual([400, 'NAME_INVALID']);
    }
    expect(world.backend.calls).toEqual([]);
  });
});

describe('what is no digest', () => {
  it.each([
    'sha256:',
    'sha256:abc',
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'a'.repeat(65)}`,
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'g'.repeat(64)}`,
    `sha512:${'a'.repeat(64)}`,
    `sha384:${'a'.repeat(96)}`,
    `md5:${'a'.repeat(32)}`,
    `:${'a'.repeat(64)}`,
    `__proto__:${'a'.repeat(64)}`,
    `sha256:${'a'.repeat(62)}%0a`,
  ])('is refused: %s', async (digest) => {
    for (const place of ['blobs', 'manifests', 'referrers']) {
      const answer = await world.client.ask('GET', `/v2/team/app/${place}/${digest}`);
      expect([answer.status, errorCode(answer)], place).toEqual([400, 'DIGEST_INVALID']);
    }
    expect(world.backend.calls).toEqual([]);
  });
});

describe('a path that is none', () => {
  it.each([
    '/',
    '/v1/',
    '/v2x',
    '/v2/x',
    '/v2/team/app',
    '/v2/team/app/x/y',
    '/v2/tags/list',
    '//v2/',
    '*',
    'http://a/v2/',
  ])('is answered with an error that engines can read: %s', async (path) => {
    const answer = await world.client.ask('GET', path);
    expect(errorCode(answer)).toBeDefined();
    expect([400, 404]).toContain(answer.status);
  });

  it('is refused when it is too long', async () => {
    const answer = await world.client.ask('GET', `/v2/a/tags/list?last=${'x'.repeat(5_000)}`);
    expect([answer.status, errorCode(answer)]).toEqual([414, 'UNSUPPORTED']);
  });

  it('says what can be done when the method is wrong', async () => {
    for (const [path, allow] of [
      ['/v2/', 'GET, HEAD'],
      ['/v2/a/tags/list', 'GET, HEAD'],
      ['/v2/a/manifests/b', 'GET, HEAD, PUT, DELETE'],
      [`/v2/a/blobs/${DIGEST}`, 'GET, HEAD, DELETE'],
      ['/v2/a/blobs/uploads/', 'POST'],
    ] as const) {
      const answer = await world.client.ask('PATCH', path);
      expect([answer.status, answer.headers.allow, errorCode(answer)], path).toEqual([405, allow, 'UNSUPPORTED']);
    }
  });
});

describe('a body', () => {
  it('of a manifest needs a media type that is one', async () => {
    const { bytes } = await newImage(world.client, 'team/app');
    for (const type of ['', 'x', 'a/b/c', 'application/vnd.ü', `${'x'.repeat(200)}/y`, '../..']) {
      const headers = { 'Content-Type': Buffer.from(type).toString('latin1') };
      const put = await world.client.ask('PUT', '/v2/team/app/manifests/v1', { headers, body: bytes });
      expect([put.status, errorCode(put)], type).toEqual([400, 'MANIFEST_INVALID']);
    }
    const headers = { 'Content-Type': `${OCI_MANIFEST}; charset=utf-8` };
    const put = await world.client.ask('PUT', '/v2/team/app/manifests/v1', { headers, body: bytes });
    expect(put.status).toBe(201);
    expect((await world.client.ask('HEAD', '/v2/team/app/manifests/v1')).headers['content-type']).toBe(OCI_MANIFEST);
  });

  it('of broken chunks is refused and nothing is left', async () => {
    const path = await world.client.startUpload('team/app');
    const head = `PATCH ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`;
    for (const body of ['zz\r\nabc\r\n', '5\r\nabcdefgh\r\n', '-1\r\n', 'ffffffffffffffffff\r\na']) {
      expect((await world.client.raw(`${head}${body}`)).text, body).toMatch(/^HTTP\/1\.1 400 [\s\S]*"UNSUPPORTED"/);
    }
  });

  it('with two lengths is refused', async () => {
    const head = 'POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: a\r\n';
    const lengths = ['Content-Length: 3\r\nTransfer-Encoding: chunked', 'Content-Length: 3\r\nContent-Length: 4'];
    for (const length of [...lengths, 'Content-Length: -1', 'Content-Length: 1e9']) {
      expect((await world.client.raw(`${head}${length}\r\n\r\n0\r\n\r\n`)).text, length).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect(world.backend.calls).toEqual([]);
  });
});

describe('a connection', () => {
  it('that does not speak HTTP is closed with an error', async () => {
    expect((await world.client.raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')).text).toMatch(/^HTTP\/1\.1 400 /);
    const headers = `GET /v2/ HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect((await world.client.raw(headers)).text).toMatch(/^HTTP\/1\.1 431 [\s\S]*"UNSUPPORTED"/);
  });

  it('gets no more in a blob than the blob, whatever it sends meanwhile', async () => {
    const digest = await world.store.write(new Uint8Array(8_000_000).fill(120));
    const get = `GET /v2/a/blobs/${digest} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const { text } = await world.client.raw(`${get}\x00garbage\r\n\r\n`);
    expect(text.match(/HTTP\/1\.1/g) ?? []).not.toHaveLength(2);
  });

  it('may send requests ahead of the answers, but only so many are worked at', async () => {
    world.backend.hangAt('wantBlob');
    const get = `GET /v2/a/blobs/${DIGEST} HTTP/1.1\r\nHost: a\r\n`;
    let isOver = false;
    void world.client.raw(`${get}\r\n`.repeat(3_000)).then(() => {
      isOver = true;
    });
    await waitFor('the end of the connection', async () => {
      await world.clock.advance(STALL_MS / 4);
      return isOver && world.backend.wanted === 0;
    });
    expect(world.backend.wantedMost).toBeLessThanOrEqual(EXCHANGES_MAX);
    expect((await world.client.ask('GET', '/v2/')).status).toBe(200);
  });
});
