import { PieceSet } from '../../../agent/core/images/pieces.ts';
import { bounds, REJOIN_MS } from '../../../agent/core/images/swarm/bounds.ts';
import type {
  ExchangeEffect,
  ExchangeEvent,
  FetchEnd,
  TrackerEffect,
  TrackerEvent,
} from '../../../agent/core/images/swarm/events.ts';
import { createExchange, type ExchangeState, stepExchange } from '../../../agent/core/images/swarm/exchange.ts';
import type { PieceProof, SwarmMessage } from '../../../agent/core/images/swarm/messages.ts';
import { createTracker, stepTracker, type TrackerState } from '../../../agent/core/images/swarm/tracker.ts';
import { stewardOf } from '../../../agent/core/rendezvous.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { invariant } from '../framework/invariants.ts';
import type { Rng } from '../framework/rng.ts';
import { type Content, falsified } from './content.ts';
import type { SwarmWorld } from './swarm-world.ts';

/** How a host misbehaves. */
export type Manner =
  | 'honest'
  /** Sends other bytes than it vouches for or passes on. */
  | 'corrupts'
  /** Says that it has all, has other bytes, and vouches for them. */
  | 'forges'
  /** Offers, and then sends nothing. */
  | 'stalls'
  /** Takes what is offered, and never gets to the end. */
  | 'hoards'
  /** Says that it has all, and has nothing. */
  | 'boasts';

/** What hosts say to a tracker and back. */
export type TrackerMessage =
  | { readonly to: 'tracker'; readonly event: Extract<TrackerEvent, { type: 'join' | 'leave' | 'announced' }> }
  | { readonly to: 'host'; readonly effect: Extract<TrackerEffect, { type: 'joined' }> };

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** One agent: the pure cores, a store of hashes, and the shell between them. */
export class SwarmHost {
  readonly id: HostId;
  readonly zone: string;
  readonly manner: Manner;
  /** On disk, by piece: the hash of what is there. Survives a restart. */
  readonly disk = new Map<number, string>();
  isWhole = false;
  isUp = false;
  /** Of the mesh, in this host's view. */
  members = new Set<HostId>();
  wholeAtMs: number | undefined;
  failure: string | undefined;
  readonly banned: { readonly peer: HostId; readonly why: string }[] = [];
  exchange: ExchangeState;
  #tracker: TrackerState;
  readonly #world: SwarmWorld;
  readonly #rng: Rng;
  #isOpen = false;
  #nextJoinAtMs = 0;
  #steward: HostId | undefined;

  constructor(world: SwarmWorld, id: HostId, zone: string, manner: Manner, rng: Rng) {
    this.#world = world;
    this.id = id;
    this.zone = zone;
    this.manner = manner;
    this.#rng = rng;
    this.exchange = createExchange({ self: id });
    this.#tracker = createTracker({ self: id });
  }

  get #content(): Content {
    return this.#world.content;
  }

  /** Starts, also after a crash: only the disk is left then. */
  boot(members: Iterable<HostId>): void {
    this.isUp = true;
    this.exchange = createExchange({ self: this.id });
    this.#tracker = createTracker({ self: this.id });
    this.#isOpen = false;
    this.members = new Set(members);
    this.#stewardChanged();
  }

  /** Long enough a member that its tracker knows what there is. */
  settle(): void {
    this.#tracker.settledAtMs = 0;
  }

  want(): void {
    if (this.manner === 'forges' || this.manner === 'boasts') this.#pretend();
    else this.#open();
  }

  #open(): void {
    this.#isOpen = true;
    const have = new PieceSet(this.#content.sha256.length);
    for (const piece of this.disk.keys()) have.add(piece);
    const sha256 = this.#content.sha256.map((_, piece) => this.disk.get(piece) ?? '');
    this.#opened(have, sha256);
    if (!this.isWhole) this.#join();
  }

  #opened(have: PieceSet, sha256: readonly string[]): void {
    const { digest, sizeBytes } = this.#content;
    this.step({ type: 'opened', digest, sizeBytes, have: have.bits, sha256, isComplete: this.isWhole });
  }

  /** The whole, of false pieces or of none. */
  #pretend(): void {
    this.isWhole = true;
    const { sha256 } = this.#content;
    if (this.manner === 'forges') for (const [piece, hash] of sha256.entries()) this.disk.set(piece, falsified(hash));
    this.#announce();
  }

  /** Has the blob from the start. */
  hold(): void {
    for (const [piece, hash] of this.#content.sha256.entries()) this.disk.set(piece, hash);
    this.isWhole = true;
    this.wholeAtMs = this.#world.nowMs;
    this.#announce();
  }

  tick(): void {
    this.step({ type: 'tick' });
    this.track({ type: 'tick' });
    if (this.#isOpen && !this.isWhole && this.#world.nowMs >= this.#nextJoinAtMs) this.#join();
  }

  onMembers(members: Iterable<HostId>): void {
    const now = new Set(members);
    const gone = [...this.members].filter((member) => !now.has(member));
    this.members = now;
    for (const peer of gone) {
      this.step({ type: 'gone', peer });
      this.track({ type: 'gone', peer });
    }
    this.track({ type: 'members-changed' });
    this.#stewardChanged();
  }

  #stewardChanged(): void {
    const steward = stewardOf(this.#content.digest, this.members);
    if (steward === this.#steward) return;
    this.#steward = steward;
    if (this.isWhole) this.#announce();
    else if (this.#isOpen) this.#join();
  }

  #toTracker(event: Extract<TrackerMessage, { to: 'tracker' }>['event']): void {
    if (this.#steward !== undefined) this.#world.sendTracker(this.id, this.#steward, { to: 'tracker', event });
  }

  #join(): void {
    this.#nextJoinAtMs = this.#world.nowMs + REJOIN_MS;
    const have = new PieceSet(this.#content.sha256.length);
    for (const piece of this.disk.keys()) have.add(piece);
    const { digest, sizeBytes } = this.#content;
    const { origin } = this.#world.options;
    this.#toTracker({ type: 'join', from: this.id, zone: this.zone, digest, sizeBytes, have: have.bits, origin });
  }

  #announce(): void {
    const { digest, sizeBytes } = this.#content;
    const held = [{ digest, sizeBytes, isPinned: false }];
    this.#toTracker({ type: 'announced', from: this.id, held, dropped: [], isAll: false });
  }

  onTrackerMessage(message: TrackerMessage): void {
    if (message.to === 'tracker') {
      this.track(message.event);
      return;
    }
    const { peers, failure, digest } = message.effect;
    if (failure !== undefined) this.failure = failure.code;
    if (this.#isOpen) this.step({ type: 'peers', digest, peers });
  }

  onSwarmMessage(from: HostId, message: SwarmMessage): void {
    this.step({ type: 'message', from, message });
  }

  #context() {
    return { nowMs: 0, rng: this.#rng };
  }

  track(event: TrackerEvent): void {
    for (const effect of stepTracker(this.#tracker, event, this.#context())) {
      if (effect.type === 'joined') this.#world.sendTracker(this.id, effect.to, { to: 'host', effect });
      else if (effect.type === 'cancel-origin') this.#world.stopOrigin(this.id);
      else {
        if (!this.#isOpen) this.#open();
        this.#world.fetchOrigin(this.id, effect.pieces);
      }
    }
  }

  step(event: ExchangeEvent): void {
    const effects = stepExchange(this.exchange, event, this.#context());
    this.#checkSlots();
    for (const effect of effects) this.#carryOut(effect);
  }

  #checkSlots(): void {
    const { uploads, blobs } = this.exchange;
    invariant(uploads.length <= bounds.uploadsMax, 'upload slots are bounded', () => `${this.id}: ${uploads.length}`);
    const names = new Set(uploads.map(({ to, piece }) => `${to}/${piece}`));
    invariant(names.size === uploads.length, 'a piece is offered once to a peer', () => `${this.id}`);
    for (const { fetches, neighbours } of blobs.values()) {
      invariant(fetches.length <= bounds.downloadsMax, 'download slots are bounded', () => this.id);
      invariant(neighbours.size <= bounds.neighbours, 'neighbours are bounded', () => this.id);
    }
  }

  #carryOut(effect: ExchangeEffect): void {
    switch (effect.type) {
      case 'send':
        this.#world.sendSwarm(this.id, effect.to, effect.message);
        break;
      case 'offer': {
        const { to, digest, piece, sha256 } = effect;
        const proof: PieceProof = effect.proof ?? {
          sha256: bytesOf(sha256),
          maker: this.id,
          signature: new Uint8Array(),
        };
        invariant(sha256 === hexOf(proof.sha256), 'a proof is passed on with its piece', () => `${this.id}: ${piece}`);
        this.#world.sendSwarm(this.id, to, { type: 'swarm-offer', digest, piece, proof });
        break;
      }
      case 'fetch':
        this.#world.fetch(this.id, effect.from, effect.piece, effect.sha256);
        break;
      case 'cancel':
        this.#world.cancel(this.id, effect.from, effect.piece);
        break;
      case 'complete':
        this.#world.after(1, () => this.#complete());
        break;
      case 'look':
        if (this.isWhole) {
          this.#isOpen = true;
          const sha256 = this.manner === 'forges' ? this.#content.sha256.map(falsified) : this.#content.sha256;
          this.#opened(PieceSet.full(sha256.length), sha256);
          this.step({ type: 'message', from: effect.from, message: effect.message });
        } else this.#world.sendSwarm(this.id, effect.from, { type: 'swarm-bye', digest: effect.digest });
        break;
      case 'need-peers':
        this.#join();
        break;
      case 'banned':
        this.banned.push({ peer: effect.peer, why: effect.why });
        break;
    }
  }

  onFetched(piece: number, from: HostId, end: FetchEnd, hash: string | undefined): void {
    if (end === 'ok' && hash !== undefined) this.#put(piece, hash);
    this.step({ type: 'fetched', digest: this.#content.digest, piece, from, end });
  }

  onOriginPiece(piece: number): void {
    const { digest, sha256: right } = this.#content;
    const sha256 = right[piece] ?? '';
    if (!this.disk.has(piece)) this.#put(piece, sha256);
    this.step({ type: 'origin-piece', digest, piece, sha256: this.disk.get(piece) ?? sha256 });
    this.track({ type: 'origin-piece', digest, piece });
  }

  #put(piece: number, hash: string): void {
    invariant(!this.disk.has(piece), 'a piece is stored once', () => `${this.id}: ${piece}`);
    this.disk.set(piece, hash);
  }

  #complete(): void {
    if (!this.isUp || this.isWhole) return;
    const { digest, sha256 } = this.#content;
    invariant(this.disk.size === sha256.length, 'only a whole blob is checked', () => this.id);
    const isSound = sha256.every((hash, piece) => this.disk.get(piece) === hash);
    if (isSound) {
      this.isWhole = true;
      this.wholeAtMs = this.#world.nowMs;
      this.#announce();
      this.#toTracker({ type: 'leave', from: this.id, digest });
    } else this.disk.clear();
    this.step({ type: 'completed', digest, isSound });
  }
}
