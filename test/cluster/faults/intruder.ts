/**
 * Runs inside a host of a cluster and misbehaves towards an agent: `node intruder.ts '{"mode": ..., ...}'`. Prints one
 * line of JSON and ends when it has been dealt with; a flood ends when its standard input does.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { FrameReader, withLength } from '../../../agent/adapters/libp2p/framing.ts';
import { loadIdentity, newIdentity } from '../../../agent/adapters/libp2p/identity.ts';
import { createNode } from '../../../agent/adapters/libp2p/node.ts';
import type { Identity } from '../../../agent/ports/identity.ts';
import { decodeFrame, encodeFrame } from '../../../agent/services/codec/gossip.ts';
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
/** Tells the answer to our ping from whatever else the agent says. */
const PING_SEQ = 4_711;
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

/** Keeps so many connections open or opening. */
async function flood({ ip }: Mischief): Promise<Verdict> {
  const kinds = beginnings();
  const open = (index: number): void => {
    const socket = begin(ip, kinds[index % kinds.length] ?? Buffer.alloc(0));
    socket.once('close', () => setTimeout(() => open(index + 1), 10));
  };
  for (let index = 0; index < FLOOD_SOCKETS; index++) open(index);
  await new Promise((resolve) => process.stdin.resume().once('end', resolve));
  process.exit();
}

/** Speaks libp2p well; who it is, is the trouble, or what it says. */
async function speakLibp2p({ ip, hostId, meshId, keyPath, lie }: Mischief): Promise<Verdict> {
  const identity = keyPath === undefined ? await newIdentity() : await loadIdentity(keyPath);
  const node = await createNode(privateKeyFromProtobuf(identity.privateKey), [], {});
  const gossip = protocolString(meshId, 'gossip');
  const answered = Promise.withResolvers<boolean>();
  node.addEventListener('connection:close', () => answered.resolve(false));
  // The agent answers on a stream of its own.
  await node.handle(gossip, (stream) => {
    const reader = new FrameReader(limits.gossipFrameBytes);
    stream.addEventListener('message', ({ data }) => {
      const messages = reader.push(data.subarray()).flatMap((frame) => decodeFrame(frame).messages);
      if (messages.some((message) => message.type === 'ack' && message.seq === PING_SEQ)) answered.resolve(true);
    });
  });
  await node.start();
  try {
    const stream = await node.dialProtocol(multiaddr(`/ip4/${ip}/tcp/${MESH_PORT}/p2p/${hostId}`), gossip);
    stream.send(withLength(await frameOf(lie, identity, hostId)));
    const wasHeard = await answered.promise;
    return { wasHeard, ended: wasHeard ? 0 : 1 };
  } catch {
    return { wasHeard: false, ended: 1 };
  } finally {
    await node.stop();
  }
}

/** The lie, and a ping whose answer says that the agent goes on listening. */
async function frameOf(lie: Lie | undefined, liar: Identity, victim: HostId): Promise<Uint8Array> {
  if (lie === 'random-frame') return randomBytes(512);
  if (lie === 'oversized-frame') return new Uint8Array(limits.gossipFrameBytes + 1);
  const message = lie === undefined ? [] : [await messageOf(lie, liar, victim)];
  return encodeFrame([...message, { type: 'ping', seq: PING_SEQ, incarnation: 1 }]);
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
