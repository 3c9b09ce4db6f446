import { afterEach, describe, expect, it, vi } from 'vitest';
import { TransferFeed } from '../../../agent/api/transfer-feed.ts';
import type { Transfer } from '../../../protocol/schemas/image.ts';
import { waitFor } from '../../framework/wait.ts';
import { digestOf } from '../images/fixtures.ts';
import { hostA, hostB } from '../model/world.ts';
import { openApi } from './api-fixture.ts';
import { FakePlatform } from './fake-platform.ts';

afterEach(() => void vi.useRealTimers());

const transferOf = (number: number, doneBytes = 0): Transfer => ({
  hostId: hostA,
  hostName: 'h1',
  digest: digestOf(number),
  sizeBytes: 1_000,
  doneBytes,
  bytesPerS: 10,
  peers: [{ hostId: hostB, hostName: 'h2', doneBytes }],
  originBytes: 0,
});

describe('transfers', () => {
  it('are listed in pages', async () => {
    const { ask, platform } = await openApi();
    platform.images.allTransfers.push(transferOf(2), transferOf(1));
    const first = (await ask({ url: '/v1/transfers?limit=1' })).json();
    expect(first.items).toEqual([transferOf(1)]);
    const next = (await ask({ url: `/v1/transfers?cursor=${first.nextCursor}` })).json();
    expect(next).toEqual({ items: [transferOf(2)] });
  });

  it('are sent now and when they have changed, and nobody asks when nobody watches', async () => {
    const { app, ask, platform } = await openApi();
    const { allTransfers } = platform.images;
    for (let number = 1; number <= 201; number++) allTransfers.push(transferOf(number));
    const answer = await ask({ url: '/v1/transfers/events', payloadAsStream: true });
    expect(answer.headers['content-type']).toBe('text/event-stream');
    let text = '';
    answer.stream().on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const sent = () => [...text.matchAll(/^event: transfers\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
    await waitFor('the first event', () => sent().length === 1);
    expect(sent()[0]).toMatchObject({ total: 201 });
    expect(sent()[0].items).toHaveLength(200);
    allTransfers.splice(0, 201, transferOf(1, 500));
    await waitFor('the next event', () => sent().length === 2);
    expect(sent()[1]).toEqual({ items: [transferOf(1, 500)], total: 1 });
    await app.close();
  });
});

describe('the feed', () => {
  const watcher = () => ({ next: vi.fn(), end: vi.fn() });

  it('asks once a second for all who watch, and stops with the last', async () => {
    vi.useFakeTimers();
    const platform = new FakePlatform();
    const { images } = platform;
    const feed = new TransferFeed(platform);
    const [first, second] = [watcher(), watcher()];
    const unwatch = [feed.watch(first), feed.watch(second)];
    await vi.advanceTimersByTimeAsync(0);
    expect(images.timesAskedForTransfers).toBe(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(images.timesAskedForTransfers).toBe(4);
    expect(first.next).toHaveBeenCalledTimes(4);
    expect(second.next).toHaveBeenCalledTimes(4);
    for (const stop of unwatch) stop();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(images.timesAskedForTransfers).toBe(4);
  });

  it('waits for a slow answer before it asks again', async () => {
    vi.useFakeTimers();
    const platform = new FakePlatform();
    let asked = 0;
    let answer = () => {};
    platform.images.transfers = () => {
      asked++;
      return new Promise((resolve) => {
        answer = () => resolve([]);
      });
    };
    const one = watcher();
    const unwatch = new TransferFeed(platform).watch(one);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toBe(1);
    answer();
    await vi.advanceTimersByTimeAsync(1_000);
    expect([asked, one.next.mock.calls.length]).toEqual([2, 1]);
    unwatch();
    answer();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toBe(2);
  });

  it('ends for all when the question fails', async () => {
    vi.useFakeTimers();
    const platform = new FakePlatform();
    platform.images.transfers = () => Promise.reject(new Error('gone'));
    const one = watcher();
    new TransferFeed(platform).watch(one);
    await vi.advanceTimersByTimeAsync(0);
    expect(one.end).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});
