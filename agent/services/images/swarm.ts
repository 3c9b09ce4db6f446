import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { EXCHANGE_TICK_MS } from '../../core/images/swarm/bounds.ts';
import type { ExchangeEffect, ExchangeEvent } from '../../core/images/swarm/events.ts';
import { createExchange, isIdle, stepExchange } from '../../core/images/swarm/exchange.ts';
import { pieceStatement, type SwarmMessage } from '../../core/images/swarm/messages.ts';
import type { BlobPieces } from '../../ports/blob-store.ts';
import type { Blobs, FetchedPiece, FetchPiece, PieceSource } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Log } from '../../ports/log.ts';
import type { ImageCalls } from './calls.ts';
import type { ImagePeers } from './image-peers.ts';
import { Joining } from './joining.ts';
import { Proofs } from './proofs.ts';
import { Ticks } from './ticks.ts';
import { type Fetching, type TransferProgress, Want, type WantedBlob } from './want.ts';

/** Blobs that this host brings here at once; an engine asks for a few at a time. */
const WANTED_MAX = 240;

export interface SwarmParts {
  readonly blobs: Blobs;
  readonly peers: ImagePeers;
  readonly calls: ImageCalls;
  readonly identity: Identity;
  readonly send: (to: HostId, message: SwarmMessage) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Size of a blob that this host holds whole. */
  readonly heldBytes: (digest: Digest) => number | undefined;
  /** A blob became whole here. */
  readonly onHeld: (digest: Digest, sizeBytes: number) => void;
}

/** Carries out the exchange of pieces: the core decides who gets which piece from whom, the blobs port moves the bytes. */
export class Swarm {
  readonly #parts: SwarmParts;
  readonly #exchange;
  readonly #wants = new Map<Digest, Want>();
  readonly #fetches = new Map<string, AbortController>();
  readonly #proofs: Proofs;
  readonly #ticks: Ticks;
  readonly #joining: Joining;
  #isStopped = false;

  constructor(parts: SwarmParts) {
    this.#parts = parts;
    this.#exchange = createExchange({ self: parts.peers.hostId });
    this.#proofs = new Proofs(parts.identity);
    this.#ticks = new Ticks({
      clock: parts.clock,
      periodMs: EXCHANGE_TICK_MS,
      isActive: () => !isIdle(this.#exchange),
      onTick: () => this.#step({ type: 'tick' }),
    });
    this.#joining = new Joining({
      ...parts,
      isWanted: (want) => this.#wants.get(want.blob.digest) === want,
      onPeers: ({ blob: { digest } }, peers) => this.#step({ type: 'peers', digest, peers }),
      onRefused: (want, error) => this.#end(want.blob.digest, want, error),
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#ticks.stop();
    this.#joining.stop();
    for (const cancel of this.#fetches.values()) cancel.abort();
    for (const [digest, want] of this.#wants) this.#end(digest, want, stopping());
    this.#proofs.clear();
  }

  /** Whether any of these blobs is being fetched, for progress. */
  progressOf(digest: Digest): TransferProgress | undefined {
    const want = this.#wants.get(digest);
    return want?.progress(this.#parts.clock.monotonicMs());
  }

  transfers(): readonly TransferProgress[] {
    const nowMs = this.#parts.clock.monotonicMs();
    return [...this.#wants.values()].filter(({ isOpen }) => isOpen).map((want) => want.progress(nowMs));
  }

  /**
   * Brings a blob here. It is fetched once however many want it, and given up when the last of them aborts.
   *
   * @throws ShoalError rate-limited when too many are under way
   */
  want(blob: WantedBlob, signal: AbortSignal): Fetching {
    signal.throwIfAborted();
    const want = this.#wants.get(blob.digest) ?? this.#begin(blob);
    want.users += 1;
    if (blob.isLease !== true) want.isOwn = true;
    want.origin ??= blob.origin;
    this.#joining.begin(want);
    if (blob.holder !== undefined && want.isOpen) this.#introduce(want, blob.holder);
    const aborted = Promise.withResolvers<never>();
    const leave = () => {
      aborted.reject(signal.reason);
      want.users -= 1;
      if (want.users === 0) this.#giveUp(blob.digest, want);
    };
    const settle = () => signal.removeEventListener('abort', leave);
    signal.addEventListener('abort', leave, { once: true });
    want.done.promise.then(settle, settle);
    const opened = Promise.race([want.opened.promise, aborted.promise]);
    const done = Promise.race([want.done.promise, aborted.promise]);
    for (const promise of [aborted.promise, opened, done]) promise.catch(() => undefined);
    return { opened, done };
  }

  /** A piece of an open blob came from its upstream. */
  originPiece(digest: Digest, piece: number, sha256: string): void {
    this.#wants.get(digest)?.gain(piece, 'origin');
    this.#step({ type: 'origin-piece', digest, piece, sha256 });
  }

  /** Offers without a valid proof are dropped before the core sees them. */
  async receive(from: HostId, message: SwarmMessage): Promise<void> {
    if (message.type === 'swarm-offer' && !(await this.#isProven(from, message))) return;
    if (!this.#isStopped) this.#step({ type: 'message', from, message });
  }

  /** Blobs may have other trackers now. */
  membersChanged(): void {
    for (const want of this.#wants.values()) if (want.isOpen) void this.#joining.join(want);
  }

  /** A member is dead or evicted. */
  gone(peer: HostId): void {
    this.#step({ type: 'gone', peer });
  }

  /** A blob left this host's store; if it was still on its way, so did what there was of it. */
  removed(digest: Digest): void {
    const want = this.#wants.get(digest);
    if (want?.isOpen === true) this.#end(digest, want, new ShoalError('not-found', 'It was deleted meanwhile.'));
    this.#step({ type: 'closed', digest });
    this.#proofs.forget(digest);
  }

  #begin(blob: WantedBlob): Want {
    if (this.#wants.size >= WANTED_MAX) {
      throw new ShoalError('rate-limited', `${WANTED_MAX} blobs are on their way to this host already; try again.`);
    }
    const want = new Want(blob, this.#parts.clock.monotonicMs());
    this.#wants.set(blob.digest, want);
    this.#open(want).catch((error: unknown) => this.#end(blob.digest, want, asShoalError(error)));
    return want;
  }

  async #open(want: Want): Promise<void> {
    const { digest, sizeBytes, holder } = want.blob;
    const pieces = await this.#parts.blobs.open(digest, sizeBytes);
    if (this.#wants.get(digest) !== want) return;
    if (pieces.isComplete) {
      this.#settle(digest, want);
      return;
    }
    want.resume(pieces.have);
    want.isOpen = true;
    this.#step(openedEvent(digest, pieces));
    if (holder !== undefined) this.#introduce(want, holder);
    this.#joining.begin(want);
  }

  #introduce({ blob: { digest } }: Want, holder: HostId): void {
    if (holder !== this.#parts.peers.hostId) this.#step({ type: 'peers', digest, peers: [holder] });
  }

  #step(event: ExchangeEvent): void {
    if (this.#isStopped) return;
    const { clock } = this.#parts;
    const context = { nowMs: clock.monotonicMs(), rng: () => clock.random() };
    const effects = stepExchange(this.#exchange, event, context);
    this.#ticks.wake();
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: ExchangeEffect): void {
    const { send, log } = this.#parts;
    switch (effect.type) {
      case 'send':
        send(effect.to, effect.message);
        break;
      case 'offer':
        void this.#offer(effect);
        break;
      case 'fetch':
        void this.#fetch(effect);
        break;
      case 'cancel':
        this.#fetches.get(fetchKey(effect))?.abort();
        break;
      case 'complete':
        void this.#complete(effect.digest);
        break;
      case 'look':
        void this.#look(effect);
        break;
      case 'need-peers': {
        const want = this.#wants.get(effect.digest);
        if (want?.isOpen === true) void this.#joining.join(want);
        break;
      }
      case 'banned':
        log.warn(
          { peer: effect.peer, digest: effect.digest, why: effect.why },
          'a member sent bad pieces and is avoided',
        );
        break;
    }
  }

  async #offer(effect: Extract<ExchangeEffect, { type: 'offer' }>): Promise<void> {
    const { to, digest, sizeBytes, piece, sha256, proof } = effect;
    const shown = proof ?? (await this.#proofs.make(digest, sizeBytes, piece, sha256));
    if (!this.#isStopped) this.#parts.send(to, { type: 'swarm-offer', digest, piece, proof: shown });
  }

  async #isProven(
    from: HostId,
    { digest, piece, proof }: Extract<SwarmMessage, { type: 'swarm-offer' }>,
  ): Promise<boolean> {
    const want = this.#wants.get(digest);
    if (want === undefined) return true;
    const { identity, peers, log } = this.#parts;
    const hex = Buffer.from(proof.sha256).toString('hex');
    const statement = Buffer.from(pieceStatement(digest, want.blob.sizeBytes, piece, hex));
    const isSigned = await identity.verify(proof.maker, statement, proof.signature);
    // A stranger's word is worth nothing: whoever lies could make up a new one each time.
    if (isSigned && peers.isMember(proof.maker)) return true;
    log.debug({ from, digest, piece, maker: proof.maker }, 'an offer with a false proof was dropped');
    return false;
  }

  async #fetch(effect: Extract<ExchangeEffect, { type: 'fetch' }>): Promise<void> {
    const { peers } = this.#parts;
    const { digest, piece, from, sizeBytes, sha256 } = effect;
    const key = fetchKey(effect);
    const cancel = new AbortController();
    this.#fetches.set(key, cancel);
    const source = peers.sourceOf(from);
    const outcome = await this.#take({ digest, sizeBytes, piece, sha256 }, source, cancel.signal);
    if (this.#fetches.get(key) === cancel) this.#fetches.delete(key);
    const want = this.#wants.get(digest);
    if (outcome.ok) want?.gain(piece, from);
    if (!outcome.ok && outcome.reason === 'not-stored' && want !== undefined) {
      this.#end(digest, want, new ShoalError('not-stored', `The disk of this host has no room for ${digest}.`));
    }
    this.#step({ type: 'fetched', digest, piece, from, end: outcome.ok ? 'ok' : outcome.reason });
  }

  /** The core waits for an end of every fetch, so there is one whatever happens. */
  async #take(
    piece: Omit<FetchPiece, 'from'>,
    from: PieceSource | undefined,
    signal: AbortSignal,
  ): Promise<FetchedPiece> {
    if (from === undefined) return { ok: false, reason: 'unreachable' };
    try {
      return await this.#parts.blobs.fetchPiece({ ...piece, from }, signal);
    } catch (error) {
      this.#parts.log.warn({ error, digest: piece.digest }, 'a piece could not be fetched');
      return { ok: false, reason: 'cancelled' };
    }
  }

  async #complete(digest: Digest): Promise<void> {
    const { blobs, log } = this.#parts;
    const want = this.#wants.get(digest);
    try {
      const isAllFromOrigin = want?.originBytes === want?.blob.sizeBytes;
      const ifFalse = isAllFromOrigin ? falseOrigin(digest) : falsePieces(digest);
      const { ok } = await blobs.complete(digest, ifFalse);
      if (!ok && isAllFromOrigin) throw ifFalse;
      if (ok && want !== undefined && this.#wants.get(digest) === want) this.#settle(digest, want);
      if (!ok) {
        log.warn({ digest }, 'a blob did not have its digest once whole; it is fetched again');
        if (want !== undefined) await this.#reopen(digest, want);
      }
      this.#step({ type: 'completed', digest, isSound: ok });
    } catch (error) {
      if (want !== undefined) this.#end(digest, want, asShoalError(error));
    }
  }

  async #reopen(digest: Digest, want: Want): Promise<void> {
    want.loseAll();
    await this.#parts.blobs.open(digest, want.blob.sizeBytes);
  }

  /** A peer asks for a blob that the exchange does not know: it is served when the store has it whole. */
  async #look({ digest, from, message }: Extract<ExchangeEffect, { type: 'look' }>): Promise<void> {
    if (message.type !== 'swarm-hello') return;
    const { blobs, heldBytes, send, log } = this.#parts;
    const coming = this.#wants.get(digest);
    if (coming !== undefined) {
      // It is being opened here at this moment: asked a little later, the exchange knows it.
      await coming.opened.promise.catch(() => undefined);
      if (this.#wants.get(digest) === coming) return this.#step({ type: 'message', from, message });
    }
    try {
      // Never opened for a size that only the peer speaks of.
      if (heldBytes(digest) !== message.sizeBytes) return send(from, { type: 'swarm-bye', digest });
      const pieces = await blobs.open(digest, message.sizeBytes);
      if (!pieces.isComplete) return;
      await blobs.touch([digest]);
      this.#step(openedEvent(digest, pieces));
      this.#step({ type: 'message', from, message });
    } catch (error) {
      log.debug({ digest, error }, 'a blob that a peer asks for cannot be opened');
    }
  }

  #settle(digest: Digest, want: Want): void {
    this.#wants.delete(digest);
    want.resolve();
    this.#parts.onHeld(digest, want.blob.sizeBytes);
    this.#joining.finish(want);
  }

  #end(digest: Digest, want: Want, error: ShoalError): void {
    if (this.#wants.get(digest) !== want) return;
    this.#wants.delete(digest);
    want.reject(error);
    this.#leave(want);
    const { blobs } = this.#parts;
    void blobs.fail(digest, error).catch(() => undefined);
    // Nothing of it may be taken for a part of the real one later.
    if (error.code === FALSE_ORIGIN) void blobs.remove([digest]).catch(() => undefined);
  }

  #giveUp(digest: Digest, want: Want): void {
    this.#end(digest, want, new ShoalError('cancelled', 'Nobody waits for it any more.'));
  }

  #leave(want: Want): void {
    const { digest } = want.blob;
    if (!this.#isStopped) {
      const cancels = [...this.#fetches].filter(([key]) => key.startsWith(`${digest} `));
      this.#step({ type: 'closed', digest });
      for (const [, cancel] of cancels) cancel.abort();
    }
    this.#joining.leave(want);
  }
}

const fetchKey = ({ digest, piece, from }: { digest: Digest; piece: number; from: HostId }): string =>
  `${digest} ${piece} ${from}`;

const openedEvent = (digest: Digest, { sizeBytes, have, sha256, isComplete }: BlobPieces): ExchangeEvent => ({
  type: 'opened',
  digest,
  sizeBytes,
  have,
  sha256,
  isComplete,
});

const asShoalError = (error: unknown): ShoalError => {
  if (error instanceof ShoalError) return error;
  throw error;
};

/** No member is to blame, and another try would bring the same. */
export const FALSE_ORIGIN = 'image-not-found';

const falseOrigin = (digest: Digest): ShoalError =>
  new ShoalError(FALSE_ORIGIN, `The other registry sends something else than ${digest}; nothing of it was kept.`);

/** Waiting readers may come again. */
const falsePieces = (digest: Digest): ShoalError =>
  new ShoalError('not-ready', `What members gave is not ${digest}; it is fetched again.`);

const stopping = (): ShoalError => new ShoalError('not-ready', 'This agent is stopping.');
