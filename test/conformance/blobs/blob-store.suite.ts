import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PieceSet } from '../../../agent/core/images/pieces.ts';
import type { BlobStore, BlobStoreEvent } from '../../../agent/ports/blob-store.ts';
import type { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import type { Digest } from '../../../protocol/digest.ts';
import { waitFor } from '../../framework/wait.ts';
import { bodyOf, cut, digestOf, fill, MiB, randomBytes, readAll, sha256Of } from './content.ts';

export interface OpenedStore {
  readonly store: BlobStore;
  readonly clock: VirtualClock;
  /** Changes one byte behind the store's back. */
  damage(digest: Digest, position: number): Promise<void>;
  dispose(): Promise<void>;
}

const forever = new AbortController().signal;
const all = (bytes: Uint8Array) => ({ start: 0, end: bytes.length });

/** What every BlobStore keeps, run on each implementation, with a quota of 10 MiB; see also `room.suite.ts`. */
export function blobStoreSuite(name: string, openStore: () => Promise<OpenedStore>): void {
  let opened: OpenedStore;
  let store: BlobStore;
  let events: BlobStoreEvent[];
  beforeEach(async () => {
    opened = await openStore();
    store = opened.store;
    events = [];
    store.onEvent((event) => events.push(event));
  });
  afterEach(() => opened.dispose());

  describe(`${name}: pieces`, () => {
    it('makes a blob of pieces that come in any order', async () => {
      const bytes = randomBytes(2 * MiB + 5);
      const digest = digestOf(bytes);
      expect(await store.open(digest, bytes.length)).toMatchObject({ isComplete: false, sizeBytes: bytes.length });
      for (const { piece, part, sha256 } of cut(bytes).reverse()) {
        expect(await store.putPiece(digest, piece, part, sha256)).toEqual({ ok: true });
      }
      expect(store.stat(digest)).toMatchObject({ isComplete: false, heldBytes: bytes.length });
      expect(await store.complete(digest)).toEqual({ ok: true });
      expect(store.stat(digest)).toMatchObject({ isComplete: true, sizeBytes: bytes.length, isPinned: false });
      expect((await readAll(store, digest)).equals(bytes)).toBe(true);
      expect(events).toEqual([{ type: 'stored', digest, sizeBytes: bytes.length }]);
    });

    it.each([
      { size: 0, algorithm: 'sha256' },
      { size: 1, algorithm: 'sha256' },
      { size: 256 * 1024, algorithm: 'sha512' },
      { size: 256 * 1024 + 1, algorithm: 'sha512' },
    ] as const)('takes a blob of $size bytes with a $algorithm', async ({ size, algorithm }) => {
      const bytes = randomBytes(size);
      const digest = digestOf(bytes, algorithm);
      await fill(store, digest, bytes);
      expect(await store.complete(digest)).toEqual({ ok: true });
      expect((await readAll(store, digest)).equals(bytes)).toBe(true);
      expect(await store.verify(digest, forever)).toBe('sound');
    });

    it('tells which pieces are there, with their hashes, and all of them once complete', async () => {
      const bytes = randomBytes(3 * 256 * 1024);
      const digest = digestOf(bytes);
      const pieces = cut(bytes);
      const holds = async (piece: number) =>
        pieces[piece]?.sha256 === sha256Of((await store.readPiece(digest, piece)) ?? Buffer.of());
      await fill(store, digest, bytes, [1]);
      const partial = await store.open(digest, bytes.length);
      expect([...new PieceSet(3, partial.have)]).toEqual([1]);
      expect(partial.sha256).toEqual(['', pieces[1]?.sha256, '']);
      expect(await holds(1)).toBe(true);
      expect(await store.readPiece(digest, 0)).toBeUndefined();
      await fill(store, digest, bytes);
      await store.complete(digest);
      const whole = await store.open(digest, bytes.length);
      expect(whole).toMatchObject({ isComplete: true, sha256: pieces.map(({ sha256 }) => sha256) });
      expect(new PieceSet(3, whole.have).isFull).toBe(true);
      expect(await holds(2)).toBe(true);
    });

    it('refuses a piece with another hash or length, and is fine with one that is there', async () => {
      const bytes = randomBytes(300_000);
      const digest = digestOf(bytes);
      const [first, second] = cut(bytes);
      if (first === undefined || second === undefined) throw new Error('two pieces');
      await store.open(digest, bytes.length);
      const corrupt = { ok: false, reason: 'corrupt' };
      expect(await store.putPiece(digest, 0, first.part, second.sha256)).toEqual(corrupt);
      expect(await store.putPiece(digest, 0, second.part, second.sha256)).toEqual(corrupt);
      expect(store.stat(digest)?.heldBytes).toBe(0);
      expect(await store.putPiece(digest, 0, first.part, first.sha256)).toEqual({ ok: true });
      expect(await store.putPiece(digest, 0, second.part, second.sha256)).toEqual({ ok: true });
      await expect(store.putPiece(digest, 2, first.part, first.sha256)).rejects.toMatchObject({
        code: 'invalid-request',
      });
    });

    it('takes the same piece from several writers at once', async () => {
      const bytes = randomBytes(300_000);
      const digest = digestOf(bytes);
      const [first] = cut(bytes);
      if (first === undefined) throw new Error('a piece');
      await store.open(digest, bytes.length);
      const puts = Array.from({ length: 8 }, () => store.putPiece(digest, 0, first.part, first.sha256));
      expect(await Promise.all(puts)).toEqual(puts.map(() => ({ ok: true })));
      await fill(store, digest, bytes);
      expect(await store.complete(digest)).toEqual({ ok: true });
    });

    it('drops what does not have its digest together', async () => {
      const bytes = randomBytes(600_000);
      const digest = digestOf(randomBytes(5));
      await fill(store, digest, bytes);
      expect(await store.complete(digest)).toEqual({ ok: false });
      expect(store.stat(digest)).toBeUndefined();
      expect((await store.usage()).usedBytes).toBe(0);
      expect(events).toEqual([]);
    });

    it('says so when a blob has another size, lacks pieces, is not there or has a digest that is none', async () => {
      const bytes = randomBytes(600_000);
      const digest = digestOf(bytes);
      await fill(store, digest, bytes, [0]);
      await expect(store.open(digest, 5)).rejects.toMatchObject({ code: 'conflict' });
      await expect(store.complete(digest)).rejects.toMatchObject({ code: 'conflict' });
      const absent = digestOf(randomBytes(7));
      await expect(store.complete(absent)).rejects.toMatchObject({ code: 'not-found' });
      await expect(store.putPiece(absent, 0, bytes, '')).rejects.toMatchObject({ code: 'not-found' });
      await expect(store.open('sha256:../../x' as Digest, 5)).rejects.toMatchObject({ code: 'invalid-request' });
      await expect(store.open(absent, 2 ** 50)).rejects.toMatchObject({ code: 'too-large' });
      await expect(store.open(absent, -1)).rejects.toMatchObject({ code: 'invalid-request' });
    });

    it('gives each of several calls of complete the same answer', async () => {
      const bytes = randomBytes(600_000);
      const digest = digestOf(bytes);
      await fill(store, digest, bytes);
      expect(await Promise.all([store.complete(digest), store.complete(digest)])).toEqual([{ ok: true }, { ok: true }]);
      expect(events).toHaveLength(1);
    });
  });

  describe(`${name}: reading`, () => {
    it('gives any range, in chunks of at most 1 MiB', async () => {
      const bytes = randomBytes(3 * MiB + 17);
      const digest = await store.write(bytes);
      for (const [start, end] of [
        [0, bytes.length],
        [1, 2],
        [MiB - 1, 2 * MiB + 1],
        [bytes.length - 1, bytes.length],
        [7, 7],
      ] as const) {
        const chunks = await Array.fromAsync(store.read(digest, { start, end }, forever));
        expect(Buffer.concat(chunks).equals(bytes.subarray(start, end))).toBe(true);
        expect(Math.max(0, ...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(MiB);
      }
      for (const [start, end] of [
        [0, bytes.length + 1],
        [-1, 5],
        [5, 4],
        [0.5, 5],
        [0, Number.NaN],
      ] as const) {
        const outside = store.read(digest, { start, end }, forever);
        await expect(Array.fromAsync(outside)).rejects.toMatchObject({ code: 'invalid-request' });
      }
      for (const piece of [-1, 1_000, 2 ** 32]) expect(await store.readPiece(digest, piece)).toBeUndefined();
      expect(await store.verify(digest, forever)).toBe('sound');
    });

    it('waits for pieces, and holds the last one back until the whole was checked', async () => {
      const bytes = randomBytes(3 * 256 * 1024);
      const digest = digestOf(bytes);
      await store.open(digest, bytes.length);
      let got = 0;
      const reading = (async () => {
        for await (const chunk of store.read(digest, all(bytes), forever)) got += chunk.length;
      })();
      await fill(store, digest, bytes, [2, 0]);
      await waitFor('what may be read', () => got === 256 * 1024);
      await fill(store, digest, bytes, [1]);
      await waitFor('what may be read', () => got === 512 * 1024);
      await store.complete(digest);
      await reading;
      expect(got).toBe(bytes.length);
    });

    it('ends readers that wait when the blob fails, keeps the pieces, and serves the next reader', async () => {
      const bytes = randomBytes(600_000);
      const digest = digestOf(bytes);
      await fill(store, digest, bytes, [0]);
      const waiting = Array.fromAsync(store.read(digest, all(bytes), forever));
      waiting.catch(() => undefined);
      await nextTurn();
      store.fail(digest, new Error('the origin is gone'));
      await expect(waiting).rejects.toThrow('the origin is gone');
      expect(store.stat(digest)?.heldBytes).toBe(256 * 1024);
      await expect(Array.fromAsync(store.read(digest, all(bytes), forever))).rejects.toThrow('the origin is gone');
      await store.open(digest, bytes.length);
      const next = Array.fromAsync(store.read(digest, all(bytes), forever));
      await fill(store, digest, bytes);
      await store.complete(digest);
      expect(Buffer.concat(await next).equals(bytes)).toBe(true);
    });

    it('ends a reader with its signal, or when the blob is removed', async () => {
      const bytes = randomBytes(600_000);
      const digest = digestOf(bytes);
      await store.open(digest, bytes.length);
      const abort = new AbortController();
      const aborted = Array.fromAsync(store.read(digest, all(bytes), abort.signal));
      const removed = Array.fromAsync(store.read(digest, all(bytes), forever));
      for (const reading of [aborted, removed]) reading.catch(() => undefined);
      await nextTurn();
      abort.abort(new Error('the client went away'));
      await expect(aborted).rejects.toThrow('the client went away');
      await store.remove([digest, digestOf(randomBytes(9))]);
      await expect(removed).rejects.toMatchObject({ code: 'not-found' });
      expect(events).toEqual([]);
      await expect(Array.fromAsync(store.read(digest, all(bytes), forever))).rejects.toMatchObject({
        code: 'not-found',
      });
    });

    it('goes on with the bytes of a push that brings the whole while a reader waits', async () => {
      const bytes = randomBytes(700_000);
      const digest = digestOf(bytes);
      await fill(store, digest, bytes, [0]);
      const reading = Array.fromAsync(store.read(digest, all(bytes), forever));
      await nextTurn();
      const { id } = await store.beginUpload();
      await store.append(id, bodyOf(bytes), undefined);
      await store.finishUpload(id, digest);
      expect(Buffer.concat(await reading).equals(bytes)).toBe(true);
      expect((await store.usage()).usedBytes).toBe(bytes.length);
    });

    it('finds a damaged blob by reading it again, and removes it', async () => {
      const digest = await store.write(randomBytes(600_000));
      expect(await store.verify(digest, forever)).toBe('sound');
      await opened.damage(digest, 400_000);
      expect(await store.verify(digest, forever)).toBe('damaged');
      expect(store.stat(digest)).toBeUndefined();
      expect(events.at(-1)).toEqual({ type: 'removed', digest });
      expect(await store.verify(digest, forever)).toBe('absent');
    });
  });
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
