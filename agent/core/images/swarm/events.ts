import type { Digest } from '../../../../protocol/digest.ts';
import type { HostId } from '../../../../protocol/ids.ts';
import type { PieceProof, SwarmMessage } from './messages.ts';

/** How a fetch of one piece ended; `FetchedPiece` of the blobs port without its byte count. */
export type FetchEnd = 'ok' | 'corrupt' | 'absent' | 'unreachable' | 'stalled' | 'cancelled' | 'not-stored';

/** What can happen to one host's exchange of pieces. */
export type ExchangeEvent =
  /**
   * A blob is open in this host's store: wanted, or whole and asked for by a peer. Said again for a blob that is open, it
   * replaces what is had. `sha256`: lower-case hex, empty for pieces that are not there.
   */
  | {
      readonly type: 'opened';
      readonly digest: Digest;
      readonly sizeBytes: number;
      readonly have: Uint8Array;
      readonly sha256: readonly string[];
      readonly isComplete: boolean;
    }
  /** Nobody here wants it any more, or it was removed: fetches end, peers are told. */
  | { readonly type: 'closed'; readonly digest: Digest }
  /** Members to exchange this blob with, from its tracker. Those known already stay. */
  | { readonly type: 'peers'; readonly digest: Digest; readonly peers: readonly HostId[] }
  /** Signatures of offers were checked. */
  | { readonly type: 'message'; readonly from: HostId; readonly message: SwarmMessage }
  /** A piece came from the upstream. */
  | { readonly type: 'origin-piece'; readonly digest: Digest; readonly piece: number; readonly sha256: string }
  /** Answer to `fetch`. */
  | {
      readonly type: 'fetched';
      readonly digest: Digest;
      readonly piece: number;
      readonly from: HostId;
      readonly end: FetchEnd;
    }
  /** Answer to `complete`. */
  | { readonly type: 'completed'; readonly digest: Digest; readonly isSound: boolean }
  /** A member is dead, left or evicted. */
  | { readonly type: 'gone'; readonly peer: HostId }
  | { readonly type: 'tick' };

export type ExchangeEffect =
  | { readonly type: 'send'; readonly to: HostId; readonly message: SwarmMessage }
  /** Send an offer; the shell adds the proof: the maker's that came with the piece (`proof`), or one of its own. */
  | {
      readonly type: 'offer';
      readonly to: HostId;
      readonly digest: Digest;
      readonly sizeBytes: number;
      readonly piece: number;
      readonly sha256: string;
      readonly proof: PieceProof | undefined;
    }
  /** Bring a piece here from a peer. Answered once by `fetched`. */
  | {
      readonly type: 'fetch';
      readonly digest: Digest;
      readonly sizeBytes: number;
      readonly piece: number;
      readonly sha256: string;
      readonly from: HostId;
    }
  /** Another peer was faster, or nobody wants it: end this fetch. It is still answered (`cancelled`). */
  | { readonly type: 'cancel'; readonly digest: Digest; readonly piece: number; readonly from: HostId }
  /** All pieces are here: check the whole. Answered by `completed`. */
  | { readonly type: 'complete'; readonly digest: Digest }
  /** A peer asks for a blob that is not open here. When the store has it whole: `opened`, then the message again. */
  | { readonly type: 'look'; readonly digest: Digest; readonly from: HostId; readonly message: SwarmMessage }
  /** Nothing has moved for a while, or there are too few peers: ask the tracker again. */
  | { readonly type: 'need-peers'; readonly digest: Digest }
  /** A peer lied or sent damaged bytes; it is left alone for some time. For the log and the counters. */
  | {
      readonly type: 'banned';
      readonly peer: HostId;
      readonly digest: Digest;
      readonly why: 'corrupt-piece' | 'false-proof';
    };

/** What can happen to a tracker: the steward of blobs. */
export type TrackerEvent =
  /** A host tells what it holds whole; `isAll`: and nothing else. */
  | {
      readonly type: 'announced';
      readonly from: HostId;
      readonly held: readonly { readonly digest: Digest; readonly sizeBytes: number; readonly isPinned: boolean }[];
      readonly dropped: readonly Digest[];
      readonly isAll: boolean;
    }
  /**
   * A host wants a blob, or goes on wanting it: said every `REJOIN_MS` while pieces are missing. Answered by `joined` in the
   * same step. `origin`: repository name with the upstream's host from which the mesh may fetch it.
   */
  | {
      readonly type: 'join';
      readonly from: HostId;
      readonly zone: string;
      readonly digest: Digest;
      readonly sizeBytes: number;
      readonly have: Uint8Array;
      /** Only from a host that wants it itself: one that opened it to fetch it for others leaves this out. */
      readonly origin: string | undefined;
    }
  /** A host wants it no longer. */
  | { readonly type: 'leave'; readonly from: HostId; readonly digest: Digest }
  /** The upstream gave a piece; it is on this host now. */
  | { readonly type: 'origin-piece'; readonly digest: Digest; readonly piece: number }
  | { readonly type: 'origin-ended'; readonly digest: Digest; readonly failure: OriginFailure | undefined }
  /** Everything came from the upstream, and is not what the digest says. */
  | { readonly type: 'origin-false'; readonly digest: Digest; readonly failure: OriginFailure }
  | { readonly type: 'gone'; readonly peer: HostId }
  /** Members changed, so this host may have become tracker of blobs whose holders have not told it yet. */
  | { readonly type: 'members-changed' }
  | { readonly type: 'tick' };

/** A code of the error table and one sentence. */
export interface OriginFailure {
  readonly code: string;
  readonly detail: string;
}

export type TrackerEffect =
  | {
      readonly type: 'joined';
      readonly to: HostId;
      readonly digest: Digest;
      /** Members that have or get pieces, for the one that asked. */
      readonly peers: readonly HostId[];
      /** Nobody has it and nobody can get it: why. */
      readonly failure: OriginFailure | undefined;
    }
  /** This host holds the lease: fetch these pieces from the upstream, in this order. Answered by `origin-piece`s and `origin-ended`. */
  | {
      readonly type: 'fetch-origin';
      readonly digest: Digest;
      readonly sizeBytes: number;
      readonly origin: string;
      readonly pieces: readonly number[];
    }
  /** All who wanted it have gone, or all pieces are on other hosts. Not answered: no `origin-ended` follows. */
  | { readonly type: 'cancel-origin'; readonly digest: Digest };
