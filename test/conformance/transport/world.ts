import type { GossipMessage } from '../../../agent/core/mesh/messages.ts';
import type { Admission, Transport } from '../../../agent/ports/transport.ts';
import type { HostId } from '../../../protocol/ids.ts';

/** One agent as the suite sees it: its transport, and what came out of it so far. */
export interface TestAgent {
  readonly hostId: HostId;
  readonly transport: Transport;
  readonly received: { readonly from: HostId; readonly message: GossipMessage }[];
  readonly links: { readonly peer: HostId; readonly state: 'up' | 'down' }[];
}

/** Makes the transports of one kind. */
export interface World {
  /** A host that does not run yet, with an identity of its own. */
  newHost(): Promise<HostId>;
  /** A transport of this host; a second one for the same host is its agent after a restart. */
  transport(hostId: HostId): Transport;
  join(from: HostId, address: string, request: Uint8Array): Promise<Uint8Array>;
}

/** A mesh of test agents that share one idea of who is a member. */
export class Mesh {
  readonly members = new Set<HostId>();
  /** Hosts that were evicted, and what they are told. */
  readonly farewells = new Map<HostId, GossipMessage>();
  isJoinOpen = false;
  readonly #world: World;
  readonly #addresses = new Map<HostId, readonly string[]>();
  readonly #running = new Set<Transport>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Starts an agent that is a member. */
  async member(): Promise<TestAgent> {
    const hostId = await this.#world.newHost();
    this.members.add(hostId);
    return this.#start(hostId, this.#admission());
  }

  /** Starts an agent that takes itself for a member and knows everybody's address; the members don't know it. */
  async stranger(): Promise<TestAgent> {
    const hostId = await this.#world.newHost();
    return this.#start(hostId, { ...this.#admission(), isMember: () => true });
  }

  /** A member that nobody can reach. */
  async absent(): Promise<HostId> {
    const hostId = await this.#world.newHost();
    this.members.add(hostId);
    return hostId;
  }

  async restart(agent: TestAgent): Promise<TestAgent> {
    await this.stop(agent);
    return this.#start(agent.hostId, this.#admission());
  }

  async stop(agent: TestAgent): Promise<void> {
    this.#running.delete(agent.transport);
    await agent.transport.stop();
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((transport) => transport.stop()));
  }

  /** Asks `member` to let a new host in. */
  async join(
    member: TestAgent,
    request: Uint8Array,
  ): Promise<{ readonly hostId: HostId; readonly reply: Promise<Uint8Array> }> {
    const hostId = await this.#world.newHost();
    const [address] = member.transport.addresses();
    return { hostId, reply: this.#world.join(hostId, `${address}/p2p/${member.hostId}`, request) };
  }

  /** Makes others find this host elsewhere. */
  relocate(hostId: HostId, addresses: readonly string[]): void {
    this.#addresses.set(hostId, addresses);
  }

  #admission(): Admission {
    return {
      isMember: (hostId) => this.members.has(hostId),
      isJoinOpen: () => this.isJoinOpen,
      addressesOf: (hostId) => this.#addresses.get(hostId) ?? [],
      farewell: (hostId) => this.farewells.get(hostId),
    };
  }

  async #start(hostId: HostId, admission: Admission): Promise<TestAgent> {
    const transport = this.#world.transport(hostId);
    const agent: TestAgent = { hostId, transport, received: [], links: [] };
    transport.onMessage((from, message) => agent.received.push({ from, message }));
    transport.onLink((peer, state) => agent.links.push({ peer, state }));
    this.#running.add(transport);
    await transport.start(admission);
    this.#addresses.set(hostId, transport.addresses());
    return agent;
  }
}

/** Waits until the condition holds; fails with what it last said after ten seconds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const ping = (seq: number): GossipMessage => ({ type: 'ping', seq, incarnation: 1 });

/** Sequence numbers of the pings that came from this peer, in order of arrival. */
export const seqsFrom = (agent: TestAgent, from: HostId): number[] =>
  agent.received.flatMap((entry) => (entry.from === from && entry.message.type === 'ping' ? [entry.message.seq] : []));

export const lastLink = (agent: TestAgent, peer: HostId): 'up' | 'down' | undefined =>
  agent.links.findLast((link) => link.peer === peer)?.state;
