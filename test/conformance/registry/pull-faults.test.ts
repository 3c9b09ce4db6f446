import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pieceCountOf, pieceRange } from '../../../agent/core/images/pieces.ts';
import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { waitFor } from '../../framework/wait.ts';
import { digestOf, errorCode, jsonOf, randomBlob } from './client.ts';
import { type MemoryWorld, memoryWorld } from './world.ts';

const MiB = 1024 * 1024;
const STALL_MS = 60_000;

let world: MemoryWorld;
beforeEach(async () => {
  world = await memoryWorld();
});
afterEach(() => world.dispose());

const pathOf = (digest: Digest): string => `/v2/docker.io/library/app/blobs/${digest}`;

/** A blob of which nothing is here yet, and the way to bring its pieces. */
async function arriving(sizeBytes: number) {
  const bytes = randomBlob(sizeBytes);
  const digest = digestOf(bytes);
  await world.store.open(digest, sizeBytes);
  const put = async (piece: number): Promise<void> => {
    const { start, end } = pieceRange(sizeBytes, piece);
    const slice = bytes.subarray(start, end);
    await world.store.putPiece(digest, piece, slice, createHash('sha256').update(slice).digest('hex'));
    if (piece === pieceCountOf(sizeBytes) - 1) await world.store.complete(digest);
  };
  return { bytes, digest, put };
}

/** A GET whose answer has begun: what came so far, and whether the connection was cut. */
async function begun(path: string, headers = {}) {
  const request = world.client.open('GET', path, headers).end();
  const [response]: [IncomingMessage] = await (once(request, 'response') as Promise<[IncomingMessage]>);
  const got = { bytes: Buffer.alloc(0), isCut: false, isWhole: false, response, request };
  response.on('data', (chunk: Buffer) => {
    got.bytes = Buffer.concat([got.bytes, chunk]);
  });
  response.on('end', () => {
    got.isWhole = response.complete;
  });
  response.on('error', () => {
    got.isCut = true;
  });
  return got;
}

describe('a blob that is still arriving', () => {
  it('is answered with its size and its first bytes, and given as it comes however slowly', async () => {
    const { bytes, digest, put } = await arriving(700_000);
    await put(0);
    const got = await begun(pathOf(digest));
    expect(got.response.headers).toMatchObject({ 'content-length': '700000', 'docker-content-digest': digest });
    for (const piece of [1, 2]) {
      await world.clock.advance(STALL_MS - 10_000);
      await put(piece);
      const { end } = pieceRange(700_000, piece);
      await waitFor('the piece', () => got.bytes.length === end);
    }
    await waitFor('the end', () => got.isWhole);
    expect(got.bytes.equals(bytes)).toBe(true);
  });

  it('ends the connection when nothing comes any more, and goes on from there', async () => {
    const { bytes, digest, put } = await arriving(700_000);
    await put(0);
    const got = await begun(pathOf(digest));
    await waitFor('the first piece', () => got.bytes.length === 262_144);
    await waitFor('the cut', async () => {
      await world.clock.advance(STALL_MS / 4);
      return got.isCut;
    });
    await waitFor('the end of the wish', () => world.backend.wanted === 0);
    const rest = begun(pathOf(digest), { Range: 'bytes=262144-' });
    await put(1);
    await put(2);
    const resumed = await rest;
    await waitFor('the rest', () => resumed.isWhole);
    expect(resumed.response.statusCode).toBe(206);
    expect(Buffer.concat([got.bytes, resumed.bytes]).equals(bytes)).toBe(true);
    expect(world.errors).toEqual([]);
  });

  it('cuts the connection when it cannot be brought', async () => {
    const { digest, put } = await arriving(700_000);
    await put(0);
    const got = await begun(pathOf(digest));
    await waitFor('the first piece', () => got.bytes.length === 262_144);
    world.store.fail(digest, new ShoalError('upstream-unavailable', 'The origin is gone.'));
    await waitFor('the cut', () => got.isCut);
    expect(got.isWhole).toBe(false);
  });
});

describe('a blob of which nothing ever comes', () => {
  it.each([
    { error: 'upstream-denied', status: 403 },
    { error: 'image-not-found', status: 422 },
    { error: 'upstream-unavailable', status: 503 },
    { error: 'not-stored', status: 409 },
  ] as const)('is answered with the reason: $error', async ({ error, status }) => {
    const { digest } = await arriving(700_000);
    const asked = world.client.ask('GET', pathOf(digest));
    await waitFor('the wish', () => world.backend.wanted === 1);
    world.store.fail(digest, new ShoalError(error, 'The origin \u2014 is gone.'));
    const answer = await asked;
    expect(answer.status).toBe(status);
    expect(jsonOf(answer)).toMatchObject({ errors: [{ message: 'The origin \u2014 is gone.' }] });
    // Engines print the line of a 5xx, and the body of a 4xx.
    if (status >= 500) expect(answer.reason).toBe('The origin is gone.');
  });
});

describe('a client', () => {
  it('that goes away ends what was done for it', async () => {
    const { digest, put } = await arriving(700_000);
    await put(0);
    const got = await begun(pathOf(digest));
    expect(world.backend.wanted).toBe(1);
    got.request.destroy();
    await waitFor('the end of the wish', () => world.backend.wanted === 0);
    expect(world.errors).toEqual([]);
  });

  it('that does not take its blob is cut off', async () => {
    const digest = await world.store.write(randomBlob(64 * MiB));
    const request = world.client.open('GET', pathOf(digest)).end();
    await once(request, 'response');
    await waitFor('the cut', async () => {
      await world.clock.advance(STALL_MS / 4);
      return world.backend.wanted === 0;
    });
    request.destroy();
  });

  it('gets an answer in the end when the mesh gives none', async () => {
    for (const method of ['wantBlob', 'resolve'] as const) world.backend.hangAt(method);
    for (const path of [pathOf(digestOf('x')), '/v2/app/manifests/latest']) {
      const asked = world.client.ask('GET', path);
      let answer: Awaited<typeof asked> | undefined;
      void asked.then((given) => {
        answer = given;
      });
      const late = await waitFor('an answer', async () => {
        await world.clock.advance(STALL_MS / 4);
        return answer;
      });
      expect([late.status, errorCode(late)]).toEqual([503, 'UNKNOWN']);
    }
    expect(world.errors).toEqual([]);
  });
});

describe('a fault of the mesh', () => {
  const manifest = { method: 'resolve', path: '/v2/app/manifests/latest' } as const;
  const blob = { method: 'wantBlob', path: pathOf(digestOf('x')) } as const;
  const tags = { method: 'tags', path: '/v2/app/tags/list' } as const;

  it.each([
    { ...manifest, error: 'not-found', status: 404, code: 'MANIFEST_UNKNOWN' },
    { ...manifest, error: 'upstream-denied', status: 403, code: 'DENIED' },
    { ...manifest, error: 'forbidden', status: 403, code: 'DENIED' },
    { ...manifest, error: 'upstream-unavailable', status: 503, code: 'UNKNOWN' },
    { ...manifest, error: 'timeout', status: 503, code: 'UNKNOWN' },
    { ...blob, error: 'not-found', status: 404, code: 'BLOB_UNKNOWN' },
    { ...blob, error: 'not-ready', status: 503, code: 'UNKNOWN' },
    { ...blob, error: 'not-stored', status: 409, code: 'UNSUPPORTED' },
    { ...blob, error: 'rate-limited', status: 503, code: 'UNKNOWN' },
    { ...tags, error: 'not-found', status: 404, code: 'NAME_UNKNOWN' },
  ] as const)('$error is $status $code at $path', async ({ method, path, error, status, code }) => {
    world.backend.failAt(method, new ShoalError(error, 'What went wrong.'));
    const answer = await world.client.ask('GET', path);
    expect([answer.status, errorCode(answer)]).toEqual([status, code]);
    expect(jsonOf(answer)).toMatchObject({ errors: [{ message: 'What went wrong.' }] });
    expect(world.errors).toEqual([]);
  });

  it('that nobody expected is logged and not told', async () => {
    world.backend.failAt('resolve', new TypeError('secret'));
    const answer = await world.client.ask('GET', manifest.path);
    expect([answer.status, errorCode(answer)]).toEqual([500, 'UNKNOWN']);
    expect(answer.body.toString()).not.toContain('secret');
    expect(world.errors).toHaveLength(1);
  });
});

describe('close', () => {
  it('ends listeners, connections and all that waits', async () => {
    const { digest, put } = await arriving(700_000);
    await put(0);
    const got = await begun(pathOf(digest));
    const before = world.registry.addresses().length;
    await world.registry.close();
    await waitFor('the cut', () => got.isCut && world.backend.wanted === 0);
    expect([before, world.registry.addresses().length]).toEqual([1, 0]);
    await expect(world.client.ask('GET', '/v2/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
