import { encodeMessage } from '../../agent/services/codec/gossip.ts';
import type { HostId } from '../../protocol/ids.ts';
import { calmNetwork, type NetworkOptions } from '../../test/sim/framework/network.ts';
import { intBetween } from '../../test/sim/framework/rng.ts';
import { MeshWorld } from '../../test/sim/mesh/mesh-world.ts';
import { percentile, round, writeResults } from './lib/results.ts';

/**
 * The real mesh cores on simulated hosts (1 ms and 4 ms more on average one way): how long a change takes to be visible
 * everywhere, how often members receive it, what an idle member sends, and how long it takes until everybody knows that a
 * host was killed (its sockets break) or cut off (silence).
 */
const SIZES = [30, 100, 1_000] as const;
const CHANGES = 100;
const CHANGE_EVERY_MS = 100;
/** The tree forms in the first changes, which are not counted. */
const WARM_UP_MS = 3_000;
const IDLE_MS = 10_000;
const SETTLE_MS = 5_000;
/** Length of a libp2p peer id of an Ed25519 key. */
const ID_LENGTH = 52;

interface Spread {
  readonly visibleMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Mean over changes and members. */
  readonly copiesReceived: number;
  /** Share of changes that everybody had within a second. */
  readonly withinSecond: number;
}

export interface GossipSimResults {
  readonly members: number;
  readonly calm: Spread;
  /** With 2 % of the packets lost. */
  readonly lossy: Spread;
  readonly idleBytesPerMemberPerSecond: number;
  readonly idleMessagesPerMemberPerSecond: number;
  /** Until every other member holds it dead, one entry per run. */
  readonly killedMs: readonly number[];
  readonly cutMs: readonly number[];
  /** Until the cut one knows that it is the one. */
  readonly cutOffKnownMs: readonly number[];
}

const meshOf = (members: number, seed: number, network: NetworkOptions = calmNetwork): MeshWorld =>
  new MeshWorld({ seed, members, network, idLength: ID_LENGTH, isSettled: true });

function memberAt(mesh: MeshWorld, index: number): HostId {
  const hostId = mesh.ids[index % mesh.ids.length];
  if (hostId === undefined) throw new Error('an empty mesh');
  return hostId;
}

/** One published record, and who has it or a later one of the same host. */
interface Change {
  readonly hostId: HostId;
  readonly sequence: number;
  readonly startedAtMs: number;
  readonly holders: Set<HostId>;
  lastAtMs: number;
  copies: number;
}

/** Random hosts publish new records, and everybody has to see each. */
function measureSpread(members: number, network: NetworkOptions): Spread {
  const mesh = meshOf(members, 1, network);
  const { world } = mesh;
  const changes = new Map<string, Change>();
  world.onSend = (_from, _to, message) => {
    const change = message.type === 'delta' ? changes.get(message.id) : undefined;
    if (change !== undefined) change.copies += 1;
  };
  mesh.onEffect = ({ hostId: holder }, effect) => {
    if (effect.type !== 'deliver-host') return;
    for (const change of changes.values()) {
      if (change.hostId !== effect.record.hostId || change.sequence > effect.record.sequence) continue;
      if (change.holders.has(holder)) continue;
      change.holders.add(holder);
      change.lastAtMs = world.nowMs;
    }
  };
  const publish = (): void => {
    const hostId = memberAt(mesh, intBetween(world.rng, 0, members - 1));
    const sequence = mesh.member(hostId).sequence + 1;
    const id = `h/${hostId}/${mesh.member(hostId).disk.incarnation}/${sequence}`;
    changes.set(id, { hostId, sequence, startedAtMs: world.nowMs, holders: new Set(), lastAtMs: 0, copies: 0 });
    mesh.publishHost(hostId);
  };
  world.run(SETTLE_MS);
  for (let atMs = 0; atMs < WARM_UP_MS; atMs += CHANGE_EVERY_MS) world.after(atMs, publish);
  world.run(WARM_UP_MS);
  changes.clear();
  for (let change = 0; change < CHANGES; change++) world.after(change * CHANGE_EVERY_MS, publish);
  world.run(CHANGES * CHANGE_EVERY_MS + SETTLE_MS);
  return summarize([...changes.values()], members - 1);
}

function summarize(changes: readonly Change[], others: number): Spread {
  const times = changes.map(({ holders, startedAtMs, lastAtMs }) =>
    holders.size >= others ? lastAtMs - startedAtMs : Number.POSITIVE_INFINITY,
  );
  const copies = changes.reduce((sum, change) => sum + change.copies, 0) / changes.length / others;
  return {
    visibleMs: {
      p50: round(percentile(times, 0.5)),
      p99: round(percentile(times, 0.99)),
      max: round(percentile(times, 1)),
    },
    copiesReceived: round(copies, 2),
    withinSecond: round(times.filter((ms) => ms <= 1_000).length / times.length, 3),
  };
}

/** What members say when nothing happens, as it is encoded; without the frame, the encryption and TCP around it. */
function measureIdle(members: number): { readonly bytes: number; readonly messages: number } {
  const mesh = meshOf(members, 2);
  mesh.world.run(SETTLE_MS);
  let bytes = 0;
  let messages = 0;
  mesh.world.onSend = (_from, _to, message) => {
    bytes += encodeMessage(message).length;
    messages += 1;
  };
  mesh.world.run(IDLE_MS);
  const memberSeconds = (members * IDLE_MS) / 1_000;
  return { bytes: round(bytes / memberSeconds), messages: round(messages / memberSeconds, 1) };
}

/** A host goes; how long until everybody else knows. */
function measureDeath(members: number, seed: number, how: 'killed' | 'cut') {
  const mesh = meshOf(members, seed);
  const { world } = mesh;
  world.run(SETTLE_MS + world.rng() * 1_000);
  const victim = memberAt(mesh, seed);
  const startedAtMs = world.nowMs;
  let cutOffMs = Number.POSITIVE_INFINITY;
  mesh.onEffect = ({ hostId }, effect) => {
    if (hostId === victim && effect.type === 'isolated-changed' && effect.isIsolated)
      cutOffMs = world.nowMs - startedAtMs;
  };
  if (how === 'killed') mesh.crash(victim);
  else world.network.partition([mesh.ids.filter((hostId) => hostId !== victim), [victim]]);
  const others = mesh.running.filter(({ hostId }) => hostId !== victim);
  const isKnown = (): boolean =>
    others.every(({ mesh: state }) => state.membership.members.get(victim)?.status === 'dead');
  const knownMs = world.runUntil(isKnown, 60_000) ?? Number.POSITIVE_INFINITY;
  return { knownMs: round(knownMs), cutOffMs: round(cutOffMs) };
}

/** All measurements for one size. */
export function measure(members: number): GossipSimResults {
  const runs = members > 100 ? 1 : 10;
  const seeds = Array.from({ length: runs }, (_, index) => 10 + index);
  const idle = measureIdle(members);
  const cuts = seeds.map((seed) => measureDeath(members, seed, 'cut'));
  return {
    members,
    calm: measureSpread(members, calmNetwork),
    lossy: measureSpread(members, { ...calmNetwork, lossProbability: 0.02 }),
    idleBytesPerMemberPerSecond: idle.bytes,
    idleMessagesPerMemberPerSecond: idle.messages,
    killedMs: seeds.map((seed) => measureDeath(members, seed, 'killed').knownMs),
    cutMs: cuts.map(({ knownMs }) => knownMs),
    cutOffKnownMs: cuts.map(({ cutOffMs }) => cutOffMs),
  };
}

/** One JSON line per size. */
export function run(sizes: readonly number[] = [5, ...SIZES]): readonly GossipSimResults[] {
  return sizes.map((members) => {
    const results = measure(members);
    console.log(JSON.stringify(results));
    return results;
  });
}

if (import.meta.main) {
  const sizes = process.argv.slice(2).map(Number);
  writeResults('gossip-sim', { sizes: run(sizes.length > 0 ? sizes : undefined) });
}
