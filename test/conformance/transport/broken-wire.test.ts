import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, lastLink, Mesh, ping, seqsFrom, type TestAgent } from './world.ts';
import { fastClock, Libp2pWorld } from './worlds.ts';

/** A wire to one port that can be frozen: both ends still see an open connection, and nothing passes. */
class Wire {
  readonly #server: Server;
  readonly #port: number;
  readonly sockets = new Set<Socket>();

  constructor(port: number) {
    this.#port = port;
    this.#server = createServer((near) => this.#carry(near));
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `/ip4/127.0.0.1/tcp/${typeof address === 'object' ? address?.port : ''}`;
  }

  /** Connections made from now on work. */
  freeze(): void {
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  #carry(near: Socket): void {
    const far = connect(this.#port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.pipe(to);
      from.on('error', () => {});
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}

// Fifty times faster than real: five seconds of silence take a tenth of one.
const clock = fastClock(50);

/** Lets this much of the agents' time pass. */
async function pass(ms: number): Promise<void> {
  const endMs = clock.monotonicMs() + ms;
  await eventually(() => clock.monotonicMs() > endMs, 'time passes');
}

describe('libp2p transport on a wire that breaks', () => {
  let mesh: Mesh;
  let a: TestAgent;
  let b: TestAgent;
  let wire: Wire;
  beforeEach(async () => {
    mesh = new Mesh(new Libp2pWorld(clock));
    a = await mesh.member();
    b = await mesh.member();
    wire = new Wire(Number(b.transport.addresses()[0]?.split('/')[4]));
    mesh.relocate(b.hostId, [await wire.open()]);
    mesh.relocate(a.hostId, []);
  });
  afterEach(async () => {
    wire.close();
    await mesh.stopAll();
  });

  it('notices a connection that only seems to be open, and makes another', async () => {
    a.transport.keep([b.hostId]);
    await eventually(() => lastLink(a, b.hostId) === 'up' && lastLink(b, a.hostId) === 'up', 'the link is up');
    wire.freeze();
    a.transport.send(b.hostId, ping(1));
    await eventually(() => a.links.map(({ state }) => state).join() === 'up,down,up', 'the link is made again');
    a.transport.send(b.hostId, ping(2));
    await eventually(() => seqsFrom(b, a.hostId).includes(2), 'messages pass again');
  });

  it('keeps a link on which only one side has something to say', async () => {
    a.transport.keep([b.hostId]);
    for (let seq = 0; seq < 40; seq++) {
      a.transport.send(b.hostId, ping(seq));
      await eventually(() => seqsFrom(b, a.hostId).includes(seq), 'the message arrives');
      await pass(1_000);
    }
    expect(a.links.map(({ state }) => state)).toEqual(['up']);
  });

  it('keeps a kept link that nobody uses', async () => {
    a.transport.keep([b.hostId]);
    await eventually(() => lastLink(a, b.hostId) === 'up', 'the link is up');
    await pass(90_000);
    expect(a.links.map(({ state }) => state)).toEqual(['up']);
    expect(wire.sockets.size).toBe(2);
  });

  it('closes connections that nobody keeps once they are idle', async () => {
    b.transport.handle('echo', async (_, body) => body);
    await a.transport.call(b.hostId, 'echo', Uint8Array.of(1), { timeoutMs: 5_000 });
    a.transport.send(b.hostId, ping(1));
    await eventually(() => seqsFrom(b, a.hostId).length === 1, 'the link is used');
    expect(wire.sockets.size).toBe(2);
    await eventually(() => wire.sockets.size === 0, 'the connection is closed');
    await expect(a.transport.call(b.hostId, 'echo', Uint8Array.of(1), { timeoutMs: 5_000 })).resolves.toHaveLength(1);
  });

  it('tries the next address when the first leads nowhere', async () => {
    const nowhere = new Wire(1);
    mesh.relocate(b.hostId, ['/ip4/127.0.0.1/tcp/1', 'no address', await nowhere.open(), ...b.transport.addresses()]);
    a.transport.keep([b.hostId]);
    await eventually(() => lastLink(a, b.hostId) === 'up', 'the link is up');
    nowhere.close();
  });
});

describe('libp2p transport that stops', () => {
  it('leaves no socket, server or busy timer behind', async () => {
    const inUse = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
    const before = inUse();
    const mesh = new Mesh(new Libp2pWorld());
    const [a, b, c] = [await mesh.member(), await mesh.member(), await mesh.member()];
    for (const agent of [a, b, c]) agent.transport.keep([a.hostId, b.hostId, c.hostId]);
    await eventually(() => [a, b, c].every((agent) => agent.links.length === 2), 'the mesh is complete');
    expect(inUse()).toBeGreaterThan(before);
    await mesh.stopAll();
    await eventually(() => inUse() <= before, 'everything is released');
  });
});
