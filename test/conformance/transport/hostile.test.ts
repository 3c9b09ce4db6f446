import { connect } from 'node:net';
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import type { Libp2p } from 'libp2p';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLength } from '../../../agent/adapters/libp2p/framing.ts';
import { createNode } from '../../../agent/adapters/libp2p/node.ts';
import { encodeFrame, encodeMessage, joinFrame } from '../../../agent/services/codec/gossip.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { type ProtocolName, protocolString } from '../../../protocol/version.ts';
import { eventually, Mesh, ping, seqsFrom, type TestAgent } from './world.ts';
import { fastClock, Libp2pWorld, meshId } from './worlds.ts';

describe('libp2p transport against hostile peers', () => {
  let world: Libp2pWorld;
  let mesh: Mesh;
  let agent: TestAgent;
  const nodes: Libp2p[] = [];
  beforeEach(async () => {
    world = new Libp2pWorld();
    mesh = new Mesh(world);
    agent = await mesh.member();
  });
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
    await mesh.stopAll();
  });

  const target = () => multiaddr(`${agent.transport.addresses()[0]}/p2p/${agent.hostId}`);

  /** A bare libp2p node that does as the test says. */
  async function peer(hostId: HostId): Promise<Libp2p> {
    const node = await createNode(privateKeyFromProtobuf(world.keyOf(hostId)), [], {});
    await node.start();
    nodes.push(node);
    return node;
  }

  async function stream(node: Libp2p, name: ProtocolName) {
    return node.dialProtocol(target(), protocolString(meshId, name));
  }

  /** A member that speaks for itself. */
  async function member(): Promise<{ readonly hostId: HostId; readonly node: Libp2p }> {
    const hostId = await mesh.absent();
    return { hostId, node: await peer(hostId) };
  }

  const worksFor = async (other: TestAgent, seq: number) => {
    other.transport.send(agent.hostId, ping(seq));
    await eventually(() => seqsFrom(agent, other.hostId).includes(seq), 'a member is still heard');
  };

  it('survives garbage on its port', async () => {
    const port = Number(target().toString().split('/')[4]);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(Buffer.alloc(4_096, 0xa5));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await worksFor(await mesh.member(), 1);
    await closed;
  });

  it('ends the connection of a member that announces a frame beyond the bound', async () => {
    const { node } = await member();
    const gossip = await stream(node, 'gossip');
    gossip.send(Uint8Array.of(0x81, 0x80, 0x80, 0x01, 0x00));
    await eventually(() => node.getConnections().length === 0, 'the connection ends');
    expect(agent.transport.stats().rejectedFrames).toBe(1);
    await worksFor(await mesh.member(), 1);
  });

  it('ends the connection of a member whose frame is none', async () => {
    const { node } = await member();
    const gossip = await stream(node, 'gossip');
    gossip.send(withLength(Uint8Array.of(0xff, 0xff)));
    await eventually(() => node.getConnections().length === 0, 'the connection ends');
    expect(agent.transport.stats().rejectedFrames).toBe(1);
  });

  it('drops a broken message alone, skips one of a later version, and reads the rest', async () => {
    const { hostId, node } = await member();
    const gossip = await stream(node, 'gossip');
    const broken = encodeMessage({ type: 'ping-req', seq: 1, target: 'not/an/id' as HostId });
    // Field 999 of Message, a message of two bytes.
    const unknown = Uint8Array.of(0xba, 0x3e, 0x02, 0x08, 0x01);
    gossip.send(withLength(joinFrame([encodeMessage(ping(1)), broken, unknown, encodeMessage(ping(2))])));
    await eventually(() => seqsFrom(agent, hostId).length === 2, 'the good messages arrive');
    expect(seqsFrom(agent, hostId)).toEqual([1, 2]);
    expect(agent.received).toHaveLength(2);
    expect(agent.transport.stats().rejectedFrames).toBe(1);
  });

  it.each(['gossip', 'call'] as const)('ends the connection of a joining stranger that speaks %s', async (name) => {
    mesh.isJoinOpen = true;
    const node = await peer(await world.newHost());
    // The end may come before the answer that the protocol is known.
    const spoken = await stream(node, name).catch(() => undefined);
    if (spoken?.status === 'open') spoken.send(withLength(encodeFrame([ping(1)])));
    await eventually(() => node.getConnections().length === 0, 'the connection ends');
    expect(agent.transport.stats().rejectedPeers).toBe(1);
    expect(agent.received).toEqual([]);
  });

  it('refuses a stranger at the handshake while nobody may join', async () => {
    const node = await peer(await world.newHost());
    await node.dial(target()).catch(() => {});
    await eventually(() => node.getConnections().length === 0, 'no connection stays');
    expect(agent.transport.stats().rejectedPeers).toBe(1);
  });

  it('holds few strangers at once, each for a short time', async () => {
    const slow = new Libp2pWorld(fastClock(10));
    const open = new Mesh(slow);
    open.isJoinOpen = true;
    const host = await open.member();
    const address = multiaddr(`${host.transport.addresses()[0]}/p2p/${host.hostId}`);
    const strangers = await Promise.all(
      Array.from({ length: limits.strangers + 3 }, async () => {
        const node = await createNode(privateKeyFromProtobuf(slow.keyOf(await slow.newHost())), [], {});
        await node.start();
        nodes.push(node);
        await node.dial(address).catch(() => {});
        return node;
      }),
    );
    await eventually(() => host.transport.stats().rejectedPeers === 3, 'those beyond the bound are refused');
    await eventually(() => strangers.every((node) => node.getConnections().length === 0), 'all are sent away');
    await open.stopAll();
  });

  it('takes a call stream that never sends its request for what it is', async () => {
    const { node } = await member();
    const silent = await stream(node, 'call');
    silent.send(Uint8Array.of(0x05, 0x01));
    await silent.close();
    await eventually(() => silent.status !== 'open', 'the stream ends');
    const other = await mesh.member();
    agent.transport.handle('echo', async (_, body) => body);
    await expect(
      other.transport.call(agent.hostId, 'echo', Uint8Array.of(1), { timeoutMs: 5_000 }),
    ).resolves.toHaveLength(1);
  });

  it('hears a member that was a stranger a moment ago', async () => {
    mesh.isJoinOpen = true;
    agent.transport.handleJoin(async (from) => {
      mesh.members.add(from);
      return new Uint8Array();
    });
    const hostId = await world.newHost();
    const node = await peer(hostId);
    const join = await stream(node, 'join');
    join.send(withLength(Uint8Array.of(0x0a, 0x01, 0x6a, 0x18, 0x64)));
    await eventually(() => mesh.members.has(hostId), 'the join is served');
    const gossip = await stream(node, 'gossip');
    gossip.send(withLength(encodeFrame([ping(5)])));
    await eventually(() => seqsFrom(agent, hostId).includes(5), 'the new member is heard');
  });
});
