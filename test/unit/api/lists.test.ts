import { describe, expect, it } from 'vitest';
import { pageOfItems } from '../../../agent/api/pages.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import { type Ask, openApi } from './api-fixture.ts';

const eventAt = (n: number, app = 'shop'): Event => ({
  id: `ev_${String(n).padStart(26, '0')}`,
  at: '2030-01-01T00:00:00.000Z',
  kind: 'container.exited',
  message: `event ${n}`,
  source: 'h1',
  app,
});

async function allPages(ask: Ask, path: string, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor = ''; pages.length < 20; ) {
    const page = (await ask({ url: `${path}?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}` })).json();
    pages.push(page.items.map(({ name }: { name: string }) => name));
    if (page.nextCursor === undefined) return pages;
    cursor = page.nextCursor;
  }
  throw new Error('the list does not end');
}

describe('pages', () => {
  it('give every item once, in order, in pages of the asked size', async () => {
    const { ask } = await openApi();
    for (const name of ['e', 'c', 'a', 'd', 'b']) await ask({ method: 'PUT', url: `/v1/groups/${name}`, payload: {} });
    expect(await allPages(ask, '/v1/groups', 2)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'web'],
    ]);
    expect(await allPages(ask, '/v1/groups', 500)).toEqual([['a', 'b', 'c', 'd', 'e', 'web']]);
  });

  it('go on where they were when items come and go between them', () => {
    const page = pageOfItems(['a', 'b', 'c', 'd'], String, { limit: 2 });
    expect(page.items).toEqual(['a', 'b']);
    const { nextCursor = '' } = page;
    expect(pageOfItems(['0', 'a', 'c', 'e'], String, { limit: 2, cursor: nextCursor })).toEqual({ items: ['c', 'e'] });
  });

  it('can be newest first', () => {
    const { items, nextCursor = '' } = pageOfItems(['1', '2', '3'], String, { limit: 2 }, 'descending');
    expect(items).toEqual(['3', '2']);
    expect(pageOfItems(['1', '2', '3', '4'], String, { cursor: nextCursor }, 'descending').items).toEqual(['1']);
  });

  it('filter: apps of a group, operations by state', async () => {
    const { ask } = await openApi();
    await ask({ method: 'PUT', url: '/v1/groups/other', payload: {} });
    for (const path of ['web/apps/shop', 'other/apps/mail'])
      await ask({ method: 'PUT', url: `/v1/groups/${path}`, payload: {} });
    const apps = (await ask({ url: '/v1/apps?group=other' })).json().items;
    expect(apps.map(({ name }: { name: string }) => name)).toEqual(['mail']);
    expect((await ask({ url: '/v1/operations?state=running' })).json()).toEqual({ items: [] });
    expect((await ask({ url: '/v1/operations?state=asleep' })).statusCode).toBe(400);
  });
});

describe('events', () => {
  const messages = (body: { items: Event[] }) => body.items.map(({ message }) => message);

  it('are the newest ones, or those after one, with a cursor while there are more', async () => {
    const { ask, platform } = await openApi();
    platform.allEvents.push(...[1, 2, 3, 4, 5].map((n) => eventAt(n, n === 4 ? 'mail' : 'shop')));
    expect(messages((await ask({ url: '/v1/events?limit=2' })).json())).toEqual(['event 4', 'event 5']);
    const page = (await ask({ url: `/v1/events?limit=2&after=${eventAt(1).id}` })).json();
    expect(messages(page)).toEqual(['event 2', 'event 3']);
    const rest = (await ask({ url: `/v1/events?limit=2&cursor=${page.nextCursor}` })).json();
    expect(messages(rest)).toEqual(['event 4', 'event 5']);
    expect(rest).not.toHaveProperty('nextCursor');
    expect(messages((await ask({ url: '/v1/events?app=mail' })).json())).toEqual(['event 4']);
  });
});
