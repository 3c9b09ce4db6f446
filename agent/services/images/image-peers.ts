import type { Digest } from '../../../protocol/digest.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { holdersOf, rendezvousKey } from '../../core/images/holders.ts';
import { rank } from '../../core/rendezvous.ts';
import type { PieceSource } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MeshView } from '../view/mesh-view.ts';

/** Copies that the mesh keeps of what was pushed to it, when it has that many hosts. */
export const COPIES = 3;
/** Of these, so many are on disk before a push is answered. */
export const WRITE_COPIES = 2;
/** A holder that is away counts as one for this long: a reboot moves no blobs. */
const AWAY_MS = 60_000;
/** The tracker of a blob, and its heir, which is told the same. */
const TRACKERS = 2;
/** Placements remembered; a mesh of that many blobs computes some anew. */
const KNOWN_MAX = 50_000;
/** A blob's holders are asked for thousands of times in a row: who can be one is looked at this often. */
const LOOK_MS = 500;

export interface ImagePeersParts {
  readonly hostId: HostId;
  readonly view: Pick<MeshView, 'aliveIds' | 'memberIds' | 'host' | 'recordOf' | 'addressesOf'>;
  readonly clock: Clock;
}

/** Who has to do with which blob, as this member sees the mesh. */
export class ImagePeers {
  readonly hostId: HostId;
  readonly #parts: ImagePeersParts;
  #holders = new Map<Digest, readonly HostId[]>();
  #holdersFor = '';
  #members: readonly { readonly hostId: HostId; readonly zone: string }[] = [];
  #membersAtMs = Number.NEGATIVE_INFINITY;
  readonly #trackers = new Map<Digest, readonly HostId[]>();
  #trackersFor: readonly HostId[] = [];

  constructor(parts: ImagePeersParts) {
    this.#parts = parts;
    this.hostId = parts.hostId;
  }

  alive(): readonly HostId[] {
    return this.#parts.view.aliveIds();
  }

  isAlive(hostId: HostId): boolean {
    return this.alive().includes(hostId);
  }

  nameOf(hostId: HostId): string {
    return this.#parts.view.host(hostId)?.name ?? hostId;
  }

  zoneOf(hostId: HostId): string {
    return this.#parts.view.recordOf(hostId)?.zone ?? '';
  }

  /** The steward of a blob, then the one that takes over after it. This host when nobody else is known. */
  trackersOf(digest: Digest): readonly HostId[] {
    const alive = this.alive();
    // The view makes a new list when somebody comes or goes, and only then.
    if (alive !== this.#trackersFor) {
      this.#trackersFor = alive;
      this.#trackers.clear();
    }
    const known = this.#trackers.get(digest);
    if (known !== undefined) return known;
    const ranked = rank(rendezvousKey(digest), alive, TRACKERS);
    const trackers = ranked.length === 0 ? [this.hostId] : ranked;
    if (this.#trackers.size >= KNOWN_MAX) this.#trackers.clear();
    this.#trackers.set(digest, trackers);
    return trackers;
  }

  trackerOf(digest: Digest): HostId {
    return this.trackersOf(digest)[0] ?? this.hostId;
  }

  /** The first `count` members for a blob that are up and not among these. */
  nextFor(digest: Digest, except: readonly HostId[], count: number): readonly HostId[] {
    const others = this.alive().filter((hostId) => !except.includes(hostId));
    return rank(rendezvousKey(digest), others, count);
  }

  /** Whether it was admitted and not evicted; it may be dead. */
  isMember(hostId: HostId): boolean {
    return this.#parts.view.memberIds().includes(hostId);
  }

  /** The hosts that are to keep a blob of the mesh's own. */
  holdersOf(digest: Digest): readonly HostId[] {
    const members = this.#dependable();
    const known = this.#holders.get(digest);
    if (known !== undefined) return known;
    const holders = holdersOf(digest, members, COPIES);
    if (this.#holders.size >= KNOWN_MAX) this.#holders.clear();
    this.#holders.set(digest, holders);
    return holders;
  }

  /** Whether it is drained, or has been. */
  isLeaving(hostId: HostId): boolean {
    const host = this.#parts.view.host(hostId);
    return host?.drainedBy !== undefined || host?.drainedAt !== undefined;
  }

  /** Where another member hands out pieces; undefined until its host record says so. */
  sourceOf(hostId: HostId): PieceSource | undefined {
    const { view } = this.#parts;
    const port = view.recordOf(hostId)?.blobs?.port;
    if (port === undefined) return undefined;
    const addresses = view.addressesOf(hostId).flatMap((address) => address.split('/')[2] ?? []);
    return { hostId, addresses: [...new Set(addresses)], port };
  }

  /** Members that are up, or were until a moment ago, with their zones. */
  #dependable(): readonly { readonly hostId: HostId; readonly zone: string }[] {
    const { view, clock } = this.#parts;
    if (clock.monotonicMs() - this.#membersAtMs < LOOK_MS) return this.#members;
    this.#membersAtMs = clock.monotonicMs();
    const isDependable = (hostId: HostId): boolean => {
      const host = view.host(hostId);
      if (host === undefined) return false;
      if (host.status === 'alive' || host.status === 'suspect') return true;
      return host.status === 'dead' && host.incarnation > 0 && clock.nowMs() - host.sinceMs < AWAY_MS;
    };
    const dependable = view.memberIds().filter(isDependable);
    // What leaves is no place for copies, unless there is no other.
    const staying = dependable.filter((hostId) => !this.isLeaving(hostId));
    const members = (staying.length === 0 ? dependable : staying).map((hostId) => ({
      hostId,
      zone: this.zoneOf(hostId),
    }));
    const state = JSON.stringify(members);
    if (state !== this.#holdersFor) {
      this.#holdersFor = state;
      this.#holders = new Map();
    }
    this.#members = members;
    return members;
  }
}
