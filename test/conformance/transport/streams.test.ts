import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { eventually, Mesh, type TestAgent } from './world.ts';
import { Libp2pWorld, MemoryWorld } from './worlds.ts';

const options = { timeoutMs: 5_000 };
const empty = new Uint8Array();
const MiB = 1024 ** 2;

describe.each([
  ['memory', () => new MemoryWorld()],
  ['libp2p', () => new Libp2pWorld()],
] as const)('streams over %s', (_, newWorld) => {
  let mesh: Mesh;
  let a: TestAgent;
  let b: TestAgent;
  beforeEach(async () => {
    mesh = new Mesh(newWorld());
    a = await mesh.member();
    b = await mesh.member();
  });
  afterEach(() => mesh.stopAll());

  const quiet = (stream: Duplex): Duplex => stream.on('error', () => {});
  const serve = (method: string, begin: (stream: Duplex) => void) =>
    b.transport.handleStream(method, async () => (stream) => begin(quiet(stream)));
  const open = async (method: string) => quiet(await a.transport.openStream(b.hostId, method, empty, options));

  async function all(stream: Duplex): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  it('carries bytes both ways, in order, and both ends', async () => {
    serve('echo', (stream) => stream.pipe(stream));
    const stream = await open('echo');
    const sent = Buffer.from(Uint8Array.from({ length: 3 * MiB }, (_, index) => (index * 31) % 251));
    stream.end(sent);
    expect(Buffer.compare(await all(stream), sent)).toBe(0);
  });

  it('tells the handler who asks and with which header', async () => {
    b.transport.handleStream('whoami', async (from, header) => (stream) => {
      quiet(stream).end(`${from} ${Buffer.from(header)}`);
    });
    const stream = await a.transport.openStream(b.hostId, 'whoami', Buffer.from('hello'), options);
    expect((await all(quiet(stream))).toString()).toBe(`${a.hostId} hello`);
  });

  it('refuses with a code before it is open', async () => {
    b.transport.handleStream('no', async () => {
      throw new ShoalError('conflict', 'not now');
    });
    await expect(open('no')).rejects.toMatchObject({ code: 'conflict', message: 'not now' });
    await expect(open('nothing')).rejects.toMatchObject({ code: 'invalid-request' });
    const large = new Uint8Array(limits.streamHeaderBytes + 1);
    await expect(a.transport.openStream(b.hostId, 'no', large, options)).rejects.toMatchObject({ code: 'too-large' });
    await expect(a.transport.openStream(await mesh.absent(), 'no', empty, options)).rejects.toMatchObject({
      code: 'host-unreachable',
    });
  });

  it('stops the writer when nobody reads, and loses nothing', async () => {
    const total = 64 * MiB;
    let written = 0;
    serve('flood', (stream) => {
      const chunk = Buffer.alloc(64 * 1024, 7);
      const write = () => {
        while (written < total) {
          written += chunk.length;
          if (!stream.write(chunk)) {
            stream.once('drain', write);
            return;
          }
        }
        stream.end();
      };
      write();
    });
    const stream = await open('flood');
    let before = -1;
    let still = 0;
    await eventually(() => {
      still = written === before ? still + 1 : 0;
      before = written;
      return written > 0 && still > 40;
    }, 'the writer pauses');
    expect(written).toBeLessThan(24 * MiB);
    let read = 0;
    for await (const chunk of stream) read += chunk.length;
    expect(read).toBe(total);
  });

  it('tells each side that the other is gone', async () => {
    const held: Duplex[] = [];
    serve('hold', (stream) => {
      held.push(stream);
      stream.resume();
    });
    const first = await open('hold');
    await eventually(() => held.length === 1, 'the first is served');
    first.destroy();
    await eventually(() => held[0]?.destroyed === true, 'the server sees its end');
    const second = await open('hold');
    await eventually(() => held.length === 2, 'the second is served');
    second.resume();
    held[1]?.destroy();
    await eventually(() => second.destroyed, 'the client sees its end');
  });

  it('ends when the other agent stops or is dropped', async () => {
    serve('hold', (stream) => stream.resume());
    const stream = (await open('hold')).resume();
    a.transport.drop(b.hostId);
    await eventually(() => stream.destroyed, 'the stream of a dropped peer ends');
  });
});
