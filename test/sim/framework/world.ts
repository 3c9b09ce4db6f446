import type { Context } from '../../../agent/core/context.ts';
import { Network, type NetworkOptions } from './network.ts';
import { EventQueue } from './queue.ts';
import { forkRng, makeRng, type Rng } from './rng.ts';
import { Trace } from './trace.ts';

/** One running agent of the simulation: a core and whatever carries out its effects. */
export interface Process<Message> {
  tick(context: Context): void;
  receive(from: string, message: Message, context: Context): void;
}

export interface WorldOptions {
  readonly seed: number;
  readonly network: NetworkOptions;
  /** Period of a member's tick. Milliseconds. */
  readonly tickMs: number;
  /** Members' wall clocks are wrong by up to this, either way. Milliseconds. */
  readonly clockSkewMsMax: number;
}

interface Place<Message> {
  readonly id: string;
  readonly rng: Rng;
  /** How far its wall clock is from the truth. */
  skewMs: number;
  process: Process<Message> | undefined;
  /** Grows with every start, so that ticks of an earlier life are stale. */
  life: number;
  /** The event loop stands still until then. */
  stalledUntilMs: number;
}

/** Start of the virtual wall clock. Milliseconds since the Unix epoch. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** A virtual clock, a network and members on it. */
export class World<Message> {
  readonly network: Network;
  readonly rng: Rng;
  readonly trace = new Trace();
  /** Called after every event that reached a member. */
  onEvent: (id: string) => void = () => {};
  /** Sees every packet that is sent, before its fate is known. */
  onSend: (from: string, to: string, message: Message) => void = () => {};
  readonly #options: WorldOptions;
  readonly #queue = new EventQueue<() => void>();
  readonly #places = new Map<string, Place<Message>>();
  #nowMs = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.rng = makeRng(options.seed);
    this.network = new Network(options.network, forkRng(this.rng));
  }

  /** Milliseconds since the start of the simulation. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Starts a member for the first time, or again after a crash; its skew and random stream stay the same. */
  start(id: string, boot: (context: Context) => Process<Message>): void {
    const place = this.#places.get(id) ?? this.#newPlace(id);
    place.life += 1;
    place.stalledUntilMs = 0;
    place.process = boot(this.contextOf(id));
    this.note(() => `${id} starts`);
    this.#scheduleTick(place, place.life, this.#nowMs + place.rng() * this.#options.tickMs);
  }

  /** Ends a member at once, as `kill -9` does. What is on its disk is the business of the one who starts it again. */
  crash(id: string): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    place.life += 1;
    place.process = undefined;
    this.note(() => `${id} crashes`);
  }

  /** The member's event loop stands still: ticks and messages wait. */
  stall(id: string, forMs: number): void {
    const place = this.#places.get(id);
    if (place !== undefined) place.stalledUntilMs = this.#nowMs + forMs;
    this.note(() => `${id} stalls for ${forMs} ms`);
  }

  /** Somebody sets the member's wall clock. */
  setClock(id: string, byMs: number): void {
    const place = this.#places.get(id);
    if (place !== undefined) place.skewMs += byMs;
    this.note(() => `${id} has its clock set by ${byMs} ms`);
  }

  isUp(id: string): boolean {
    return this.#places.get(id)?.process !== undefined;
  }

  send(from: string, to: string, message: Message): void {
    this.onSend(from, to, message);
    for (const delayMs of this.network.route(from, to, this.#nowMs)) {
      this.#queue.push(this.#nowMs + delayMs, () => this.#deliver(from, to, message));
    }
  }

  /** Does something later, outside of any member. */
  after(delayMs: number, action: () => void): void {
    this.#queue.push(this.#nowMs + delayMs, action);
  }

  /** Lets virtual time pass. */
  run(forMs: number): void {
    const endMs = this.#nowMs + forMs;
    while ((this.#queue.nextAtMs ?? Number.POSITIVE_INFINITY) <= endMs) {
      const next = this.#queue.pop();
      if (next === undefined) break;
      this.#nowMs = next.atMs;
      next.item();
    }
    this.#nowMs = endMs;
  }

  /** Lets time pass until the condition holds; returns how long it took, or undefined when it did not within `atMostMs`. */
  runUntil(condition: () => boolean, atMostMs: number, stepMs = 50): number | undefined {
    const startMs = this.#nowMs;
    while (!condition()) {
      if (this.#nowMs - startMs >= atMostMs) return undefined;
      this.run(stepMs);
    }
    return this.#nowMs - startMs;
  }

  /** What this member's core may know: its own, wrong clock and its own random stream. */
  contextOf(id: string): Context {
    const place = this.#places.get(id);
    if (place === undefined) throw new Error(`no member ${id}`);
    return { nowMs: EPOCH_MS + this.#nowMs + place.skewMs, rng: place.rng };
  }

  note(line: () => string): void {
    const atMs = this.#nowMs;
    this.trace.add(() => `${atMs.toFixed(1)} ${line()}`);
  }

  #newPlace(id: string): Place<Message> {
    const skewMs = (2 * this.rng() - 1) * this.#options.clockSkewMsMax;
    const place = { id, rng: forkRng(this.rng), skewMs, process: undefined, life: 0, stalledUntilMs: 0 };
    this.#places.set(id, place);
    return place;
  }

  #scheduleTick(place: Place<Message>, life: number, atMs: number): void {
    this.#queue.push(atMs, () => {
      if (place.life !== life || place.process === undefined) return;
      if (place.stalledUntilMs > this.#nowMs) {
        this.#scheduleTick(place, life, place.stalledUntilMs);
        return;
      }
      place.process.tick(this.contextOf(place.id));
      this.onEvent(place.id);
      this.#scheduleTick(place, life, this.#nowMs + this.#options.tickMs);
    });
  }

  #deliver(from: string, to: string, message: Message): void {
    const place = this.#places.get(to);
    if (place?.process === undefined) return;
    if (place.stalledUntilMs > this.#nowMs) {
      this.#queue.push(place.stalledUntilMs, () => this.#deliver(from, to, message));
      return;
    }
    this.note(() => `${from} -> ${to} ${JSON.stringify(message).slice(0, 200)}`);
    place.process.receive(from, message, this.contextOf(to));
    this.onEvent(to);
  }
}
