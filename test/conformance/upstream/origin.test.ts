import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../agent/adapters/pieces/token-bucket.ts';
import { systemClock } from '../../../agent/adapters/system-clock.ts';
import { OriginFetcher } from '../../../agent/adapters/upstream/origin-fetcher.ts';
import { UpstreamClient } from '../../../agent/adapters/upstream/upstream-client.ts';
import { pieceCountOf, pieceRange } from '../../../agent/core/images/pieces.ts';
import type { FetchOrigin } from '../../../agent/ports/blobs.ts';
import type { Clock } from '../../../agent/ports/clock.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { PieceShelf } from '../../framework/piece-shelf.ts';
import { waitFor } from '../../framework/wait.ts';
import { digestOf, ScriptedRegistry, sendBlob } from './scripted-registry.ts';

const KiB = 1_024;
const PIECE = 256 * KiB;
const never = new AbortController().signal;
const LOGIN = { username: 'mila', password: 'a very secret word' };

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function registry(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const started = await ScriptedRegistry.start(answer);
  ends.push(() => started.stop());
  return started;
}

/** A host that fetches a blob of so many bytes from an upstream. */
function taker(sizeBytes: number, clock: Clock = systemClock) {
  const bytes = randomBytes(sizeBytes);
  const digest = digestOf(bytes);
  const upstream = new UpstreamClient({ clock });
  const shelf = new PieceShelf();
  shelf.open(digest, sizeBytes);
  const origin = new TokenBucket(clock, undefined);
  const fetcher = new OriginFetcher({ upstream, store: shelf, origin, clock });
  ends.push(() => upstream.close());
  const got = new Map<number, string>();
  const fetch = (from: ScriptedRegistry, pieces?: readonly number[], signal = never) => {
    const request: FetchOrigin = {
      digest,
      sizeBytes,
      access: { url: from.url, login: LOGIN },
      repository: 'library/nginx',
      pieces: pieces ?? Array.from({ length: pieceCountOf(sizeBytes) }, (_, n) => n),
    };
    return fetcher.fetchOrigin(request, (piece, sha256) => got.set(piece, sha256), signal);
  };
  const piece = (n: number) => bytes.subarray(pieceRange(sizeBytes, n).start, pieceRange(sizeBytes, n).end);
  return { bytes, digest, shelf, origin, fetcher, got, fetch, piece };
}

/** Passes time on until a promise has ended. */
async function inTime<T>(clock: VirtualClock, promise: Promise<T>): Promise<T | Error> {
  let end: { value: T | Error } | undefined;
  promise.then(
    (value) => {
      end = { value };
    },
    (error: Error) => {
      end = { value: error };
    },
  );
  const step = async () => {
    await clock.advance(1_000);
    return end;
  };
  return (await waitFor('the end', step)).value;
}

describe('a blob from its origin', () => {
  it('comes by one plain request, piece by piece with its hashes', async () => {
    const to = taker(3 * PIECE + 1_000);
    const hub = await registry((request, response) => sendBlob(request, response, to.bytes));
    await to.fetch(hub);
    expect(to.shelf.bytes(to.digest).equals(to.bytes)).toBe(true);
    expect([...to.got]).toEqual([0, 1, 2, 3].map((n) => [n, digestOf(to.piece(n)).slice('sha256:'.length)]));
    expect(hub.asked.map(({ method, path, range }) => ({ method, path, range }))).toEqual([
      { method: 'GET', path: `/v2/library/nginx/blobs/${to.digest}`, range: undefined },
    ]);
    expect(to.fetcher.stats.originBytes).toBe(to.bytes.length);
  });

  it('comes by one ranged request for each run of neighbours, and no other byte', async () => {
    const to = taker(6 * PIECE + 1);
    const hub = await registry((request, response) => sendBlob(request, response, to.bytes));
    await to.fetch(hub, [4, 5, 6, 1, 2]);
    expect(hub.ranges).toEqual([`bytes=${4 * PIECE}-${6 * PIECE}`, `bytes=${PIECE}-${3 * PIECE - 1}`]);
    expect(to.shelf.pieces(to.digest)).toEqual([1, 2, 4, 5, 6]);
    expect(to.fetcher.stats.originBytes).toBe(4 * PIECE + 1);
  });

  it('is not asked for when it is empty', async () => {
    const to = taker(0);
    const hub = await registry((request, response) => sendBlob(request, response, to.bytes));
    await to.fetch(hub);
    expect([...to.got.keys()]).toEqual([0]);
    expect(hub.asked).toEqual([]);
  });

  it('is taken up at the next missing piece when the connection breaks, as often as it takes', async () => {
    const clock = new VirtualClock();
    const to = taker(10 * PIECE, clock);
    const cutAfter = PIECE + 10_000;
    const hub = await registry((request, response) => sendBlob(request, response, to.bytes, { cutAfter }));
    expect(await inTime(clock, to.fetch(hub))).toBeUndefined();
    expect(to.shelf.bytes(to.digest).equals(to.bytes)).toBe(true);
    expect(hub.ranges).toEqual([
      undefined,
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `bytes=${n * PIECE}-${10 * PIECE - 1}`),
    ]);
    expect(to.got.size).toBe(10);
  });

  it('is given up after six attempts that brought nothing', async () => {
    const clock = new VirtualClock();
    const to = taker(2 * PIECE, clock);
    const hub = await registry((request, response) => sendBlob(request, response, to.bytes, { cutAfter: 1_000 }));
    expect(await inTime(clock, to.fetch(hub))).toMatchObject({ code: 'upstream-unavailable' });
    expect(hub.asked.length).toBe(6);
    expect(clock.pending).toBe(0);
  });

  it('comes from a registry that knows no ranges', async () => {
    const to = taker(5 * PIECE);
    const hub = await registry((request, response) => sendBlob(request, response, to.bytes, { knowsRange: false }));
    await to.fetch(hub, [2, 3]);
    expect(to.shelf.pieces(to.digest)).toEqual([2, 3]);
    expect(Buffer.concat([to.piece(2), to.piece(3)]).equals(to.shelf.bytes(to.digest))).toBe(true);
  });

  it.each([
    { status: 404, code: 'not-found' },
    { status: 403, code: 'upstream-denied' },
  ])('is not asked for again after $status', async ({ status, code }) => {
    const to = taker(PIECE);
    const hub = await registry((_request, response) => response.writeHead(status).end());
    await expect(to.fetch(hub)).rejects.toMatchObject({ code });
    expect(hub.asked.length).toBe(1);
  });

  it.each([
    { name: 'another size', head: { 'content-length': 10 }, status: 200 },
    { name: 'another range', head: { 'content-range': `bytes 0-9/${PIECE}`, 'content-length': 10 }, status: 206 },
    { name: 'a range of another blob', head: { 'content-range': `bytes ${PIECE}-${PIECE + 9}/99999999` }, status: 206 },
    { name: 'a compressed body', head: { 'content-encoding': 'gzip' }, status: 200 },
  ])('is refused with $name', async ({ head, status }) => {
    const clock = new VirtualClock();
    const to = taker(2 * PIECE, clock);
    const hub = await registry((_request, response) => response.writeHead(status, head).end('0123456789'));
    expect(await inTime(clock, to.fetch(hub, [1]))).toMatchObject({ code: 'upstream-unavailable' });
    expect(to.got.size).toBe(0);
  });

  it('comes from where the registry sends us, which does not see who we are', async () => {
    const to = taker(2 * PIECE);
    const cdn = await registry((request, response) => sendBlob(request, response, to.bytes));
    const hub = await registry((request, response) => {
      if (request.headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
      else response.writeHead(307, { location: `${cdn.url}/blobs/signed?x=1` }).end();
    });
    await to.fetch(hub);
    expect(to.got.size).toBe(2);
    expect(hub.asked.at(-1)?.authorization).toMatch(/^Basic /);
    expect(cdn.asked).toEqual([
      { method: 'GET', path: '/blobs/signed?x=1', range: undefined, authorization: undefined },
    ]);
  });

  it.each([
    { name: 'in a circle', location: (hub: string) => `${hub}/again` },
    { name: 'to a file', location: () => 'file:///etc/passwd' },
    { name: 'nowhere', location: () => 'http://' },
  ])('is given up when the registry sends us $name', async ({ location }) => {
    const clock = new VirtualClock();
    const to = taker(PIECE, clock);
    const hub: ScriptedRegistry = await registry((_request, response) =>
      response.writeHead(302, { location: location(hub.url) }).end(),
    );
    expect(await inTime(clock, to.fetch(hub))).toMatchObject({ code: 'upstream-unavailable' });
    expect(hub.asked.length).toBeLessThanOrEqual(36);
  });

  it('is taken up again when it falls silent or trickles', async () => {
    const clock = new VirtualClock();
    const to = taker(3 * PIECE, clock);
    const hub = await registry((request, response) => {
      if (request.headers.range !== undefined) return sendBlob(request, response, to.bytes);
      response.writeHead(200, { 'content-length': to.bytes.length }).write(to.bytes.subarray(0, PIECE + 1_000));
      let at = PIECE + 1_000;
      const stop = clock.every(2_000, () => response.write(to.bytes.subarray(at, ++at)));
      response.once('close', stop);
    });
    const got = to.fetch(hub);
    await waitFor('the first piece', () => to.got.size === 1);
    expect(await inTime(clock, got)).toBeUndefined();
    expect(hub.ranges).toEqual([undefined, `bytes=${PIECE}-${3 * PIECE - 1}`]);
    expect(to.shelf.bytes(to.digest).equals(to.bytes)).toBe(true);
  });

  it('keeps to the cap, and waiting for it is no stall', async () => {
    const clock = new VirtualClock();
    const to = taker(PIECE, clock);
    const hub = await registry((request, response) => sendBlob(request, response, to.bytes));
    to.origin.setRate(1_024);
    const got = to.fetch(hub);
    await waitFor('the fetch to wait for its turn', () => to.origin.waiting === 1);
    const before = to.fetcher.stats.originBytes;
    await clock.advance(10_000);
    expect(to.fetcher.stats.originBytes - before).toBeLessThanOrEqual(10 * 1_024 + 65_536);
    await clock.advance(100_000);
    to.origin.setRate(undefined);
    await got;
    expect(hub.asked.length).toBe(1);
  });

  it('ends at once when it is cancelled, also between two attempts', async () => {
    const clock = new VirtualClock();
    const to = taker(2 * PIECE, clock);
    const cut = await registry((request, response) => sendBlob(request, response, to.bytes, { cutAfter: PIECE + 1 }));
    const cancel = new AbortController();
    const got = to.fetch(cut, undefined, cancel.signal).catch((error: unknown) => error);
    await waitFor('the first piece', () => to.got.size === 1);
    await waitFor('the pause', () => clock.pending === 1);
    cancel.abort();
    expect(await got).toMatchObject({ code: 'cancelled' });
    const hung = await registry((_request, response) => {
      response.writeHead(200, { 'content-length': to.bytes.length }).write('x');
    });
    const again = new AbortController();
    const second = to.fetch(hung, undefined, again.signal).catch((error: unknown) => error);
    await waitFor('the request', () => hung.asked.length === 1);
    again.abort();
    expect(await second).toMatchObject({ code: 'cancelled' });
    expect(clock.pending).toBe(0);
  });

  it('ends when there is no room for it here', async () => {
    const to = taker(2 * PIECE);
    const hub = await registry((request, response) => sendBlob(request, response, to.bytes));
    to.shelf.isFull = true;
    await expect(to.fetch(hub)).rejects.toMatchObject({ code: 'not-stored' });
    expect(hub.asked.length).toBe(1);
  });
});
