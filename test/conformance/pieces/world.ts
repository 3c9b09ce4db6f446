import { createHash, randomBytes } from 'node:crypto';
import { type HostIdentity, newIdentity } from '../../../agent/adapters/libp2p/identity.ts';
import { BufferPool } from '../../../agent/adapters/pieces/buffer-pool.ts';
import { type HostCertificate, makeCertificate } from '../../../agent/adapters/pieces/certificate.ts';
import { PieceClient } from '../../../agent/adapters/pieces/piece-client.ts';
import { PieceServer } from '../../../agent/adapters/pieces/piece-server.ts';
import { TokenBucket } from '../../../agent/adapters/pieces/token-bucket.ts';
import { systemClock } from '../../../agent/adapters/system-clock.ts';
import { pieceRange } from '../../../agent/core/images/pieces.ts';
import type { FetchPiece } from '../../../agent/ports/blobs.ts';
import type { Clock } from '../../../agent/ports/clock.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { type Digest, isDigest } from '../../../protocol/digest.ts';
import { PieceShelf } from '../../framework/piece-shelf.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function digestOf(bytes: Uint8Array): Digest {
  const text = `sha256:${sha256(bytes)}`;
  if (!isDigest(text)) throw new Error('no digest');
  return text;
}

/** A blob of random bytes. */
export interface Blob {
  readonly bytes: Buffer;
  readonly digest: Digest;
  piece(n: number): Buffer;
}

export function randomBlob(sizeBytes: number): Blob {
  const bytes = randomBytes(sizeBytes);
  const piece = (n: number) => {
    const { start, end } = pieceRange(sizeBytes, n);
    return bytes.subarray(start, end);
  };
  return { bytes, digest: digestOf(bytes), piece };
}

/** One host's side of the exchange. */
export interface Host {
  readonly identity: HostIdentity;
  readonly certificate: HostCertificate;
  readonly shelf: PieceShelf;
  readonly server: PieceServer;
  readonly client: PieceClient;
  readonly caps: { readonly upload: TokenBucket; readonly download: TokenBucket };
}

/** Hosts with servers on loopback. Call `close` in the end. */
export class World {
  readonly #hosts: Host[] = [];

  async host(clock: Clock = systemClock): Promise<Host> {
    const identity = await newIdentity();
    const certificate = makeCertificate(identity.privateKey, clock.nowMs());
    const shelf = new PieceShelf();
    const caps = { upload: new TokenBucket(clock, undefined), download: new TokenBucket(clock, undefined) };
    const listen = { address: '127.0.0.1', port: 0 };
    const buffers = new BufferPool(clock);
    const server = await PieceServer.listen({
      store: shelf,
      certificate,
      listen,
      upload: caps.upload,
      buffers,
      clock,
      log: silentLog,
    });
    const client = new PieceClient({ store: shelf, certificate, download: caps.download, buffers, clock });
    const host: Host = { identity, certificate, shelf, server, client, caps };
    this.#hosts.push(host);
    return host;
  }

  /** Two hosts that are members to each other. */
  async pair(clock: Clock = systemClock): Promise<{ readonly giver: Host; readonly taker: Host }> {
    const [giver, taker] = [await this.host(clock), await this.host(clock)];
    introduce(giver, taker);
    return { giver, taker };
  }

  async close(): Promise<void> {
    for (const { client } of this.#hosts) client.close();
    await Promise.all(this.#hosts.map(({ server }) => server.close()));
  }
}

export function introduce(...hosts: readonly Host[]): void {
  const ids = hosts.map((host) => host.identity.hostId);
  for (const host of hosts) {
    host.server.setMembers(ids);
    host.client.setMembers(ids);
  }
}

/** Asks `giver` for a piece of a blob. */
export function ask(giver: Host, blob: Blob, piece: number, port = giver.server.port): FetchPiece {
  return {
    digest: blob.digest,
    sizeBytes: blob.bytes.length,
    piece,
    sha256: sha256(blob.piece(piece)),
    from: { hostId: giver.identity.hostId, addresses: ['127.0.0.1'], port },
  };
}
