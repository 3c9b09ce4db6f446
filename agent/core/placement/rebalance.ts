import type { ContainerId, HostId } from '../../../protocol/ids.ts';
import { compareText } from '../order.ts';

/** A host that takes containers. */
export interface RebalanceHost {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly zone: string;
  readonly allocatableBytes: number;
  readonly promisedBytes: number;
}

/** A container that may go to another host. */
export interface RebalanceContainer {
  readonly containerId: ContainerId;
  readonly hostId: HostId;
  /** Containers of one app and cluster are spread among each other. */
  readonly spreadKey: string;
  readonly memoryBytes: number;
  /** Whether its rules let it run there. */
  readonly fits: (hostId: HostId) => boolean;
}

export interface RebalanceMove {
  readonly containerId: ContainerId;
  readonly why: string;
}

/** Memory of two hosts is uneven from this difference of their promised shares on. */
const UNEVEN_SHARE = 0.25;

/**
 * The moves that even hosts out, best first: apps over zones, then over hosts, then memory. Each one makes things better by
 * itself, so it does no harm if those after it are not made; a mesh that is even already gets none.
 *
 * @param containers those that may move, and no others: they count for the spread as well
 */
export function planRebalance(
  hosts: readonly RebalanceHost[],
  containers: readonly RebalanceContainer[],
  maxMoves: number,
): readonly RebalanceMove[] {
  const board = new Board(hosts, containers);
  const moves: RebalanceMove[] = [];
  for (const better of [byZone, byHost, byMemory]) {
    for (let move = better(board); move !== undefined && moves.length < maxMoves; move = better(board)) {
      board.carryOut(move);
      moves.push({ containerId: move.container.containerId, why: move.why });
    }
  }
  return moves;
}

interface Candidate {
  readonly container: RebalanceContainer;
  readonly to: RebalanceHost;
  readonly why: string;
}

/** Where everything is after the moves so far. */
class Board {
  readonly hosts: readonly RebalanceHost[];
  readonly containers: readonly RebalanceContainer[];
  readonly #at = new Map<ContainerId, RebalanceHost>();
  readonly #promised = new Map<HostId, number>();
  readonly #moved = new Set<ContainerId>();
  readonly #byApp: ReadonlyMap<string, readonly RebalanceContainer[]>;

  constructor(hosts: readonly RebalanceHost[], containers: readonly RebalanceContainer[]) {
    this.hosts = [...hosts].sort((a, b) => compareText(a.hostId, b.hostId));
    const byId = new Map(hosts.map((host) => [host.hostId, host]));
    this.containers = containers
      .filter(({ hostId }) => byId.has(hostId))
      .toSorted((a, b) => compareText(a.containerId, b.containerId));
    this.#byApp = Map.groupBy(this.containers, ({ spreadKey }) => spreadKey);
    for (const { containerId, hostId } of this.containers) {
      const host = byId.get(hostId);
      if (host !== undefined) this.#at.set(containerId, host);
    }
    for (const { hostId, promisedBytes } of hosts) this.#promised.set(hostId, promisedBytes);
  }

  hostOf({ containerId }: RebalanceContainer): RebalanceHost | undefined {
    return this.#at.get(containerId);
  }

  /** Promised over allocatable memory, with so many bytes more. */
  shareOf({ hostId, allocatableBytes }: RebalanceHost, extraBytes = 0): number {
    return ((this.#promised.get(hostId) ?? 0) + extraBytes) / Math.max(1, allocatableBytes);
  }

  /** Those of an app, counted by what `of` says of their hosts. */
  counts(spreadKey: string, of: (host: RebalanceHost) => string): ReadonlyMap<string, number> {
    const counts = new Map<string, number>(this.hosts.map((host) => [of(host), 0]));
    for (const container of this.#byApp.get(spreadKey) ?? []) {
      const host = this.hostOf(container);
      if (host !== undefined) counts.set(of(host), (counts.get(of(host)) ?? 0) + 1);
    }
    return counts;
  }

  /** Containers that have not moved yet, and the hosts with room where each may go, the emptiest first. */
  *options(): Generator<{ container: RebalanceContainer; from: RebalanceHost; targets: readonly RebalanceHost[] }> {
    const emptiest = [...this.hosts].sort((a, b) => this.shareOf(a) - this.shareOf(b));
    for (const container of this.containers) {
      const from = this.hostOf(container);
      if (from === undefined || this.#moved.has(container.containerId)) continue;
      const hasRoom = (host: RebalanceHost) => host !== from && this.shareOf(host, container.memoryBytes) <= 1;
      yield { container, from, targets: emptiest.filter((host) => hasRoom(host) && container.fits(host.hostId)) };
    }
  }

  carryOut({ container, to }: Candidate): void {
    const from = this.hostOf(container);
    if (from !== undefined) this.#add(from, -container.memoryBytes);
    this.#add(to, container.memoryBytes);
    this.#at.set(container.containerId, to);
    this.#moved.add(container.containerId);
  }

  #add({ hostId }: RebalanceHost, bytes: number): void {
    this.#promised.set(hostId, (this.#promised.get(hostId) ?? 0) + bytes);
  }
}

function byZone(board: Board): Candidate | undefined {
  return bySpread(
    board,
    ({ zone }) => zone,
    (zone) => `zone ${zone || '(none)'}`,
  );
}

function byHost(board: Board): Candidate | undefined {
  return bySpread(
    board,
    ({ hostName }) => hostName,
    (name) => name,
    ({ zone }) => zone,
  );
}

/**
 * A move from a place with at least two more of the app than another, to that one: from the place and host with most.
 *
 * @param keep a move must not change this
 */
function bySpread(
  board: Board,
  of: (host: RebalanceHost) => string,
  shown: (place: string) => string,
  keep?: (host: RebalanceHost) => string,
): Candidate | undefined {
  let best: (Candidate & { readonly gap: number; readonly onHost: number }) | undefined;
  for (const { container, from, targets } of board.options()) {
    const { spreadKey } = container;
    const counts = board.counts(spreadKey, of);
    const countAt = (host: RebalanceHost): number => counts.get(of(host)) ?? 0;
    const to = targets
      .filter((host) => keep === undefined || keep(host) === keep(from))
      .toSorted((a, b) => countAt(a) - countAt(b))[0];
    if (to === undefined) continue;
    const gap = countAt(from) - countAt(to);
    const onHost = board.counts(spreadKey, ({ hostId }) => hostId).get(from.hostId) ?? 0;
    const isBetter = best === undefined || gap > best.gap || (gap === best.gap && onHost > best.onHost);
    if (gap < 2 || !isBetter) continue;
    const why = `${shown(of(from))} runs ${countAt(from)} of ${spreadKey}, ${shown(of(to))} ${countAt(to)}`;
    best = { container, to, why, gap, onHost };
  }
  return best;
}

/** A move from a full host to an empty one that evens their memory out and leaves the app as spread as it was. */
function byMemory(board: Board): Candidate | undefined {
  let best: (Candidate & { readonly gain: number }) | undefined;
  for (const { container, from, targets } of board.options()) {
    const [to] = targets.filter((host) => !worsensSpread(board, container, from, host));
    if (to === undefined) continue;
    const before = board.shareOf(from) - board.shareOf(to);
    if (before < UNEVEN_SHARE) continue;
    const after = board.shareOf(from, -container.memoryBytes) - board.shareOf(to, container.memoryBytes);
    const gain = before - Math.abs(after);
    if (gain <= 0 || (best !== undefined && best.gain >= gain)) continue;
    const percent = (host: RebalanceHost) => `${Math.round(board.shareOf(host) * 100)} %`;
    const why = `memory of ${from.hostName} is promised to ${percent(from)}, of ${to.hostName} to ${percent(to)}`;
    best = { container, to, why, gain };
  }
  return best;
}

function worsensSpread(
  board: Board,
  { spreadKey }: RebalanceContainer,
  from: RebalanceHost,
  to: RebalanceHost,
): boolean {
  const worsens = (of: (host: RebalanceHost) => string): boolean => {
    const counts = board.counts(spreadKey, of);
    return of(from) !== of(to) && (counts.get(of(to)) ?? 0) + 1 > (counts.get(of(from)) ?? 0);
  };
  return worsens(({ zone }) => zone) || worsens(({ hostId }) => hostId);
}
