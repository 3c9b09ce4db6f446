import { beforeAll, describe, expect, it } from 'vitest';
import { digestOf, errorCode, newRepository, type RegistryClient, randomBlob } from './client.ts';

export function pullSuite(clientOf: () => RegistryClient): void {
  describe('a blob', () => {
    const repository = newRepository();
    const bytes = randomBlob(300_000);
    const path = `/v2/${repository}/blobs/${digestOf(bytes)}`;
    const size = bytes.length;
    beforeAll(async () => {
      await clientOf().pushBlob(repository, bytes);
    });

    it('comes with its size and digest, and HEAD says the same without it', async () => {
      const get = await clientOf().ask('GET', path);
      expect(get.status).toBe(200);
      expect(get.body.equals(bytes)).toBe(true);
      expect(get.headers).toMatchObject({
        'content-length': String(size),
        'docker-content-digest': digestOf(bytes),
        'accept-ranges': 'bytes',
      });
      const head = await clientOf().ask('HEAD', path);
      expect([head.status, head.body.length]).toEqual([200, 0]);
      for (const name of ['content-length', 'docker-content-digest', 'content-type', 'etag']) {
        expect(head.headers[name], name).toBe(get.headers[name]);
      }
    });

    it.each([
      { range: 'bytes=0-0', start: 0, end: 1 },
      { range: 'bytes=100-199', start: 100, end: 200 },
      { range: 'bytes=262143-262145', start: 262_143, end: 262_146 },
      { range: 'bytes=299000-', start: 299_000, end: size },
      { range: 'bytes=299999-999999999', start: 299_999, end: size },
      { range: 'bytes=-1', start: size - 1, end: size },
      { range: 'bytes=-999999999', start: 0, end: size },
    ])('gives $range of it', async ({ range, start, end }) => {
      const part = await clientOf().ask('GET', path, { headers: { Range: range } });
      expect(part.status).toBe(206);
      expect(part.headers['content-range']).toBe(`bytes ${start}-${end - 1}/${size}`);
      expect(part.headers['content-length']).toBe(String(end - start));
      expect(part.body.equals(bytes.subarray(start, end))).toBe(true);
    });

    it('has nothing behind its end', async () => {
      for (const range of ['bytes=300000-', 'bytes=400000-500000', 'bytes=-0']) {
        const answer = await clientOf().ask('GET', path, { headers: { Range: range } });
        expect([answer.status, answer.headers['content-range']], range).toEqual([416, `bytes */${size}`]);
      }
    });

    it('comes whole when the range says nothing', async () => {
      for (const range of ['bytes=5-3', 'bytes=a-b', 'lines=1-2', 'bytes=', 'bytes=-', 'bytes=1-2,4-5']) {
        const answer = await clientOf().ask('GET', path, { headers: { Range: range } });
        expect([answer.status, answer.body.length], range).toEqual([200, size]);
      }
    });

    it('comes whole when it is another one than the client began with', async () => {
      const headers = { Range: 'bytes=5-', 'If-Range': `"${digestOf('another')}"` };
      expect((await clientOf().ask('GET', path, { headers })).status).toBe(200);
    });
  });

  describe('a blob that is not there', () => {
    it('is unknown', async () => {
      const path = `/v2/${newRepository()}/blobs/${digestOf(randomBlob())}`;
      const get = await clientOf().ask('GET', path);
      expect([get.status, errorCode(get)]).toEqual([404, 'BLOB_UNKNOWN']);
      const head = await clientOf().ask('HEAD', path);
      expect([head.status, head.body.length]).toEqual([404, 0]);
    });

    it('is what it is after it was deleted', async () => {
      const [client, repository, bytes] = [clientOf(), newRepository(), randomBlob()];
      const path = `/v2/${repository}/blobs/${await client.pushBlob(repository, bytes)}`;
      expect((await client.ask('DELETE', path)).status).toBe(202);
      expect((await client.ask('GET', path)).status).toBe(404);
      expect((await client.ask('DELETE', path)).status).toBe(404);
    });
  });
}
