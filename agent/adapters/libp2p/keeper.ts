import type { HostId } from '../../../protocol/ids.ts';
import type { Clock } from '../../ports/clock.ts';

/** Back-off of the n-th failure in a row is uniform in [0, min(cap, base * 2^n)]. Milliseconds. */
const BACKOFF_BASE_MS = 100;
const BACKOFF_CAP_MS = 5_000;
/** The member with the higher id lets the other one dial first, so that a lost link is not made twice. Milliseconds. */
const YIELD_MS = 100;

/** What the keeper needs to know and do. */
export interface KeeperSurroundings {
  readonly self: HostId;
  readonly clock: Clock;
  isConnected(peer: HostId): boolean;
  /** Dials; rejects when no address answers. */
  connect(peer: HostId): Promise<unknown>;
}

interface Pursuit {
  failures: number;
  isDialling: boolean;
  cancel: (() => void) | undefined;
}

/** The delay before the next dial after `failures` failures in a row (full jitter). Milliseconds. */
export function backoffMs(failures: number, random: number): number {
  return random * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(failures, 16));
}

/** Dials the peers to stay connected to, again and again for ever. */
export class Keeper {
  readonly #around: KeeperSurroundings;
  readonly #pursuits = new Map<HostId, Pursuit>();

  constructor(around: KeeperSurroundings) {
    this.#around = around;
  }

  isKept(peer: HostId): boolean {
    return this.#pursuits.has(peer);
  }

  /** Replaces the set of kept peers. */
  keep(peers: readonly HostId[]): void {
    const wanted = new Set(peers);
    for (const [peer, pursuit] of this.#pursuits) {
      if (wanted.has(peer)) continue;
      pursuit.cancel?.();
      this.#pursuits.delete(peer);
    }
    for (const peer of wanted) {
      if (peer === this.#around.self || this.#pursuits.has(peer)) continue;
      this.#pursuits.set(peer, { failures: 0, isDialling: false, cancel: undefined });
      this.#schedule(peer);
    }
  }

  /** A connection with this peer opened, whoever dialled: no need to dial. */
  connected(peer: HostId): void {
    const pursuit = this.#pursuits.get(peer);
    pursuit?.cancel?.();
    if (pursuit !== undefined) pursuit.cancel = undefined;
  }

  /** The peer spoke to us, so it is worth dialling at once when the link breaks. */
  proven(peer: HostId): void {
    const pursuit = this.#pursuits.get(peer);
    if (pursuit !== undefined) pursuit.failures = 0;
  }

  /** The last connection ended. One that was never proven counts as a failed dial: the other side may be refusing us. */
  disconnected(peer: HostId, wasProven: boolean): void {
    const pursuit = this.#pursuits.get(peer);
    if (pursuit === undefined || pursuit.isDialling) return;
    pursuit.failures = wasProven ? 0 : pursuit.failures + 1;
    this.#schedule(peer);
  }

  #schedule(peer: HostId): void {
    const pursuit = this.#pursuits.get(peer);
    if (pursuit === undefined) return;
    const { clock, self } = this.#around;
    const first = self < peer ? 0 : YIELD_MS * (0.5 + clock.random());
    const delay = pursuit.failures === 0 ? first : backoffMs(pursuit.failures, clock.random());
    pursuit.cancel?.();
    pursuit.cancel = clock.after(delay, () => void this.#dial(peer, pursuit));
  }

  async #dial(peer: HostId, pursuit: Pursuit): Promise<void> {
    pursuit.cancel = undefined;
    if (pursuit.isDialling || this.#around.isConnected(peer)) return;
    pursuit.isDialling = true;
    const isConnected = await this.#around.connect(peer).then(
      () => this.#around.isConnected(peer),
      () => false,
    );
    pursuit.isDialling = false;
    if (isConnected || this.#pursuits.get(peer) !== pursuit) return;
    pursuit.failures++;
    this.#schedule(peer);
  }
}
