import type { AddressInfo, Server } from 'node:net';
import { createServer, connect as tcpConnect } from 'node:net';
import { connect, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { waitFor } from '../../framework/wait.ts';
import { ask, type Blob, type Host, introduce, randomBlob, World } from './world.ts';

const MiB = 1_048_576;
const never = new AbortController().signal;

let world: World;
const servers: Server[] = [];
beforeEach(() => {
  world = new World();
});
afterEach(async () => {
  await world.close();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** What comes back on a raw TLS connection until it is closed. */
function talk(port: number, says: string, as?: Host): Promise<string> {
  const credentials = as === undefined ? {} : { cert: as.certificate.cert, key: as.certificate.key };
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...credentials });
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(says);
  return new Promise((resolve) => socket.once('close', () => resolve(heard)));
}

const get = (blob: Blob, piece = 0, more = '') =>
  `GET /blobs/${blob.digest}/pieces/${piece} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

async function giverOf(blob: Blob) {
  const pair = await world.pair();
  pair.giver.shelf.fill(blob.digest, blob.bytes);
  pair.taker.shelf.open(blob.digest, blob.bytes.length);
  return pair;
}

describe('a piece server towards', () => {
  it('a stranger with a sound certificate: not one byte', async () => {
    const blob = randomBlob(1_000);
    const { giver } = await giverOf(blob);
    const stranger = await world.host();
    expect(await talk(giver.server.port, get(blob), stranger)).toBe('');
    stranger.client.setMembers([giver.identity.hostId]);
    stranger.shelf.open(blob.digest, blob.bytes.length);
    expect(await stranger.client.fetchPiece(ask(giver, blob, 0), never)).toEqual({ ok: false, reason: 'unreachable' });
    expect(giver.server.stats.uploadedBytes).toBe(0);
  });

  it('somebody without a certificate: not one byte', async () => {
    const blob = randomBlob(1_000);
    const { giver } = await giverOf(blob);
    expect(await talk(giver.server.port, get(blob))).toBe('');
  });

  it('somebody who speaks no TLS: nothing that helps', async () => {
    const blob = randomBlob(1_000);
    const { giver, taker } = await giverOf(blob);
    const socket = tcpConnect(giver.server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.end(get(blob));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(await taker.client.fetchPiece(ask(giver, blob, 0), never)).toMatchObject({ ok: true });
  });

  it('strangers that hold connections open: members still get in', async () => {
    const blob = randomBlob(1_000);
    const { giver, taker } = await giverOf(blob);
    const idle = Array.from({ length: 31 }, () => tcpConnect(giver.server.port, '127.0.0.1'));
    for (const socket of idle) socket.on('error', () => {});
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    expect(await taker.client.fetchPiece(ask(giver, blob, 0), never)).toMatchObject({ ok: true });
    for (const socket of idle) socket.destroy();
  });

  it('a member that is evicted while it gets a piece: the connection ends', async () => {
    const blob = randomBlob(1 * MiB);
    const { giver, taker } = await giverOf(blob);
    giver.caps.upload.setRate(1_024);
    const got = taker.client.fetchPiece(ask(giver, blob, 0), never);
    await waitFor('the first bytes', () => giver.server.stats.uploadedBytes > 0);
    giver.server.setMembers([giver.identity.hostId]);
    expect(await got).toEqual({ ok: false, reason: 'unreachable' });
    await waitFor('the upload to end', () => giver.server.stats.uploadsOpen === 0);
    expect(giver.caps.upload.waiting).toBe(0);
    giver.caps.upload.setRate(undefined);
    expect(await taker.client.fetchPiece(ask(giver, blob, 0), never)).toEqual({ ok: false, reason: 'unreachable' });
  });

  it.each([
    { name: 'another method', says: (blob: Blob) => get(blob).replace('GET', 'DELETE'), status: 405 },
    { name: 'a body', says: (blob: Blob) => get(blob, 0, 'Content-Length: 5\r\nConnection: close\r\n'), status: 400 },
    { name: 'a piece that cannot be', says: (blob: Blob) => get(blob, 99_999, 'Connection: close\r\n'), status: 404 },
    {
      name: 'no number',
      says: (blob: Blob) => get(blob).replace('/0 ', '/-1 ').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
      status: 404,
    },
    {
      name: 'a path out of it',
      says: () => 'GET /blobs/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      status: 404,
    },
  ])('a member that asks for $name: $status', async ({ says, status }) => {
    const blob = randomBlob(1_000);
    const { giver, taker } = await giverOf(blob);
    const heard = await talk(giver.server.port, says(blob), taker);
    expect(heard.split('\r\n')[0]).toContain(` ${status} `);
  });

  it('a member that sends garbage or endless headers: the connection ends', async () => {
    const blob = randomBlob(1_000);
    const { giver, taker } = await giverOf(blob);
    expect(await talk(giver.server.port, '\0\0\0\0garbage\r\n\r\n', taker)).toBe('');
    expect(await talk(giver.server.port, get(blob, 0, `X: ${'y'.repeat(100_000)}\r\n`), taker)).toBe('');
    expect(await taker.client.fetchPiece(ask(giver, blob, 0), never)).toMatchObject({ ok: true });
  });

  it('a member that opens many connections: some', async () => {
    const blob = randomBlob(1_000);
    const { giver, taker } = await giverOf(blob);
    const answers = Array.from({ length: 30 }, () => {
      const { cert, key } = taker.certificate;
      const socket = connect({ host: '127.0.0.1', port: giver.server.port, rejectUnauthorized: false, cert, key });
      socket.on('error', () => {});
      socket.write(get(blob));
      return new Promise<boolean>((resolve) => {
        socket.once('data', () => resolve(true));
        socket.once('close', () => resolve(false));
      });
    });
    const isAnswered = await Promise.all(answers);
    expect(isAnswered.filter(Boolean).length).toBe(16);
  });
});

describe('a piece client towards', () => {
  /** A member that answers every request with what `answer` does. */
  async function rogue(blob: Blob, answer: (socket: TLSSocket) => void, clock?: VirtualClock) {
    const { giver, taker } = await world.pair(clock);
    taker.shelf.open(blob.digest, blob.bytes.length);
    const { cert, key } = giver.certificate;
    const server = createTlsServer({ cert, key, minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false });
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => answer(socket));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { taker, request: ask(giver, blob, 0, portOf(server)) };
  }

  const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
  const flipped = (bytes: Buffer) => Buffer.from(bytes).fill((bytes[500] ?? 0) ^ 1, 500, 501);

  it.each([
    { name: 'one wrong bit', reason: 'corrupt', says: (b: Buffer) => [head(b.length), flipped(b)] },
    { name: 'a longer length', reason: 'corrupt', says: (b: Buffer) => [head(b.length + 1), b, 'x'] },
    { name: 'a shorter length', reason: 'corrupt', says: (b: Buffer) => [head(b.length - 1), b.subarray(1)] },
    { name: 'no length', reason: 'corrupt', says: () => ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'] },
    {
      name: 'a redirect',
      reason: 'absent',
      says: () => ['HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n'],
    },
    { name: 'busy', reason: 'stalled', says: () => ['HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n'] },
    { name: 'garbage', reason: 'unreachable', says: () => ['\x01\x02garbage\r\n\r\n'] },
    { name: 'endless headers', reason: 'unreachable', says: () => [`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`] },
    { name: 'an end half way', reason: 'unreachable', says: (b: Buffer) => [head(b.length), b.subarray(0, 400), null] },
    { name: 'an end at once', reason: 'unreachable', says: () => [null] },
  ])('a member that answers with $name: $reason', async ({ says, reason }) => {
    const blob = randomBlob(1_000);
    const { taker, request } = await rogue(blob, (socket) => {
      for (const part of says(blob.bytes)) {
        if (part === null) socket.destroySoon();
        else socket.write(part);
      }
    });
    expect(await taker.client.fetchPiece(request, never)).toEqual({ ok: false, reason });
    expect(taker.shelf.pieces(blob.digest)).toEqual([]);
  });

  it('a member that falls silent half way: stalled', async () => {
    const clock = new VirtualClock();
    const blob = randomBlob(1_000);
    let hasBegun = false;
    const begin = (socket: TLSSocket) => {
      socket.write(head(blob.bytes.length));
      socket.write(blob.bytes.subarray(0, 400));
      hasBegun = true;
    };
    const { taker, request } = await rogue(blob, begin, clock);
    const got = taker.client.fetchPiece(request, never);
    await waitFor('the answer to begin', () => hasBegun);
    const end = await waitFor('the fetch to end', async () => {
      await clock.advance(1_000);
      return Promise.race([got, undefined]);
    });
    expect(end).toEqual({ ok: false, reason: 'stalled' });
    // 400 bytes may or may not have come before time was moved on.
    expect(taker.client.stats.wastedBytes).toBe(taker.client.stats.downloadedBytes);
  });

  it('a member that never finishes its handshake: unreachable', async () => {
    const clock = new VirtualClock();
    const blob = randomBlob(1_000);
    const { giver, taker } = await world.pair(clock);
    const server = createServer((socket) => socket.on('error', () => {}).resume());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const got = taker.client.fetchPiece(ask(giver, blob, 0, portOf(server)), never);
    const end = await waitFor('the fetch to end', async () => {
      await clock.advance(1_000);
      return Promise.race([got, undefined]);
    });
    expect(end).toEqual({ ok: false, reason: 'unreachable' });
  });

  it('another member at the address of the one it wants: asks it for nothing', async () => {
    const blob = randomBlob(1_000);
    const { giver, taker } = await world.pair();
    const impostor = await world.host();
    impostor.shelf.fill(blob.digest, blob.bytes);
    introduce(giver, taker, impostor);
    const got = await taker.client.fetchPiece(ask(giver, blob, 0, impostor.server.port), never);
    expect(got).toEqual({ ok: false, reason: 'unreachable' });
    expect(impostor.server.stats.uploadedBytes).toBe(0);
  });

  it('a host that is no member any more: takes nothing, also when it was connected', async () => {
    const blob = randomBlob(1 * MiB);
    const { giver, taker } = await giverOf(blob);
    expect(await taker.client.fetchPiece(ask(giver, blob, 0), never)).toMatchObject({ ok: true });
    giver.caps.upload.setRate(1_024);
    const got = taker.client.fetchPiece(ask(giver, blob, 1), never);
    await waitFor('the upload to begin', () => giver.server.stats.uploadsOpen === 1);
    taker.client.setMembers([taker.identity.hostId]);
    expect(await got).toEqual({ ok: false, reason: 'unreachable' });
    expect(await taker.client.fetchPiece(ask(giver, blob, 2), never)).toEqual({ ok: false, reason: 'unreachable' });
  });
});
