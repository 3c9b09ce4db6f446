export interface SlotBounds {
  /** Of all that is under way; a single larger one may go when it is alone. */
  readonly bytes: number;
  readonly bytesPerPeer: number;
  readonly waiting: number;
}

interface Waiter {
  readonly peer: string;
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * Bounds the memory of transfers under way, in all and for each peer, so that slow peers can't hold all of it. Others wait in
 * order; one whose peer has its share is passed by.
 */
export class ByteSlots {
  readonly #bounds: SlotBounds;
  readonly #waiters = new Set<Waiter>();
  readonly #byPeer = new Map<string, number>();
  #bytes = 0;

  constructor(bounds: SlotBounds) {
    this.#bounds = bounds;
  }

  /**
   * Waits for room.
   *
   * @returns what gives the room back, to be called once; undefined when too many wait
   * @throws the signal's reason
   */
  async take(peer: string, bytes: number, signal: AbortSignal): Promise<(() => void) | undefined> {
    signal.throwIfAborted();
    if (this.#waiters.size === 0 && this.#hasShare(peer, bytes) && this.#fits(bytes)) this.#add(peer, bytes);
    else if (this.#waiters.size >= this.#bounds.waiting) return undefined;
    else await this.#wait(peer, bytes, signal);
    return () => {
      this.#add(peer, -bytes);
      this.#serve();
    };
  }

  async #wait(peer: string, bytes: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => {
      // Room that was given already stays given: the caller ends the transfer by the same signal.
      if (this.#waiters.delete(waiter)) reject(signal.reason);
    };
    const waiter: Waiter = { peer, bytes, go: resolve };
    this.#waiters.add(waiter);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#serve();
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#bounds.bytes;
  }

  #hasShare(peer: string, bytes: number): boolean {
    const ofPeer = this.#byPeer.get(peer) ?? 0;
    return ofPeer === 0 || ofPeer + bytes <= this.#bounds.bytesPerPeer;
  }

  #serve(): void {
    for (const waiter of this.#waiters) {
      if (!this.#hasShare(waiter.peer, waiter.bytes)) continue;
      if (!this.#fits(waiter.bytes)) return;
      this.#waiters.delete(waiter);
      this.#add(waiter.peer, waiter.bytes);
      waiter.go();
    }
  }

  #add(peer: string, bytes: number): void {
    this.#bytes += bytes;
    const ofPeer = (this.#byPeer.get(peer) ?? 0) + bytes;
    if (ofPeer === 0) this.#byPeer.delete(peer);
    else this.#byPeer.set(peer, ofPeer);
  }
}
