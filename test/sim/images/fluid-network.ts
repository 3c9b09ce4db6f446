import type { EventQueue } from '../framework/queue.ts';

/** A transfer that goes on. */
export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  /** Sent so far, as of the last change of its rate. */
  sentBytes: number;
  rate: number;
  updatedAtMs: number;
  /** Grows with every change of rate, so that planned ends are stale. */
  version: number;
  isOver: boolean;
}

interface Link {
  readonly upRate: number;
  readonly downRate: number;
  readonly ups: Set<Transfer>;
  readonly downs: Set<Transfer>;
}

/**
 * Transfers as fluids: an uplink is shared max-min fairly among its transfers, none of which gets more than an equal share of
 * its receiver's downlink. Rates in bytes per millisecond.
 */
export class FluidNetwork {
  readonly #links = new Map<string, Link>();
  readonly #queue: EventQueue<() => void>;
  readonly #now: () => number;

  constructor(queue: EventQueue<() => void>, now: () => number) {
    this.#queue = queue;
    this.#now = now;
  }

  addHost(id: string, upRate: number, downRate: number): void {
    this.#links.set(id, { upRate, downRate, ups: new Set(), downs: new Set() });
  }

  uploadsOf(id: string): number {
    return this.#link(id).ups.size;
  }

  start(from: string, to: string, bytes: number, onEnd: () => void): Transfer {
    const transfer = { from, to, bytes, sentBytes: 0, rate: 0, updatedAtMs: this.#now(), version: 0, isOver: false };
    this.#link(from).ups.add(transfer);
    this.#link(to).downs.add(transfer);
    this.#onEnds.set(transfer, onEnd);
    this.#share(from, to);
    return transfer;
  }

  readonly #onEnds = new Map<Transfer, () => void>();

  /** Ends it now, whatever was sent. */
  stop(transfer: Transfer): void {
    if (transfer.isOver) return;
    this.#advance(transfer);
    transfer.isOver = true;
    this.#onEnds.delete(transfer);
    this.#link(transfer.from).ups.delete(transfer);
    this.#link(transfer.to).downs.delete(transfer);
    this.#share(transfer.from, transfer.to);
  }

  #link(id: string): Link {
    const link = this.#links.get(id);
    if (link === undefined) throw new Error(`no link of ${id}`);
    return link;
  }

  #advance(transfer: Transfer): void {
    const now = this.#now();
    transfer.sentBytes = Math.min(transfer.bytes, transfer.sentBytes + transfer.rate * (now - transfer.updatedAtMs));
    transfer.updatedAtMs = now;
  }

  /** Numbers of transfers changed at these two: their senders, and all that send to the receiver, share anew. */
  #share(from: string, to: string): void {
    const senders = new Set([from]);
    for (const transfer of this.#link(to).downs) senders.add(transfer.from);
    for (const sender of senders) this.#shareUplink(this.#link(sender));
  }

  /** Fills an uplink: what a transfer can't use, since its receiver gets others too, goes to those that can. */
  #shareUplink({ upRate, ups }: Link): void {
    const caps = [...ups].map((transfer) => {
      const receiver = this.#link(transfer.to);
      return { transfer, cap: receiver.downRate / receiver.downs.size };
    });
    let rest = upRate;
    let left = caps.length;
    for (const { transfer, cap } of caps.sort((a, b) => a.cap - b.cap)) {
      const rate = Math.min(cap, rest / left);
      rest -= rate;
      left -= 1;
      if (Math.abs(rate - transfer.rate) > 1e-9) this.#setRate(transfer, rate);
    }
  }

  #setRate(transfer: Transfer, rate: number): void {
    this.#advance(transfer);
    transfer.rate = rate;
    transfer.version += 1;
    const { version } = transfer;
    const endAtMs = this.#now() + (transfer.bytes - transfer.sentBytes) / rate;
    this.#queue.push(endAtMs, () => this.#end(transfer, version));
  }

  #end(transfer: Transfer, version: number): void {
    if (transfer.isOver || transfer.version !== version) return;
    transfer.sentBytes = transfer.bytes;
    const onEnd = this.#onEnds.get(transfer);
    this.stop(transfer);
    onEnd?.();
  }
}
