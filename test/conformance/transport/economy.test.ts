import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Libp2p } from 'libp2p';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newIdentity } from '../../../agent/adapters/libp2p/identity.ts';
import { createNode } from '../../../agent/adapters/libp2p/node.ts';
import { eventually } from './world.ts';

const PROTOCOL = '/economy/1';
const FRAME_BYTES = 1_000;

/** Two nodes with a wire between them that counts what passes. */
describe('what a stream costs on the wire', () => {
  const nodes: Libp2p[] = [];
  let wire: Server;
  let returnedBytes = 0;
  let receivedBytes = 0;
  let sender: Stream;

  beforeEach(async () => {
    receivedBytes = 0;
    returnedBytes = 0;
    const receiver = await node(['/ip4/127.0.0.1/tcp/0']);
    await receiver.handle(PROTOCOL, (stream) => {
      stream.addEventListener('message', ({ data }) => {
        receivedBytes += data.byteLength;
      });
    });
    const port = Number(receiver.getMultiaddrs()[0]?.toString().split('/')[4]);
    wire = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      near.on('error', () => far.destroy()).pipe(far);
      far.on('error', () => near.destroy()).pipe(near);
      far.on('data', (chunk: Buffer) => {
        returnedBytes += chunk.length;
      });
    }).listen(0, '127.0.0.1');
    await once(wire, 'listening');
    const address = `/ip4/127.0.0.1/tcp/${(wire.address() as AddressInfo).port}/p2p/${receiver.peerId}`;
    sender = await (await node([])).dialProtocol(multiaddr(address), PROTOCOL);
    await send(1);
  });
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((each) => each.stop()));
    wire.close();
  });

  async function node(listen: readonly string[]): Promise<Libp2p> {
    const made = await createNode(privateKeyFromProtobuf((await newIdentity()).privateKey), listen, {});
    await made.start();
    nodes.push(made);
    return made;
  }

  /** Sends frames one by one, each when the one before has arrived. */
  async function send(frames: number): Promise<void> {
    for (let frame = 0; frame < frames; frame++) {
      const wanted = receivedBytes + FRAME_BYTES;
      sender.send(new Uint8Array(FRAME_BYTES));
      await eventually(() => receivedBytes === wanted, 'the frame arrives');
    }
  }

  it('is nothing back while little of the window is used', async () => {
    const before = returnedBytes;
    await send(20);
    expect(returnedBytes).toBe(before);
  });

  it('is an update once half of the window is used, so that much more than a window goes through', async () => {
    const before = returnedBytes;
    const wanted = receivedBytes + 4 * 1024 * 1024;
    for (let sent = 0; sent < 4; sent++) {
      if (!sender.send(new Uint8Array(1024 * 1024))) await sender.onDrain();
    }
    await eventually(() => receivedBytes === wanted, 'all of it arrives');
    expect(returnedBytes).toBeGreaterThan(before);
  });
});
