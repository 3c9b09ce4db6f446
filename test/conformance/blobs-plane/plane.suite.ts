import { randomFillSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pieceCountOf, pieceRange } from '../../../agent/core/images/pieces.ts';
import type { BlobStoreEvent } from '../../../agent/ports/blob-store.ts';
import type { Blobs, FetchOrigin, FetchPiece, PieceSource } from '../../../agent/ports/blobs.ts';
import type { Digest } from '../../../protocol/digest.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { waitFor } from '../../framework/wait.ts';
import { digestOf, sha256Of } from '../blobs/content.ts';

const KiB = 1_024;
const PIECE = 256 * KiB;
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const never = new AbortController().signal;

export interface PlaneHost {
  readonly hostId: HostId;
  readonly blobs: Blobs;
  readonly source: PieceSource;
  /** Its pieces can't be had any more. */
  stop(): Promise<void>;
}

/** Two hosts and a registry that is not theirs. */
export interface Plane {
  readonly hosts: readonly [PlaneHost, PlaneHost];
  readonly upstreamUrl: string;
  /** Puts a blob there. */
  addBlob(bytes: Buffer): void;
  addManifest(repository: string, tag: string, bytes: Buffer, mediaType: string): void;
  /** Requests for blobs that it got. */
  blobRequests(): number;
  dispose(): Promise<void>;
}

/** What every implementation of the Blobs port does. */
export function planeSuite(name: string, start: () => Promise<Plane>): void {
  describe(`the bytes of images between hosts, ${name}`, () => {
    let plane: Plane;
    let giver: PlaneHost;
    let taker: PlaneHost;

    beforeEach(async () => {
      plane = await start();
      [giver, taker] = plane.hosts;
      const members = [giver.hostId, taker.hostId];
      await Promise.all(plane.hosts.map(({ blobs }) => blobs.setMembers(members)));
    });

    afterEach(() => plane.dispose());

    const blobOf = (sizeBytes: number) => {
      const bytes = randomFillSync(Buffer.alloc(sizeBytes));
      return { bytes, digest: digestOf(bytes), sizeBytes, pieces: pieceCountOf(sizeBytes) };
    };
    type Blob = ReturnType<typeof blobOf>;

    const sha256OfPiece = ({ bytes, sizeBytes }: Blob, piece: number): string => {
      const { start: from, end } = pieceRange(sizeBytes, piece);
      return sha256Of(bytes.subarray(from, end));
    };

    const ask = (blob: Blob, piece: number): FetchPiece => {
      const { digest, sizeBytes } = blob;
      return { digest, sizeBytes, piece, sha256: sha256OfPiece(blob, piece), from: giver.source };
    };

    const fromOrigin = ({ digest, sizeBytes }: Blob, pieces: readonly number[]): FetchOrigin => {
      const access = { url: plane.upstreamUrl, login: undefined };
      return { digest, sizeBytes, access, repository: 'library/nginx', pieces };
    };

    it('keeps small blobs, reads them back, and says what is there', async () => {
      const bytes = Buffer.from('{"a":"manifest"}');
      const digest = await giver.blobs.write(bytes);
      expect(digest).toBe(digestOf(bytes));
      expect(Buffer.from(await giver.blobs.readAll(digest, 100))).toEqual(bytes);
      expect(await giver.blobs.list()).toMatchObject([{ digest, sizeBytes: bytes.length, isComplete: true }]);
      await giver.blobs.pin([digest], true);
      expect(await giver.blobs.usage()).toMatchObject({ blobs: 1, pinnedBytes: bytes.length });
      expect(await giver.blobs.verify(digest, never)).toBe('sound');
      await giver.blobs.remove([digest]);
      expect(await giver.blobs.list()).toEqual([]);
    });

    it('refuses to read what is absent, unfinished or larger than asked for', async () => {
      const blob = blobOf(PIECE * 2);
      await expect(giver.blobs.readAll(blob.digest, 10)).rejects.toMatchObject({ code: 'not-found' });
      await giver.blobs.open(blob.digest, blob.sizeBytes);
      await expect(giver.blobs.readAll(blob.digest, blob.sizeBytes)).rejects.toMatchObject({ code: 'not-found' });
      await expect(giver.blobs.open(blob.digest, 7)).rejects.toMatchObject({ code: 'conflict' });
      const digest = await giver.blobs.write(Buffer.alloc(100));
      await expect(giver.blobs.readAll(digest, 99)).rejects.toMatchObject({ code: 'too-large' });
    });

    it('brings a blob from host to host, piece by piece', async () => {
      const blob = blobOf(5 * PIECE + 100);
      await giver.blobs.write(blob.bytes);
      await taker.blobs.open(blob.digest, blob.sizeBytes);
      const order = Array.from({ length: blob.pieces }, (_, piece) => piece).reverse();
      const got = await Promise.all(order.map((piece) => taker.blobs.fetchPiece(ask(blob, piece), never)));
      expect(got.every(({ ok }) => ok)).toBe(true);
      expect(await taker.blobs.complete(blob.digest)).toEqual({ ok: true });
      expect(blob.bytes.equals(await taker.blobs.readAll(blob.digest, blob.sizeBytes))).toBe(true);
      expect(await taker.blobs.stats()).toMatchObject({ downloadedBytes: blob.sizeBytes, wastedBytes: 0 });
      expect(await giver.blobs.stats()).toMatchObject({ uploadedBytes: blob.sizeBytes, downloadedBytes: 0 });
    });

    it('hands pieces on while the blob is still arriving', async () => {
      const blob = blobOf(3 * PIECE);
      plane.addBlob(blob.bytes);
      await Promise.all(plane.hosts.map(({ blobs }) => blobs.open(blob.digest, blob.sizeBytes)));
      await giver.blobs.fetchOrigin(fromOrigin(blob, [1]), () => {}, never);
      expect(await taker.blobs.fetchPiece(ask(blob, 1), never)).toEqual({ ok: true, bytes: PIECE });
      expect(await taker.blobs.fetchPiece(ask(blob, 0), never)).toEqual({ ok: false, reason: 'absent' });
      const { have, sha256 } = await taker.blobs.open(blob.digest, blob.sizeBytes);
      expect([...have]).toEqual([0b010]);
      expect(sha256).toEqual(['', sha256OfPiece(blob, 1), '']);
    });

    it('does not take a piece with another hash, and counts it as waste', async () => {
      const blob = blobOf(2 * PIECE);
      await giver.blobs.write(blob.bytes);
      await taker.blobs.open(blob.digest, blob.sizeBytes);
      const wrong = { ...ask(blob, 0), sha256: sha256OfPiece(blob, 1) };
      expect(await taker.blobs.fetchPiece(wrong, never)).toEqual({ ok: false, reason: 'corrupt' });
      expect(await taker.blobs.stats()).toMatchObject({ wastedBytes: PIECE });
      expect(await taker.blobs.fetchPiece(ask(blob, 0), never)).toEqual({ ok: true, bytes: PIECE });
    });

    it('gives nothing to a host that is no member, and takes nothing from one', async () => {
      const blob = blobOf(PIECE);
      await giver.blobs.write(blob.bytes);
      await taker.blobs.open(blob.digest, blob.sizeBytes);
      const unreachable = { ok: false, reason: 'unreachable' };
      await giver.blobs.setMembers([giver.hostId]);
      expect(await taker.blobs.fetchPiece(ask(blob, 0), never)).toEqual(unreachable);
      await giver.blobs.setMembers([giver.hostId, taker.hostId]);
      await taker.blobs.setMembers([taker.hostId]);
      expect(await taker.blobs.fetchPiece(ask(blob, 0), never)).toEqual(unreachable);
    });

    it('says so when the other host is gone, and when nobody waits any more', async () => {
      const blob = blobOf(PIECE);
      await giver.blobs.write(blob.bytes);
      await taker.blobs.open(blob.digest, blob.sizeBytes);
      const cancelled = { ok: false, reason: 'cancelled' };
      expect(await taker.blobs.fetchPiece(ask(blob, 0), AbortSignal.abort())).toEqual(cancelled);
      await giver.stop();
      expect(await taker.blobs.fetchPiece(ask(blob, 0), never)).toEqual({ ok: false, reason: 'unreachable' });
    });

    it('brings neighbouring pieces from an upstream by one request, and tells each with its hash', async () => {
      const blob = blobOf(4 * PIECE);
      plane.addBlob(blob.bytes);
      await taker.blobs.open(blob.digest, blob.sizeBytes);
      const told: [number, string][] = [];
      await taker.blobs.fetchOrigin(fromOrigin(blob, [0, 1, 2, 3]), (...piece) => told.push(piece), never);
      expect(told).toEqual([0, 1, 2, 3].map((piece) => [piece, sha256OfPiece(blob, piece)]));
      expect(plane.blobRequests()).toBe(1);
      expect(await taker.blobs.complete(blob.digest)).toEqual({ ok: true });
      expect(await taker.blobs.stats()).toMatchObject({ originBytes: blob.sizeBytes, downloadedBytes: 0 });
    });

    it('fails with the code of what is wrong with an upstream', async () => {
      const blob = blobOf(PIECE);
      await taker.blobs.open(blob.digest, blob.sizeBytes);
      const fetching = taker.blobs.fetchOrigin(fromOrigin(blob, [0]), () => {}, never);
      await expect(fetching).rejects.toMatchObject({ code: 'not-found' });
      const cancelled = taker.blobs.fetchOrigin(fromOrigin(blob, [0]), () => {}, AbortSignal.abort());
      await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    });

    it('asks upstreams for tags and manifests', async () => {
      const { upstream } = taker.blobs;
      const access = { url: plane.upstreamUrl, login: undefined };
      const bytes = Buffer.from('{"schemaVersion":2}');
      plane.addManifest('library/nginx', '1.27', bytes, MANIFEST_TYPE);
      const digest = digestOf(bytes);
      expect(await upstream.resolve(access, 'library/nginx', '1.27', never)).toBe(digest);
      const manifest = await upstream.manifest(access, 'library/nginx', digest, never);
      expect(manifest).toMatchObject({ digest, mediaType: MANIFEST_TYPE });
      expect(bytes.equals(manifest.bytes)).toBe(true);
      const absent = upstream.resolve(access, 'library/nginx', 'no-such-tag', never);
      await expect(absent).rejects.toMatchObject({ code: 'not-found' });
    });

    it('tells of blobs that became complete', async () => {
      const stored: Digest[] = [];
      const onEvent = (event: BlobStoreEvent) => {
        if (event.type === 'stored') stored.push(event.digest);
      };
      const stop = taker.blobs.onEvent(onEvent);
      const blob = blobOf(PIECE + 1);
      await giver.blobs.write(blob.bytes);
      const small = await taker.blobs.write(Buffer.from('small'));
      await taker.blobs.open(blob.digest, blob.sizeBytes);
      for (const piece of [0, 1]) await taker.blobs.fetchPiece(ask(blob, piece), never);
      await taker.blobs.complete(blob.digest);
      await waitFor('both events', () => stored.length === 2);
      expect(stored).toEqual([small, blob.digest]);
      stop();
      await taker.blobs.write(Buffer.from('unheard'));
      await taker.blobs.list();
      expect(stored).toHaveLength(2);
    });
  });
}
