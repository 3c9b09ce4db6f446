import type { Digest } from '../../../../protocol/digest.ts';
import type { HostId } from '../../../../protocol/ids.ts';
import { PieceSet, pieceCountOf } from '../pieces.ts';
import { bounds } from './bounds.ts';
import type { ExchangeEffect } from './events.ts';
import type { PieceProof } from './messages.ts';

/** A change that a neighbour was not told yet. */
export type News = 'got' | 'getting' | 'dropped';

/** A peer that exchanges a blob with this host, and what it said it has. Times are own time in milliseconds. */
export interface Neighbour {
  readonly hostId: HostId;
  readonly have: PieceSet;
  readonly getting: PieceSet;
  /** Offers of these it declined, until `declinedUntilMs`. */
  readonly declined: PieceSet;
  declinedUntilMs: number;
  /** It said that it has no room, and nothing changed since. */
  isFull: boolean;
  readonly news: Map<number, News>;
  /** Messages with news in this tick. */
  told: number;
  /** When it was told news last. */
  toldAtMs: number;
  saidAllAtMs: number;
}

/** A piece on its way to this host. */
export interface Fetch {
  readonly piece: number;
  readonly from: HostId;
  readonly sha256: string;
  readonly proof: PieceProof;
  readonly startedAtMs: number;
  /** It takes so long that another peer may bring it too. */
  isLate: boolean;
}

/** A piece that this host offered. */
interface Upload {
  readonly digest: Digest;
  readonly to: HostId;
  readonly piece: number;
  readonly startedAtMs: number;
}

/** What is remembered of a peer's faults, for one blob. */
export interface Fault {
  strikes: number;
  bans: number;
  /** No exchange with it until then. */
  untilMs: number;
  /** What it vouches for is not believed until then. */
  makerUntilMs: number;
}

/** One blob that is open here. */
export interface Blob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  have: PieceSet;
  /** Lower-case hex, empty for pieces that are not there. */
  sha256: string[];
  /** What others vouched for, while the blob is not whole. A piece without one is vouched for by this host. */
  readonly proofs: Map<number, PieceProof>;
  isComplete: boolean;
  /** The shell is checking the whole. */
  isChecking: boolean;
  /** Pieces come from the upstream to this host. */
  isSeed: boolean;
  readonly neighbours: Map<HostId, Neighbour>;
  /** Neighbours that have or get each piece. */
  readonly spread: Uint16Array;
  /** How often each piece was sent from here or is being sent. */
  readonly sent: Uint16Array;
  /** Hellos without an answer, and when they were sent. */
  readonly asked: Map<HostId, number>;
  fetches: Fetch[];
  /** Durations of the last fetches and uploads. Milliseconds. */
  readonly fetchTimesMs: number[];
  readonly uploadTimesMs: number[];
  readonly faults: Map<HostId, Fault>;
  /** After a false proof: whom to believe. `undefined` is the first maker of a believable offer. */
  oneMaker: { readonly maker: HostId | undefined } | undefined;
  progressAtMs: number;
  neededAtMs: number;
  askedForPeersAtMs: number;
  fullUntilMs: number;
  /** When a piece of it was last offered; blobs take turns. */
  servedAt: number;
}

/** What one host knows of its exchanges. Owned by `stepExchange`. */
export interface ExchangeState {
  readonly self: HostId;
  /** Own time: ticks so far, in milliseconds. */
  nowMs: number;
  /** Offers so far; orders blobs by their last turn. */
  turns: number;
  readonly blobs: Map<Digest, Blob>;
  uploads: Upload[];
  /** Pieces that may be on their way from here at once, by how long the last ones took. */
  uploadSlots: number;
}

/** One step on its way: the state, chance, and what is to be done. */
export interface Turn {
  readonly state: ExchangeState;
  readonly rng: () => number;
  readonly effects: ExchangeEffect[];
}

/** A host that exchanges nothing yet. */
export const createExchange = ({ self }: { readonly self: HostId }): ExchangeState => ({
  self,
  nowMs: 0,
  turns: 0,
  blobs: new Map(),
  uploads: [],
  uploadSlots: bounds.uploadSlots.least,
});

/** Whether time has nothing to do here: no tick is needed until something happens. */
export const isIdle = ({ blobs, uploads }: ExchangeState): boolean => blobs.size === 0 && uploads.length === 0;

export function newBlob(digest: Digest, sizeBytes: number, nowMs: number): Blob {
  const count = pieceCountOf(sizeBytes);
  return {
    digest,
    sizeBytes,
    have: new PieceSet(count),
    sha256: new Array<string>(count).fill(''),
    proofs: new Map(),
    isComplete: false,
    isChecking: false,
    isSeed: false,
    neighbours: new Map(),
    spread: new Uint16Array(count),
    sent: new Uint16Array(count),
    asked: new Map(),
    fetches: [],
    fetchTimesMs: [],
    uploadTimesMs: [],
    faults: new Map(),
    oneMaker: undefined,
    progressAtMs: nowMs,
    neededAtMs: nowMs,
    askedForPeersAtMs: nowMs,
    fullUntilMs: 0,
    servedAt: 0,
  };
}

export const isGetting = (blob: Blob, piece: number): boolean => blob.fetches.some((fetch) => fetch.piece === piece);

/** Pieces on their way here, each once. */
export const gettingOf = (blob: Blob): readonly number[] => [...new Set(blob.fetches.map(({ piece }) => piece))];

export const downloadsOf = (state: ExchangeState): number => {
  let sum = 0;
  for (const { fetches } of state.blobs.values()) sum += fetches.length;
  return sum;
};
