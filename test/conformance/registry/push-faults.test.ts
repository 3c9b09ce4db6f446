import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { waitFor } from '../../framework/wait.ts';
import { answerTo, digestOf, errorCode, newImage, randomBlob, withDigest } from './client.ts';
import { type MemoryWorld, memoryWorld } from './world.ts';

const IDLE_MS = 60_000;

let world: MemoryWorld;
beforeEach(async () => {
  world = await memoryWorld();
});
afterEach(() => world.dispose());

const rangeOf = async (location: string) => (await world.client.ask('GET', location)).headers.range;

/** A PATCH that has sent these bytes and is not at its end. */
async function half(location: string, bytes: Uint8Array) {
  const request = world.client.open('PATCH', location, { 'Transfer-Encoding': 'chunked' });
  await new Promise<void>((resolve) => request.write(bytes, () => resolve()));
  return request;
}

describe('an upload', () => {
  it('goes on where it was after its client went away', async () => {
    const bytes = randomBlob(3_000_000);
    const location = await world.client.startUpload('team/app');
    const request = await half(location, bytes.subarray(0, 2_000_000));
    request.destroy();
    const resumed = await waitFor('the upload to be free again', async () => {
      const offset = world.store.upload(location.split('/').at(-1) ?? '')?.offsetBytes ?? 0;
      const headers = { 'Content-Range': `${offset}-${bytes.length - 1}` };
      const answer = await world.client.ask('PATCH', location, { headers, body: bytes.subarray(offset) });
      return answer.status === 202 ? answer : undefined;
    });
    expect(resumed.headers.range).toBe('0-2999999');
    const put = await world.client.ask('PUT', withDigest(location, digestOf(bytes)), { body: '' });
    expect(put.status).toBe(201);
    expect(world.errors).toEqual([]);
  });

  it('whose body stops coming loses its connection, not what it has', async () => {
    const location = await world.client.startUpload('team/app');
    const request = await half(location, randomBlob(10));
    let isCut = false;
    request.on('close', () => {
      isCut = true;
    });
    await waitFor('the cut', async () => {
      await world.clock.advance(IDLE_MS / 4);
      return isCut;
    });
    await waitFor('the bytes', async () => (await rangeOf(location)) === '0-9');
  });

  it('takes one request at a time', async () => {
    const location = await world.client.startUpload('team/app');
    const request = await half(location, randomBlob(10));
    const second = await waitFor('the first to be under way', async () => {
      const answer = await world.client.ask('PATCH', location, { body: '' });
      return answer.status === 202 ? undefined : answer;
    });
    expect([second.status, errorCode(second)]).toEqual([409, 'BLOB_UPLOAD_INVALID']);
    const answered = answerTo(request);
    request.end();
    expect((await answered).headers.range).toBe('0-9');
  });

  it.each([
    { name: 'longer', range: '0-9', bytes: 11 },
    { name: 'shorter', range: '0-9', bytes: 9 },
  ])('is given up when its body is $name than it said', async ({ range, bytes }) => {
    const location = await world.client.startUpload('team/app');
    const chunk = { headers: { 'Content-Range': range }, body: [randomBlob(bytes)] };
    const answer = await world.client.ask('PATCH', location, chunk);
    expect([answer.status, errorCode(answer)]).toEqual([400, 'SIZE_INVALID']);
    expect((await world.client.ask('GET', location)).status).toBe(404);
  });

  it('is not touched by a Content-Range that is none', async () => {
    const location = await world.client.startUpload('team/app');
    for (const range of ['x', '5', '9-0', '-1-5', '0-1e3', `0-${'9'.repeat(40)}`, 'bytes 0-9/5/5', '']) {
      const chunk = { headers: { 'Content-Range': range }, body: randomBlob(10) };
      const answer = await world.client.ask('PATCH', location, chunk);
      expect([answer.status, errorCode(answer)], range).toEqual([400, 'BLOB_UPLOAD_INVALID']);
    }
    expect(await rangeOf(location)).toBe('0-0');
  });

  it('that is too large is refused before it comes', async () => {
    const location = await world.client.startUpload('team/app');
    const request = world.client.open('PATCH', location, { 'Content-Length': limits.blobBytes + 1 });
    request.flushHeaders();
    const answer = await answerTo(request);
    expect([answer.status, errorCode(answer)]).toEqual([413, 'SIZE_INVALID']);
    request.destroy();
  });

  it('that is one too many is told to come later, never to give up', async () => {
    const refused = await waitFor('a refusal', async () => {
      const answer = await world.client.ask('POST', '/v2/team/app/blobs/uploads/');
      return answer.status === 202 ? undefined : answer;
    });
    expect([refused.status, errorCode(refused)]).toEqual([503, 'UNKNOWN']);
  });
});

describe('a push', () => {
  it('that the quota has no room for is denied before, and at the end when its size was not known', async () => {
    world.backend.quotaBytes = 100;
    const path = '/v2/team/app/blobs/uploads/';
    const whole = await world.client.ask('POST', `${path}?digest=${digestOf('x')}`, { body: randomBlob(101) });
    expect([whole.status, errorCode(whole)]).toEqual([403, 'DENIED']);
    const bytes = randomBlob(101);
    const location = await world.client.startUpload('team/app');
    await world.client.ask('PATCH', location, { body: [bytes] });
    const put = await world.client.ask('PUT', withDigest(location, digestOf(bytes)), { body: '' });
    expect([put.status, errorCode(put)]).toEqual([403, 'DENIED']);
    expect(world.store.list()).toEqual([]);
    expect((await world.client.ask('GET', location)).status).toBe(404);
  });

  it('to another registry is denied', async () => {
    const answer = await world.client.ask('POST', '/v2/docker.io/library/app/blobs/uploads/');
    expect([answer.status, errorCode(answer)]).toEqual([403, 'DENIED']);
    const image = await newImage(world.client, 'team/app');
    const put = await world.client.pushManifest('ghcr.io/team/app', 'v1', image);
    expect([put.status, errorCode(put)]).toEqual([403, 'DENIED']);
  });

  it('is done only once other hosts have it', async () => {
    world.backend.failAt('uploaded', new ShoalError('not-replicated', 'No second host has it.'));
    const bytes = randomBlob();
    const path = `/v2/team/app/blobs/uploads/?digest=${digestOf(bytes)}`;
    const answer = await world.client.ask('POST', path, { body: bytes });
    expect([answer.status, errorCode(answer)]).toEqual([503, 'UNKNOWN']);
    world.backend.failAt('uploaded', undefined);
    expect((await world.client.ask('POST', path, { body: bytes })).status).toBe(201);
  });

  it('that was refused can read why after it has sent everything', async () => {
    world.backend.quotaBytes = 100;
    const length = 30_000_000;
    const head = `POST /v2/a/blobs/uploads/?digest=${digestOf('x')} HTTP/1.1\r\nHost: a\r\nConnection: close`;
    const { text, wasReset } = await world.client.raw(
      `${head}\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 403 [\s\S]*"DENIED"/);
    expect(wasReset).toBe(false);
  });

  it('that was refused leaves the connection of use', async () => {
    world.backend.quotaBytes = 100;
    const { port } = new URL(world.baseUrl);
    const body = 'x'.repeat(200);
    const post = `POST /v2/a/blobs/uploads/?digest=${digestOf('x')} HTTP/1.1\r\nHost: a:${port}\r\nContent-Length: 200\r\n\r\n`;
    const get = 'GET /v2/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const { text } = await world.client.raw(`${post}${body}${get}`);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 403', 'HTTP/1.1 200']);
  });
});
