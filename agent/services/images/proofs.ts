import type { Digest } from '../../../protocol/digest.ts';
import { type PieceProof, pieceStatement } from '../../core/images/swarm/messages.ts';
import type { Identity } from '../../ports/identity.ts';

/** Blobs whose signatures are remembered; the one made first goes first. */
const BLOBS_MAX = 64;

interface Signed {
  readonly sha256Hex: string;
  readonly proof: Promise<PieceProof>;
}

/** Signs for pieces that this host vouches for. A piece is offered to several peers and signed once. */
export class Proofs {
  readonly #identity: Identity;
  readonly #signed = new Map<Digest, Map<number, Signed>>();

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  make(digest: Digest, sizeBytes: number, piece: number, sha256Hex: string): Promise<PieceProof> {
    const ofBlob = this.#signed.get(digest) ?? this.#begin(digest);
    const known = ofBlob.get(piece);
    // What an upstream gave first may have been something else.
    if (known?.sha256Hex === sha256Hex) return known.proof;
    const proof = this.#sign(digest, sizeBytes, piece, sha256Hex);
    ofBlob.set(piece, { sha256Hex, proof });
    return proof;
  }

  forget(digest: Digest): void {
    this.#signed.delete(digest);
  }

  clear(): void {
    this.#signed.clear();
  }

  #begin(digest: Digest): Map<number, Signed> {
    const oldest = this.#signed.size >= BLOBS_MAX ? this.#signed.keys().next().value : undefined;
    if (oldest !== undefined) this.#signed.delete(oldest);
    const ofBlob = new Map<number, Signed>();
    this.#signed.set(digest, ofBlob);
    return ofBlob;
  }

  async #sign(digest: Digest, sizeBytes: number, piece: number, sha256Hex: string): Promise<PieceProof> {
    const statement = Buffer.from(pieceStatement(digest, sizeBytes, piece, sha256Hex));
    const signature = await this.#identity.sign(statement);
    return { sha256: Buffer.from(sha256Hex, 'hex'), maker: this.#identity.hostId, signature };
  }
}
