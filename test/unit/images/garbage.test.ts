import { expect, it } from 'vitest';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { Garbage, type GarbageParts } from '../../../agent/services/images/garbage.ts';
import { ImageCatalog } from '../../../agent/services/images/image-catalog.ts';
import type { TagRecord } from '../../../protocol/schemas/image.ts';
import { hostA, newWorld } from '../model/world.ts';
import { factsOf } from './fixtures.ts';

const HUB = 'docker.io/library/nginx';
const DAY_MS = 86_400_000;

/** A host that is the steward of everything and holds no blobs: what it deletes are records. */
function collecting(nowMs: number) {
  const world = newWorld();
  const catalog = {
    get: <T>(key: string) => wrap(world.get<T>(key)),
    list: <T>(prefix: string) => world.list<T>(prefix).map(({ key, value }) => ({ key, value })),
    onChange: () => () => {},
  };
  const clock = new VirtualClock({ startMs: nowMs });
  const parts = {
    blobs: { list: async () => [], remove: async () => {} },
    catalog,
    images: new ImageCatalog(catalog as never),
    peers: { hostId: hostA, alive: () => [hostA] },
    calls: { handle: () => {} },
    replication: { isPromised: () => false },
    steward: {
      change: async (_key: string, draw: () => Parameters<typeof world.apply>[0]) => world.apply(draw()),
    },
    view: { containers: () => [] },
    clock,
    log: silentLog,
    onRemoved: () => {},
    isReady: () => true,
    isInMajority: () => true,
  } as unknown as GarbageParts;
  return { world, clock, garbage: new Garbage(parts) };
}

function wrap<T>(value: T | undefined) {
  return value === undefined ? undefined : ({ value } as never);
}

it('forgets a tag of another registry that nobody asked for in a month, used or not; others stay', async () => {
  const nowMs = Date.parse('2030-03-01T00:00:00Z');
  const { world, clock, garbage } = collecting(nowMs);
  const daysAgo = (days: number) => ({ pushedAt: new Date(nowMs - days * DAY_MS).toISOString() });
  for (const [tag, number, days] of [
    ['old', 1, 31],
    ['used', 2, 31],
    ['young', 3, 29],
  ] as const) {
    world.do({ kind: 'image.push', repository: HUB, manifest: factsOf(number), tag });
    world.change<TagRecord>(`tags/${HUB}/${tag}`, daysAgo(days));
    for (const { key } of world.list(`manifests/${HUB}/`)) world.change(key, daysAgo(31));
  }
  world.do({ kind: 'image.push', repository: 'team/app', manifest: factsOf(4), tag: 'old' });
  world.change<TagRecord>('tags/team/app/old', daysAgo(365));
  world.do({ kind: 'app.put', group: 'web', app: 'shop' });
  const resolvedImage = `${HUB}@${factsOf(2).digest}`;
  world.do({ kind: 'version.create', group: 'web', app: 'shop', spec: { image: 'nginx:used' }, resolvedImage });
  const swept = garbage.collect();
  await clock.advance(60_000);
  await swept;
  const left = [...world.list('tags/'), ...world.list('manifests/')].map(({ key }) => key.replace(/sha256:0*/, ''));
  expect(left.sort()).toEqual([
    `manifests/${HUB}/2`,
    `manifests/${HUB}/3`,
    'manifests/team/app/4',
    `tags/${HUB}/young`,
    'tags/team/app/old',
  ]);
});
