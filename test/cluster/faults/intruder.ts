/**
 * Runs inside a host of a cluster and misbehaves towards an agent: `node intruder.ts '{"mode": ..., ...}'`. Prints one
 * line of JSON and ends when it has been dealt with; a flood goes on until it is killed.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { withLength } from '../../../agent/adapters/libp2p/framing.ts';
import { loadIdentity, newIdentity } from '../../../agent/adapters/libp2p/identity.ts';
import { createNode } from '../../../agent/adapters/libp2p/node.ts';
import { encodeFrame } from '../../../agent/services/codec/gossip.ts';
import type { HostId, MeshId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { protocolString } from '../../../protocol/version.ts';
import { type Lie, messageOf } from './lies.ts';

/** What a test asks for. */
export interface Mischief {
  readonly mode: 'raw' | 'stranger' | 'member' | 'flood';
  readonly ip: string;
  /** The agent at that address. */
  readonly hostId: HostId;
  readonly meshId: MeshId;
  /** Where the key of a member lies. */
  readonly keyPath?: string;
  readonly lie?: Lie;
}

/** How it went: connections that the agent ended, and whether it let itself be spoken to. */
export interface Verdict {
  readonly ended: number;
  readonly wasHeard: boolean;
}

const MESH_PORT = 7421;
const FLOOD_SOCKETS = 300;
const MULTISTREAM = Buffer.from('\x13/multistream/1.0.0\n');
const NOISE = Buffer.from('\x07/noise\n');

/** Starts of a conversation that go nowhere. */
const beginnings = (): readonly Buffer[] => [
  Buffer.alloc(0),
  randomBytes(64),
  randomBytes(64 * 1024),
  Buffer.from('GET / HTTP/1.1\r\nHost: h1\r\n\r\n'),
  MULTISTREAM.subarray(0, 5),
  MULTISTREAM,
  Buffer.concat([MULTISTREAM, NOISE]),
  Buffer.concat([MULTISTREAM, NOISE, Buffer.from([0, 32]), randomBytes(16)]),
  Buffer.concat([MULTISTREAM, NOISE, Buffer.from([0, 32]), randomBytes(32)]),
];

function begin(ip: string, bytes: Buffer): Socket {
  const socket = connect(MESH_PORT, ip);
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(bytes);
  return socket;
}

async function speakRaw({ ip }: Mischief): Promise<Verdict> {
  const sockets = beginnings().map((bytes) => begin(ip, bytes));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  return { ended: sockets.length, wasHeard: false };
}

/** Keeps so many connections open or opening, for ever. */
function flood({ ip }: Mischief): Promise<never> {
  const kinds = beginnings();
  const open = (index: number): void => {
    const socket = begin(ip, kinds[index % kinds.length] ?? Buffer.alloc(0));
    socket.once('close', () => setTimeout(() => open(index + 1), 10));
  };
  for (let index = 0; index < FLOOD_SOCKETS; index++) open(index);
  return new Promise(() => undefined);
}

/** Speaks libp2p well; who it is, is the trouble, or what it says. */
async function speakLibp2p({ ip, hostId, meshId, keyPath, lie }: Mischief): Promise<Verdict> {
  const identity = keyPath === undefined ? await newIdentity() : await loadIdentity(keyPath);
  const node = await createNode(privateKeyFromProtobuf(identity.privateKey), [], {});
  const gossip = protocolString(meshId, 'gossip');
  let ended = 0;
  node.addEventListener('connection:close', () => {
    ended += 1;
  });
  const heard = Promise.withResolvers<boolean>();
  node.addEventListener('connection:close', () => heard.resolve(false));
  // The agent answers messages on a stream of its own.
  await node.handle(gossip, (stream) => stream.addEventListener('message', () => heard.resolve(true)));
  await node.start();
  try {
    const stream = await node.dialProtocol(multiaddr(`/ip4/${ip}/tcp/${MESH_PORT}/p2p/${hostId}`), gossip);
    const message = lie === undefined ? undefined : await messageOf(lie, identity, hostId);
    if (message !== undefined) stream.send(withLength(encodeFrame([message])));
    else if (lie === 'oversized-frame') stream.send(withLength(new Uint8Array(limits.gossipFrameBytes + 1)));
    else stream.send(withLength(randomBytes(512)));
    return { wasHeard: await heard.promise, ended };
  } catch {
    return { wasHeard: false, ended: Math.max(1, ended) };
  } finally {
    await node.stop();
  }
}

function perform(mischief: Mischief): Promise<Verdict> {
  switch (mischief.mode) {
    case 'raw':
      return speakRaw(mischief);
    case 'flood':
      return flood(mischief);
    case 'stranger':
    case 'member':
      return speakLibp2p(mischief);
  }
}

console.log(JSON.stringify(await perform(JSON.parse(process.argv[2] ?? '{}'))));
