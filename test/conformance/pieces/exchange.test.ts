import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { waitFor } from '../../framework/wait.ts';
import { ask, introduce, randomBlob, World } from './world.ts';

const MiB = 1_048_576;
const never = new AbortController().signal;

describe('pieces between two members', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.close());

  it('brings every piece of a blob, the short last one too', async () => {
    const { giver, taker } = await world.pair();
    const blob = randomBlob(3 * MiB + 12_345);
    giver.shelf.fill(blob.digest, blob.bytes);
    taker.shelf.open(blob.digest, blob.bytes.length);
    const pieces = giver.shelf.pieces(blob.digest);
    const got = await Promise.all(pieces.map((n) => taker.client.fetchPiece(ask(giver, blob, n), never)));
    expect(got.every(({ ok }) => ok)).toBe(true);
    expect(taker.shelf.bytes(blob.digest).equals(blob.bytes)).toBe(true);
    expect(giver.server.stats).toEqual({ uploadedBytes: blob.bytes.length, uploadsOpen: 0 });
    expect(taker.client.stats).toEqual({ downloadedBytes: blob.bytes.length, wastedBytes: 0 });
  });

  it('brings the one piece of an empty blob', async () => {
    const { giver, taker } = await world.pair();
    const blob = randomBlob(0);
    giver.shelf.fill(blob.digest, blob.bytes);
    taker.shelf.open(blob.digest, 0);
    expect(await taker.client.fetchPiece(ask(giver, blob, 0), never)).toEqual({ ok: true, bytes: 0 });
  });

  it('brings what is there of a blob that is still arriving, and says what is not', async () => {
    const { giver, taker } = await world.pair();
    const blob = randomBlob(1 * MiB);
    giver.shelf.set(blob.digest, 2, blob.bytes);
    taker.shelf.open(blob.digest, blob.bytes.length);
    expect(await taker.client.fetchPiece(ask(giver, blob, 1), never)).toEqual({ ok: false, reason: 'absent' });
    expect(await taker.client.fetchPiece(ask(giver, blob, 2), never)).toMatchObject({ ok: true });
    const other = randomBlob(1 * MiB);
    expect(await taker.client.fetchPiece(ask(giver, other, 0), never)).toEqual({ ok: false, reason: 'absent' });
  });

  it('says when there is no room for it here', async () => {
    const { giver, taker } = await world.pair();
    const blob = randomBlob(1_000);
    giver.shelf.fill(blob.digest, blob.bytes);
    taker.shelf.open(blob.digest, blob.bytes.length);
    taker.shelf.isFull = true;
    expect(await taker.client.fetchPiece(ask(giver, blob, 0), never)).toEqual({ ok: false, reason: 'not-stored' });
    expect(taker.client.stats.wastedBytes).toBe(1_000);
  });

  it('finds the peer behind addresses where nobody or somebody else is', async () => {
    const { giver, taker } = await world.pair();
    const blob = randomBlob(1_000);
    giver.shelf.fill(blob.digest, blob.bytes);
    taker.shelf.open(blob.digest, blob.bytes.length);
    const request = ask(giver, blob, 0);
    // Nothing listens there: servers here bind 127.0.0.1 only.
    const from = { ...request.from, addresses: ['127.0.0.2', 'no-such-host.invalid', '127.0.0.1'] };
    expect(await taker.client.fetchPiece({ ...request, from }, never)).toMatchObject({ ok: true });
  });

  it('goes on after the peer has closed an idle connection', async () => {
    const { giver, taker } = await world.pair();
    const blob = randomBlob(1 * MiB);
    giver.shelf.fill(blob.digest, blob.bytes);
    taker.shelf.open(blob.digest, blob.bytes.length);
    expect(await taker.client.fetchPiece(ask(giver, blob, 0), never)).toMatchObject({ ok: true });
    giver.server.setMembers([]);
    introduce(giver, taker);
    expect(await taker.client.fetchPiece(ask(giver, blob, 1), never)).toMatchObject({ ok: true });
  });

  it('keeps to the caps of both sides, and to a new one at once', async () => {
    const clock = new VirtualClock();
    const { giver, taker } = await world.pair(clock);
    const blob = randomBlob(256 * 1_024);
    giver.shelf.fill(blob.digest, blob.bytes);
    taker.shelf.open(blob.digest, blob.bytes.length);
    giver.caps.upload.setRate(10_000);
    const got = taker.client.fetchPiece(ask(giver, blob, 0), never);
    await waitFor('the upload to wait for its turn', () => giver.caps.upload.waiting === 1);
    await clock.advance(1_000);
    await waitFor('the upload to wait again', () => giver.caps.upload.waiting === 1);
    expect(giver.server.stats.uploadedBytes).toBeLessThanOrEqual(11_024);
    taker.caps.download.setRate(1_024);
    giver.caps.upload.setRate(undefined);
    await waitFor('the download to wait for its turn', () => taker.caps.download.waiting === 1);
    // Waiting for one's own cap is no stall.
    await clock.advance(10_000);
    taker.caps.download.setRate(undefined);
    expect(await got).toMatchObject({ ok: true });
  });

  it('ends a fetch at once when it is cancelled, and can fetch again', async () => {
    const { giver, taker } = await world.pair();
    const blob = randomBlob(256 * 1_024);
    giver.shelf.fill(blob.digest, blob.bytes);
    taker.shelf.open(blob.digest, blob.bytes.length);
    giver.caps.upload.setRate(1_024);
    const cancel = new AbortController();
    const got = taker.client.fetchPiece(ask(giver, blob, 0), cancel.signal);
    await waitFor('the upload to begin', () => giver.server.stats.uploadsOpen === 1);
    cancel.abort();
    expect(await got).toEqual({ ok: false, reason: 'cancelled' });
    await waitFor('the upload to end', () => giver.server.stats.uploadsOpen === 0);
    giver.caps.upload.setRate(undefined);
    expect(await taker.client.fetchPiece(ask(giver, blob, 0), cancel.signal)).toMatchObject({ reason: 'cancelled' });
    expect(await taker.client.fetchPiece(ask(giver, blob, 0), never)).toMatchObject({ ok: true });
  });
});
