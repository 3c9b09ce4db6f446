import type { Digest } from '../../../../protocol/digest.ts';
import type { HostId } from '../../../../protocol/ids.ts';

/**
 * What its maker vouches for: the hash of one piece. Made by whoever cut the piece from bytes that it had from the origin or
 * has checked as a whole, and passed on with the piece, so that a liar is known by name.
 */
export interface PieceProof {
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  readonly maker: HostId;
  /** Over `pieceStatement`. */
  readonly signature: Uint8Array;
}

/** What two members that exchange pieces of a blob say to each other, on their gossip links. */
export type SwarmMessage =
  /** "Let us exchange": what I have and am getting. Answered once in kind; sent again it replaces what was said. */
  | {
      readonly type: 'swarm-hello';
      readonly digest: Digest;
      readonly sizeBytes: number;
      /** As `PieceSet.bits`. */
      readonly have: Uint8Array;
      readonly getting: readonly number[];
      readonly isReply: boolean;
    }
  /** What changed since. `dropped`: no longer being got. */
  | {
      readonly type: 'swarm-have';
      readonly digest: Digest;
      readonly got: readonly number[];
      readonly getting: readonly number[];
      readonly dropped: readonly number[];
    }
  /** "Take this piece from me now": an upload slot is held for it. */
  | {
      readonly type: 'swarm-offer';
      readonly digest: Digest;
      readonly piece: number;
      readonly proof: PieceProof;
    }
  /** "Not this one": had, being got, or no room. */
  | { readonly type: 'swarm-decline'; readonly digest: Digest; readonly piece: number; readonly isFull: boolean }
  /** "Not with me any more." */
  | { readonly type: 'swarm-bye'; readonly digest: Digest };

/** Whether a message on a gossip link is about pieces. */
export const isSwarmMessage = <T extends { readonly type: string }>(
  message: T,
): message is Extract<T, { readonly type: SwarmMessage['type'] }> => message.type.startsWith('swarm-');

/** What a maker signs for one piece. */
export const pieceStatement = (digest: Digest, sizeBytes: number, piece: number, sha256Hex: string): string =>
  `shoal-piece\n${digest}\n${sizeBytes}\n${piece}\n${sha256Hex}\n`;
