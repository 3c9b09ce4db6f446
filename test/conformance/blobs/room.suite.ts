import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobStore, BlobStoreEvent } from '../../../agent/ports/blob-store.ts';
import type { Digest } from '../../../protocol/digest.ts';
import { waitFor } from '../../framework/wait.ts';
import type { OpenedStore } from './blob-store.suite.ts';
import { bodyOf, cut, digestOf, MiB, randomBytes, readAll } from './content.ts';

const forever = new AbortController().signal;

/** What every BlobStore keeps when images are pushed to it and when it fills up, with a quota of 10 MiB. */
export function roomSuite(name: string, openStore: () => Promise<OpenedStore>): void {
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

  describe(`${name}: pushes`, () => {
    it('stores what was pushed in several requests, and knows its pieces', async () => {
      const bytes = randomBytes(2 * MiB + 3);
      const digest = digestOf(bytes);
      const { id } = await store.beginUpload();
      expect(await store.append(id, bodyOf(bytes.subarray(0, MiB)), 0)).toEqual({ id, offsetBytes: MiB });
      await store.append(id, bodyOf(bytes.subarray(MiB)), MiB);
      expect((await store.usage()).usedBytes).toBe(bytes.length);
      expect(await store.finishUpload(id, digest)).toMatchObject({ digest, isComplete: true, sizeBytes: bytes.length });
      expect(store.upload(id)).toBeUndefined();
      const { sha256 } = await store.open(digest, bytes.length);
      expect(sha256).toEqual(cut(bytes).map((piece) => piece.sha256));
      expect((await readAll(store, digest)).equals(bytes)).toBe(true);
      expect(events).toEqual([{ type: 'stored', digest, sizeBytes: bytes.length }]);
    });

    it.each(['sha256', 'sha512'] as const)(
      'checks the %s, and an upload with another one is gone',
      async (algorithm) => {
        const bytes = randomBytes(500_000);
        const good = await store.beginUpload();
        await store.append(good.id, bodyOf(bytes), undefined);
        await store.finishUpload(good.id, digestOf(bytes, algorithm));
        const bad = await store.beginUpload();
        await store.append(bad.id, bodyOf(bytes), undefined);
        const wrong = digestOf(randomBytes(3), algorithm);
        await expect(store.finishUpload(bad.id, wrong)).rejects.toMatchObject({ code: 'invalid-request' });
        await expect(store.finishUpload(bad.id, wrong)).rejects.toMatchObject({ code: 'not-found' });
        expect(await store.usage()).toMatchObject({ usedBytes: bytes.length, blobs: 1 });
      },
    );

    it('takes an empty push', async () => {
      const { id } = await store.beginUpload();
      expect(await store.finishUpload(id, digestOf(new Uint8Array()))).toMatchObject({
        sizeBytes: 0,
        isComplete: true,
      });
    });

    it('refuses a body at another offset, and one beside another', async () => {
      const { id } = await store.beginUpload();
      await store.append(id, bodyOf(randomBytes(10)), undefined);
      await expect(store.append(id, bodyOf(randomBytes(10)), 9)).rejects.toMatchObject({ code: 'conflict' });
      const stopped = Promise.withResolvers<void>();
      const slow = store.append(
        id,
        (async function* () {
          yield randomBytes(5);
          await stopped.promise;
        })(),
        10,
      );
      await expect(store.append(id, bodyOf(randomBytes(10)), undefined)).rejects.toMatchObject({ code: 'conflict' });
      stopped.resolve();
      expect(await slow).toEqual({ id, offsetBytes: 15 });
    });

    it('keeps what came before a body broke, so that the client can go on from there', async () => {
      const bytes = randomBytes(1_500_000);
      const { id } = await store.beginUpload();
      const broken = (async function* () {
        yield bytes.subarray(0, 1_000_000);
        yield bytes.subarray(1_000_000, 1_000_010);
        throw new Error('connection reset');
      })();
      await expect(store.append(id, broken, undefined)).rejects.toThrow('connection reset');
      expect(store.upload(id)).toEqual({ id, offsetBytes: 1_000_010 });
      await store.append(id, bodyOf(bytes.subarray(1_000_010)), 1_000_010);
      await store.finishUpload(id, digestOf(bytes));
      expect((await readAll(store, digestOf(bytes))).equals(bytes)).toBe(true);
    });

    it('bounds the pushes under way, and ends those that stand still for an hour', async () => {
      const first = await store.beginUpload();
      await store.append(first.id, bodyOf(randomBytes(1_000)), undefined);
      for (let n = 1; n < 64; n++) await store.beginUpload();
      await expect(store.beginUpload()).rejects.toMatchObject({ code: 'rate-limited' });
      await opened.clock.advance(30 * 60_000);
      await store.append(first.id, bodyOf(randomBytes(1_000)), undefined);
      await opened.clock.advance(31 * 60_000);
      expect(store.upload(first.id)?.offsetBytes).toBe(2_000);
      const next = await store.beginUpload();
      await opened.clock.advance(61 * 60_000);
      await waitFor('the end of the push', () => store.upload(next.id) === undefined);
      await waitFor('its room', async () => (await store.usage()).usedBytes === 0);
    });

    it('forgets a cancelled push, also while its body comes', async () => {
      const { id } = await store.beginUpload();
      const body = (async function* () {
        yield randomBytes(1_000_000);
        await store.cancelUpload(id);
        yield randomBytes(1_000_000);
      })();
      await expect(store.append(id, body, undefined)).rejects.toMatchObject({ code: 'not-found' });
      await store.cancelUpload(id);
      expect((await store.usage()).usedBytes).toBe(0);
    });
  });

  describe(`${name}: room`, () => {
    const ten = 10 * MiB;

    it('evicts what was not used for longest, down to 70 % of the quota, when a write would exceed 90 %', async () => {
      const digests: Digest[] = [];
      for (let n = 0; n < 9; n++) {
        digests.push(await store.write(randomBytes(MiB)));
        await opened.clock.advance(1_000);
      }
      await opened.clock.advance(61_000);
      store.touch(digests.slice(0, 1));
      expect(await store.usage()).toMatchObject({ blobs: 9, usedBytes: 9 * MiB, quotaBytes: ten });
      const last = await store.write(randomBytes(MiB));
      const kept = [digests[0], ...digests.slice(4), last];
      expect(new Set(store.list().map((blob) => blob.digest))).toEqual(new Set(kept));
      const removed = events.filter((event) => event.type === 'removed');
      expect(removed.map((event) => event.digest)).toEqual(digests.slice(1, 4));
    });

    it('spares what was used within the last minute as long as the quota lasts', async () => {
      const digests: Digest[] = [];
      for (let n = 0; n < 10; n++) digests.push(await store.write(randomBytes(MiB)));
      expect(store.list()).toHaveLength(10);
      await opened.clock.advance(1_000);
      await store.write(randomBytes(MiB));
      expect(events.filter((event) => event.type === 'removed')).toHaveLength(1);
    });

    it('never evicts what is pinned or being read, and then says that there is no room', async () => {
      const pinned = await store.write(randomBytes(5 * MiB));
      await store.pin([pinned, digestOf(randomBytes(1))], true);
      expect(await store.usage()).toMatchObject({ pinnedBytes: 5 * MiB });
      await opened.clock.advance(1_000);
      const read = await store.write(randomBytes(3 * MiB));
      const chunks = store.read(read, { start: 0, end: 3 * MiB }, forever)[Symbol.asyncIterator]();
      await chunks.next();
      const refused = store.open(digestOf(randomBytes(2)), 3 * MiB);
      await expect(refused).rejects.toMatchObject({ code: 'not-stored', message: expect.stringContaining('room') });
      expect(store.stat(read)).toBeDefined();
      await chunks.return?.();
      await store.open(digestOf(randomBytes(3)), 3 * MiB);
      expect(store.stat(read)).toBeUndefined();
      expect(store.stat(pinned)).toBeDefined();
    });

    it('does not evict what is being pinned at the same time', async () => {
      const digest = await store.write(randomBytes(5 * MiB));
      const pinning = store.pin([digest], true);
      await expect(store.open(digestOf(randomBytes(2)), 6 * MiB)).rejects.toMatchObject({ code: 'not-stored' });
      await pinning;
      expect(store.stat(digest)).toMatchObject({ isPinned: true, isComplete: true });
    });

    it('evicts nothing in vain', async () => {
      const cached = await store.write(randomBytes(5 * MiB));
      await expect(store.open(digestOf(randomBytes(2)), 11 * MiB)).rejects.toMatchObject({ code: 'not-stored' });
      expect(store.stat(cached)).toBeDefined();
    });

    it('lets a partial blob go only when nobody wanted it for a minute', async () => {
      const partial = digestOf(randomBytes(1));
      await store.open(partial, 6 * MiB);
      await expect(store.open(digestOf(randomBytes(2)), 6 * MiB)).rejects.toMatchObject({ code: 'not-stored' });
      await opened.clock.advance(61_000);
      await store.open(digestOf(randomBytes(3)), 6 * MiB);
      expect(store.stat(partial)).toBeUndefined();
      expect(events).toEqual([{ type: 'removed', digest: partial }]);
    });

    it('gives the same room only once to writes that come together', async () => {
      const opens = [1, 2, 3, 4].map((n) => store.open(digestOf(randomBytes(n)), 4 * MiB));
      const outcomes = await Promise.allSettled(opens);
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(2);
      expect((await store.usage()).usedBytes).toBe(8 * MiB);
    });

    it('stops a push for which there is no room, and keeps what came before', async () => {
      await store.pin([await store.write(randomBytes(8 * MiB))], true);
      const { id } = await store.beginUpload();
      const body = bodyOf(randomBytes(4 * MiB));
      await expect(store.append(id, body, undefined)).rejects.toMatchObject({ code: 'not-stored' });
      expect((await store.usage()).usedBytes).toBeLessThanOrEqual(ten);
      await store.cancelUpload(id);
      expect((await store.usage()).usedBytes).toBe(8 * MiB);
    });

    it('counts what was removed as free', async () => {
      const digest = await store.write(randomBytes(5 * MiB));
      await store.pin([digest], true);
      await store.remove([digest]);
      expect(await store.usage()).toMatchObject({ usedBytes: 0, pinnedBytes: 0, blobs: 0 });
      await store.open(digest, 5 * MiB);
      expect(store.stat(digest)).toMatchObject({ isComplete: false, isPinned: false, heldBytes: 0 });
    });
  });
}
