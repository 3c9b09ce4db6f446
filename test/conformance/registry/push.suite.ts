import { describe, expect, it } from 'vitest';
import type { Digest } from '../../../protocol/digest.ts';
import {
  type Answer,
  digestOf,
  errorCode,
  locationOf,
  newRepository,
  type RegistryClient,
  randomBlob,
  withDigest,
} from './client.ts';

type Push = (client: RegistryClient, repository: string, bytes: Uint8Array, digest: Digest) => Promise<Answer>;

const chunkHeaders = (start: number, length: number) => ({
  'Content-Range': `${start}-${start + length - 1}`,
  'Content-Type': 'application/octet-stream',
});

/** The ways to push a blob of at least two bytes; the last answer of each. */
const ways: readonly { readonly name: string; readonly push: Push }[] = [
  {
    name: 'one POST',
    push: (client, repository, body, digest) =>
      client.ask('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body }),
  },
  {
    name: 'POST and PUT',
    push: async (client, repository, body, digest) =>
      client.ask('PUT', withDigest(await client.startUpload(repository), digest), { body }),
  },
  {
    name: 'a streamed PATCH',
    push: async (client, repository, bytes, digest) => {
      const halves = [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)];
      const sent = await client.ask('PATCH', await client.startUpload(repository), { body: halves });
      expect(sent.status).toBe(202);
      expect(sent.headers.range).toBe(`0-${bytes.length - 1}`);
      return await client.ask('PUT', withDigest(locationOf(sent), digest), { body: '' });
    },
  },
  {
    name: 'chunks',
    push: async (client, repository, bytes, digest) => {
      const half = Math.floor(bytes.length / 2);
      const [first, second] = [bytes.subarray(0, half), bytes.subarray(half)];
      const one = { headers: chunkHeaders(0, first.length), body: first };
      const sent = await client.ask('PATCH', await client.startUpload(repository), one);
      expect(sent.status).toBe(202);
      expect(sent.headers.range).toBe(`0-${half - 1}`);
      const two = { headers: chunkHeaders(half, second.length), body: second };
      const all = await client.ask('PATCH', locationOf(sent), two);
      expect(all.status).toBe(202);
      return await client.ask('PUT', withDigest(locationOf(all), digest));
    },
  },
  {
    name: 'chunks, the last one in the PUT',
    push: async (client, repository, bytes, digest) => {
      const half = Math.floor(bytes.length / 2);
      const [first, second] = [bytes.subarray(0, half), bytes.subarray(half)];
      const one = { headers: chunkHeaders(0, first.length), body: first };
      const sent = await client.ask('PATCH', await client.startUpload(repository), one);
      const two = { headers: chunkHeaders(half, second.length), body: second };
      return await client.ask('PUT', withDigest(locationOf(sent), digest), two);
    },
  },
];

export function pushSuite(clientOf: () => RegistryClient): void {
  describe.each(ways)('a blob pushed by $name', ({ push }) => {
    it('can be pulled', async () => {
      const [client, repository, bytes] = [clientOf(), newRepository(), randomBlob()];
      const answer = await push(client, repository, bytes, digestOf(bytes));
      expect(answer.status).toBe(201);
      const pulled = await client.ask('GET', locationOf(answer));
      expect(pulled.status).toBe(200);
      expect(pulled.body.equals(bytes)).toBe(true);
    });

    it('can have a sha512 digest', async () => {
      const [client, repository, bytes] = [clientOf(), newRepository(), randomBlob()];
      const digest = digestOf(bytes, 'sha512');
      expect((await push(client, repository, bytes, digest)).status).toBe(201);
      const pulled = await client.ask('GET', `/v2/${repository}/blobs/${digest}`);
      expect(pulled.body.equals(bytes)).toBe(true);
    });

    it('is not stored under a digest that it does not have', async () => {
      const [client, repository, bytes] = [clientOf(), newRepository(), randomBlob()];
      const wrong = digestOf(randomBlob());
      const answer = await push(client, repository, bytes, wrong);
      expect(answer.status).toBe(400);
      expect(errorCode(answer)).toBe('DIGEST_INVALID');
      for (const digest of [wrong, digestOf(bytes)]) {
        expect((await client.ask('HEAD', `/v2/${repository}/blobs/${digest}`)).status).toBe(404);
      }
    });
  });

  describe('an upload', () => {
    it('takes an empty blob', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const digest = await client.pushBlob(repository, new Uint8Array());
      const pulled = await client.ask('GET', `/v2/${repository}/blobs/${digest}`);
      expect([pulled.status, pulled.headers['content-length']]).toEqual([200, '0']);
    });

    it('says where it stands, also before it has a byte', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const begun = await client.ask('POST', `/v2/${repository}/blobs/uploads/`, { body: '' });
      expect([begun.status, begun.headers.range]).toEqual([202, '0-0']);
      expect(begun.headers['docker-upload-uuid']).toMatch(/./);
      expect((await client.ask('GET', locationOf(begun))).headers.range).toBe('0-0');
      await client.ask('PATCH', locationOf(begun), { body: randomBlob(10) });
      const status = await client.ask('GET', locationOf(begun));
      expect([status.status, status.headers.range]).toEqual([204, '0-9']);
      expect(locationOf(status)).toBe(locationOf(begun));
    });

    it('refuses a chunk out of order, says where it stands and goes on from there', async () => {
      const [client, repository, bytes] = [clientOf(), newRepository(), randomBlob(100)];
      const location = await client.startUpload(repository);
      const first = { headers: chunkHeaders(0, 40), body: bytes.subarray(0, 40) };
      await client.ask('PATCH', location, first);
      for (const start of [0, 39, 41, 60]) {
        const chunk = { headers: chunkHeaders(start, 40), body: bytes.subarray(start, start + 40) };
        const refused = await client.ask('PATCH', location, chunk);
        expect([refused.status, refused.headers.range, errorCode(refused)]).toEqual([
          416,
          '0-39',
          'BLOB_UPLOAD_INVALID',
        ]);
      }
      const last = { headers: chunkHeaders(40, 60), body: bytes.subarray(40) };
      expect((await client.ask('PUT', withDigest(location, digestOf(bytes)), last)).status).toBe(201);
    });

    it('is gone once it was cancelled', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const location = await client.startUpload(repository);
      await client.ask('PATCH', location, { body: randomBlob(10) });
      expect((await client.ask('DELETE', location)).status).toBe(204);
      for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
        const after = await client.ask(method, withDigest(location, digestOf('')));
        expect(after.status, method).toBe(404);
      }
      expect(errorCode(await client.ask('GET', location))).toBe('BLOB_UPLOAD_UNKNOWN');
    });

    it('is unknown in any other repository', async () => {
      const client = clientOf();
      const [mine, other, bytes] = [newRepository(), newRepository(), randomBlob(10)];
      const location = await client.startUpload(mine);
      const elsewhere = location.replace(mine, other);
      for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
        const answer = await client.ask(method, withDigest(elsewhere, digestOf(bytes)), { body: bytes });
        expect(answer.status, method).toBe(404);
      }
      expect((await client.ask('PUT', withDigest(location, digestOf(bytes)), { body: bytes })).status).toBe(201);
    });

    it('needs a digest at its end', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const location = await client.startUpload(repository);
      for (const query of ['', '?digest=', '?digest=sha256:abc', `?digest=md5:${'0'.repeat(64)}`]) {
        const answer = await client.ask('PUT', `${location}${query}`, { body: '' });
        expect([answer.status, errorCode(answer)], query).toEqual([400, 'DIGEST_INVALID']);
      }
    });

    it('can go on beside others', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const blobs = Array.from({ length: 8 }, (_, i) => randomBlob(50_000 + i));
      const digests = await Promise.all(blobs.map((bytes) => client.pushBlob(repository, bytes)));
      expect(digests).toEqual(blobs.map((bytes) => digestOf(bytes)));
      const same = randomBlob(50_000);
      await Promise.all([1, 2, 3].map(() => client.pushBlob(repository, same)));
      const pulled = await client.ask('GET', `/v2/${repository}/blobs/${digestOf(same)}`);
      expect(pulled.body.equals(same)).toBe(true);
    });
  });

  describe('a mount', () => {
    it('brings a blob from another repository, or from anywhere when none is named', async () => {
      const client = clientOf();
      const [from, to, anonymous, bytes] = [newRepository(), newRepository(), newRepository(), randomBlob()];
      const digest = await client.pushBlob(from, bytes);
      const mounted = await client.ask('POST', `/v2/${to}/blobs/uploads/?mount=${digest}&from=${from}`);
      expect([mounted.status, mounted.headers['docker-content-digest']]).toEqual([201, digest]);
      expect((await client.ask('GET', locationOf(mounted))).body.equals(bytes)).toBe(true);
      const free = await client.ask('POST', `/v2/${anonymous}/blobs/uploads/?mount=${digest}`);
      expect([201, 202]).toContain(free.status);
    });

    it('of a blob that is not there begins an upload', async () => {
      const [client, repository, bytes] = [clientOf(), newRepository(), randomBlob()];
      const path = `/v2/${repository}/blobs/uploads/?mount=${digestOf(bytes)}&from=${newRepository()}`;
      const begun = await client.ask('POST', path);
      expect(begun.status).toBe(202);
      const put = await client.ask('PUT', withDigest(locationOf(begun), digestOf(bytes)), { body: bytes });
      expect(put.status).toBe(201);
    });
  });
}
