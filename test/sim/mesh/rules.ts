import { keys } from '../../../agent/core/catalog/keys.ts';
import { bounds } from '../../../agent/core/gossip/bounds.ts';
import { timing } from '../../../agent/core/membership/timing.ts';
import type { MeshState } from '../../../agent/core/mesh/state.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { invariant, NeverFalls } from '../framework/invariants.ts';
import type { Member, MeshWorld } from './mesh-world.ts';

/** Incarnations are wall clock milliseconds of this century's twenties; both numbers fit into one that is exact. */
const versionNumber = (incarnation: number, sequence: number): number =>
  (incarnation - Date.UTC(2025, 0, 1)) * 1e4 + sequence;

/** Checks after every event, at the member that it reached, what must hold at any time. */
export function watchRules(mesh: MeshWorld): void {
  const incarnations = new NeverFalls('own incarnation never falls while the agent runs');
  const records = new NeverFalls("a host's record version never falls at any member");
  mesh.onEffect = ({ hostId, disk }, effect) => {
    if (effect.type !== 'deliver-host') return;
    const { hostId: owner, incarnation, sequence } = effect.record;
    const version = versionNumber(incarnation, sequence);
    records.see(`${owner} at ${hostId} in life ${disk.starts}`, version);
    const { disk: ownerDisk, sequence: newest } = mesh.member(owner);
    const isFromFuture = version > versionNumber(ownerDisk.incarnation, newest);
    invariant(!isFromFuture, 'nobody holds a record newer than its owner', () => `${hostId} of ${owner}: ${version}`);
  };
  mesh.world.onEvent = (id) => {
    const member = mesh.member(id as HostId);
    incarnations.see(`${member.hostId} in life ${member.disk.starts}`, member.mesh.membership.incarnation);
    checkBounds(member);
  };
}

/** What is bounded, how large it is, and how large it may be. */
const bounded: readonly [what: string, size: (state: MeshState) => number, most: (state: MeshState) => number][] = [
  ['seen ids', ({ gossip }) => gossip.seen.ids.size, () => bounds.seen],
  ['kept bytes', ({ gossip }) => gossip.seen.keptBytes, () => bounds.keptBytes],
  ['missing changes', ({ gossip }) => gossip.missing.size, () => bounds.missing],
  [
    'peers to announce to',
    ({ gossip }) => gossip.announcements.size,
    ({ gossip }) => gossip.eager.size + gossip.lazy.size,
  ],
  ['neighbours', ({ gossip }) => gossip.eager.size + gossip.lazy.size, () => timing.fullMeshMembers],
  ['relays', ({ membership }) => membership.relays.size, () => timing.relaysMax],
  ['probes', ({ membership }) => membership.probes.size, () => timing.probesAtOnceMax],
  ['health', ({ membership }) => membership.health, () => timing.healthMax],
];

function checkBounds({ hostId, mesh }: Member): void {
  for (const [what, size, most] of bounded) {
    invariant(size(mesh) <= most(mesh), 'everything is bounded', () => `${hostId}: ${size(mesh)} ${what}`);
  }
}

/** An evicted host is nobody's member once its eviction arrived, whatever else says otherwise. */
export function checkEviction(mesh: MeshWorld, evicted: HostId): void {
  for (const { hostId, mesh: state } of mesh.running) {
    if (hostId === evicted || !state.catalog.records.has(keys.eviction(evicted))) continue;
    const isMember = state.membership.members.has(evicted) || state.hosts.get(evicted) !== undefined;
    invariant(!isMember, 'an evicted host is never a member again', () => `${evicted} at ${hostId}`);
  }
}

/** After faults end, all views agree with each other and with the truth within ten seconds. */
export function expectAgreement(mesh: MeshWorld, withinMs = 10_000): void {
  const tookMs = mesh.world.runUntil(() => mesh.disagreement() === undefined, withinMs, 250);
  invariant(tookMs !== undefined, `all views are equal within ${withinMs} ms`, () => mesh.disagreement() ?? '');
}

/** From now on this verdict is a mistake, about anybody or about one host: it lives and can be reached somehow. */
export function forbid(mesh: MeshWorld, status: 'suspect' | 'dead', only?: HostId): void {
  const { onEffect } = mesh;
  mesh.onEffect = (member, effect) => {
    onEffect(member, effect);
    if (effect.type !== 'liveness-changed' || (only !== undefined && effect.hostId !== only)) return;
    const isMistake = effect.status === status;
    invariant(!isMistake, `a live host is not held ${status}`, () => `${member.hostId}: ${JSON.stringify(effect)}`);
  };
}
