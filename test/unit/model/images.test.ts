import { describe, expect, it } from 'vitest';
import { retentionWrites } from '../../../agent/core/model/tags.ts';
import { faultOfValue } from '../../../agent/services/catalog/families.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ManifestFacts, ManifestRecord, TagRecord } from '../../../protocol/schemas/image.ts';
import { blob, digestOf, factsOf, indexOf } from '../images/fixtures.ts';
import { newWorld, type World } from './world.ts';

const repository = 'team/app';
const push = (manifest: ManifestFacts, tag?: string, name = repository) =>
  ({ kind: 'image.push', repository: name, manifest, ...(tag === undefined ? {} : { tag }) }) as const;
const remove = (number: number, force?: boolean) =>
  ({ kind: 'image.delete', repository, digest: digestOf(number), ...(force === undefined ? {} : { force }) }) as const;
const tagOf = (world: World, tag: string) => world.get<TagRecord>(`tags/${repository}/${tag}`);
const keysOf = (world: World) =>
  [...world.records.keys()].filter((key) => /^(tags|manifests|repositories)\//.test(key)).sort();
/** An app that runs an image by its digest. */
const run = (number: number, of = repository) =>
  ({
    kind: 'version.create',
    group: 'web',
    app: 'shop',
    spec: { image: `${of}:1` },
    resolvedImage: `${of}@${digestOf(number)}`,
  }) as const;
function withApp(): World {
  const world = newWorld();
  world.do({ kind: 'app.put', group: 'web', app: 'shop' });
  return world;
}

describe('a push', () => {
  it('writes the manifest and its tag, in a form that the catalog takes', () => {
    const world = newWorld();
    const { writes, body } = world.do(push(factsOf(1), 'v1'));
    expect(writes.map(({ key }) => key)).toEqual([`manifests/team/app/${digestOf(1)}`, 'tags/team/app/v1']);
    for (const { key, value } of writes) expect(faultOfValue(key, value)).toBeUndefined();
    expect(body).toMatchObject({ tag: 'v1', digest: digestOf(1), pushedBy: 'tk_admin', history: [] });
  });

  it('by digest alone sets no tag', () => {
    const world = newWorld();
    expect(world.do(push(factsOf(1))).body).toMatchObject({ digest: digestOf(1), repository });
    expect(keysOf(world)).toEqual([`manifests/team/app/${digestOf(1)}`]);
  });

  it('of the same again writes nothing, but for a manifest that garbage collection may have in view', () => {
    const world = newWorld();
    world.do(push(factsOf(1), 'v1'));
    expect(world.do(push(factsOf(1), 'v1')).writes).toEqual([]);
    world.change<ManifestRecord>(`manifests/team/app/${digestOf(1)}`, { pushedAt: '2029-12-31T00:00:00.000Z' });
    expect(world.do(push(factsOf(1), 'v1')).writes).toMatchObject([
      { value: { pushedAt: expect.stringMatching(/^2030/) } },
    ]);
  });

  it.each([
    { name: 'docker.io/library/nginx', agoH: 25, renews: true },
    { name: 'docker.io/library/nginx', agoH: 23, renews: false },
    { name: repository, agoH: 25, renews: false },
  ])('of the same tag to $name after $agoH hours tells that it is in use: $renews', ({ name, agoH, renews }) => {
    const world = newWorld();
    world.do(push(factsOf(1), 'v1', name));
    const key = `tags/${name}/v1`;
    const pushedAt = new Date(Date.parse(world.get<TagRecord>(key)?.pushedAt ?? '') - agoH * 3_600_000).toISOString();
    world.change<TagRecord>(key, { pushedAt });
    world.do(push(factsOf(1), 'v1', name));
    const after = world.get<TagRecord>(key);
    expect(after?.pushedAt !== pushedAt).toBe(renews);
    expect(after).toMatchObject({ digest: digestOf(1), history: [] });
  });

  it('remembers what the tag was, newest first, so many times', () => {
    const world = newWorld();
    for (let number = 1; number <= limits.tagHistory + 3; number++) world.do(push(factsOf(number), 'v1'));
    const { digest, history } = tagOf(world, 'v1') ?? { digest: undefined, history: [] };
    expect(digest).toBe(digestOf(limits.tagHistory + 3));
    expect(history).toHaveLength(limits.tagHistory);
    expect(history[0]).toMatchObject({ digest: digestOf(limits.tagHistory + 2), pushedBy: 'tk_admin' });
  });

  it('is refused when the repository has too many tags, not when one of them moves', () => {
    const world = newWorld();
    world.do(push(factsOf(1), 'v1'));
    const record = tagOf(world, 'v1');
    for (let at = 1; at < limits.tagsPerRepository; at++)
      world.records.set(`tags/${repository}/t${at}`, { ...record, tag: `t${at}` });
    expect(world.ask(push(factsOf(1), 'new'))).toMatchObject({
      ok: false,
      code: 'conflict',
      faults: [{ pointer: '/tag' }],
    });
    expect(world.ask(push(factsOf(2), 'v1'))).toMatchObject({ ok: true });
  });
});

describe('a quota', () => {
  const limited = (quotaBytes: number | null): World => {
    const world = newWorld();
    world.do({ kind: 'namespace.put', namespace: 'team', quotaBytes });
    world.do(push(factsOf(1, { layers: [blob(50, 1_000)] })));
    return world;
  };

  it('counts every different blob of the namespace once', () => {
    const world = limited(1_500);
    // 1 200 bytes so far; this one shares the large layer.
    expect(world.try(push(factsOf(2, { layers: [blob(50, 1_000)] }), 'x', 'team/other'))).toMatchObject({ ok: true });
    const refused = world.try(push(factsOf(3), 'x'));
    expect(refused).toMatchObject({ ok: false, code: 'quota-exceeded' });
    if (!refused.ok) for (const number of [1_500, 1_400, 1_600]) expect(refused.detail).toContain(String(number));
  });

  it('is no concern of other namespaces, of other registries and of what is there already', () => {
    const world = limited(1_200);
    expect(world.ask(push(factsOf(3), 'x', 'teams/app'))).toMatchObject({ ok: true });
    expect(world.ask(push(factsOf(3), 'x', 'team'))).toMatchObject({ ok: true });
    expect(world.ask(push(factsOf(3), 'x', 'team.example/app'))).toMatchObject({ ok: true });
    expect(world.ask(push(factsOf(1, { layers: [blob(50, 1_000)] }), 'again'))).toMatchObject({ ok: true });
  });

  it('can be lifted', () => {
    const world = limited(null);
    expect(world.ask(push(factsOf(3, { layers: [blob(51, 1e12)] })))).toMatchObject({ ok: true });
  });

  it('of the namespace without a name is for repositories without one', () => {
    const world = newWorld();
    world.do({ kind: 'namespace.put', namespace: 'default', quotaBytes: 150 });
    expect(world.ask(push(factsOf(3), 'x', 'app'))).toMatchObject({ ok: false, code: 'quota-exceeded' });
    expect(world.ask(push(factsOf(3), 'x', 'default/app'))).toMatchObject({ ok: false, code: 'quota-exceeded' });
    expect(world.ask(push(factsOf(3), 'x', 'team/app'))).toMatchObject({ ok: true });
  });
});

describe('what is taken away', () => {
  it('a tag goes alone', () => {
    const world = newWorld();
    world.do(push(factsOf(1), 'v1'));
    world.do({ kind: 'image.untag', repository, tag: 'v1' });
    expect(keysOf(world)).toEqual([`manifests/team/app/${digestOf(1)}`]);
    expect(world.ask({ kind: 'image.untag', repository, tag: 'v1' })).toMatchObject({ ok: false, code: 'not-found' });
  });

  it('a manifest goes with its tags, and no other', () => {
    const world = newWorld();
    for (const tag of ['v1', 'latest']) world.do(push(factsOf(1), tag));
    world.do(push(factsOf(2), 'v2'));
    world.do(push(factsOf(1), 'v1', 'team/app/below'));
    world.do(remove(1));
    expect(keysOf(world)).toEqual([
      `manifests/team/app/below/${digestOf(1)}`,
      `manifests/team/app/${digestOf(2)}`,
      'tags/team/app/below/v1',
      'tags/team/app/v2',
    ]);
    expect(world.ask(remove(1))).toMatchObject({ ok: false, code: 'not-found' });
  });

  it('not an image of a tagged index, unless forced; an index can go', () => {
    const world = newWorld();
    world.do(push(factsOf(1)));
    world.do(push(indexOf(2, 1)));
    world.do(push(indexOf(3, 2), 'multi'));
    const refused = world.ask(remove(1));
    expect(refused).toMatchObject({ ok: false, code: 'conflict' });
    if (!refused.ok) expect(refused.detail).toContain('the index tagged "multi"');
    expect(world.ask(remove(1, true))).toMatchObject({ ok: true });
    expect(world.ask(remove(3))).toMatchObject({ ok: true });
    world.do({ kind: 'image.untag', repository, tag: 'multi' });
    expect(world.ask(remove(1))).toMatchObject({ ok: true });
  });

  it.each([
    ['what it was resolved to', run(2)],
    ['a digest that people wrote', { ...run(2), spec: { image: `team/app@${digestOf(2)}` }, resolvedImage: undefined }],
  ])('not an image that an app runs by %s, unless forced', (_, version) => {
    const world = withApp();
    world.do(push(factsOf(1)));
    world.do(push(indexOf(2, 1), 'v1'));
    const { resolvedImage, ...plain } = version;
    world.do(resolvedImage === undefined ? plain : { ...plain, resolvedImage });
    for (const number of [1, 2]) {
      const refused = world.ask(remove(number));
      expect(refused).toMatchObject({ ok: false, code: 'conflict' });
      if (!refused.ok) expect(refused.detail).toContain('"web/shop", version 1');
      expect(world.ask(remove(number, true))).toMatchObject({ ok: true });
    }
    const all = world.ask({ kind: 'repository.delete', repository });
    expect(all).toMatchObject({ ok: false, code: 'conflict' });
    expect(world.ask({ kind: 'repository.delete', repository, force: true })).toMatchObject({ ok: true });
  });

  it('an image of another repository that an app runs does not count', () => {
    const world = withApp();
    world.do(push(factsOf(1)));
    world.do(run(1, 'their/app'));
    expect(world.ask(remove(1))).toMatchObject({ ok: true });
  });
});

describe('a repository', () => {
  it('keeps what a change leaves out; null takes the rules away', () => {
    const world = newWorld();
    world.do({ kind: 'repository.put', repository, description: 'ours', retention: { keepLast: 3 } });
    world.do({ kind: 'repository.put', repository });
    expect(world.get(`repositories/${repository}`)).toMatchObject({
      name: repository,
      description: 'ours',
      retention: { keepLast: 3 },
    });
    world.do({ kind: 'repository.put', repository, retention: null });
    expect(world.get(`repositories/${repository}`)).not.toHaveProperty('retention');
  });

  it('goes with everything in it and nothing below it', () => {
    const world = newWorld();
    world.do({ kind: 'repository.put', repository });
    world.do(push(factsOf(1), 'v1'));
    world.do(push(factsOf(1), 'v1', 'team/app/below'));
    world.do({ kind: 'repository.delete', repository });
    expect(keysOf(world)).toEqual([`manifests/team/app/below/${digestOf(1)}`, 'tags/team/app/below/v1']);
    expect(world.ask({ kind: 'repository.delete', repository })).toMatchObject({ ok: false, code: 'not-found' });
  });

  it('with more in it than one command may delete says so', () => {
    const world = newWorld();
    for (let at = 0; at < 4_001; at++)
      world.records.set(`tags/${repository}/t${at}`, { repository, tag: `t${at}`, digest: digestOf(1) });
    expect(world.ask({ kind: 'repository.delete', repository })).toMatchObject({ ok: false, code: 'too-large' });
  });

  it('loses the tags that its rules do not keep', () => {
    const world = newWorld();
    for (const number of [1, 2, 3]) world.do(push(factsOf(number), `v${number}`));
    const rules = { name: repository, retention: { keepLast: 1 }, updatedAt: '' };
    world.apply(retentionWrites(world, rules));
    expect(keysOf(world).filter((key) => key.startsWith('tags/'))).toEqual(['tags/team/app/v3']);
  });
});

describe('another registry', () => {
  const host = 'registry.corp:5000';
  const login = { username: 'bot', sealedPassword: 'c2VhbGVk' };

  it('keeps what a change leaves out, and never shows its password', () => {
    const world = newWorld();
    const { body } = world.do({ kind: 'upstream.put', host, url: 'http://10.0.0.5:5000', ...login });
    expect(body).toEqual({
      host,
      url: 'http://10.0.0.5:5000',
      username: 'bot',
      hasLogin: true,
      updatedAt: expect.any(String),
      updatedBy: 'tk_admin',
    });
    world.do({ kind: 'upstream.put', host, url: null });
    expect(world.get(`upstreams/${host}`)).toMatchObject(login);
    expect(world.get(`upstreams/${host}`)).not.toHaveProperty('url');
    expect(faultOfValue(`upstreams/${host}`, world.get(`upstreams/${host}`))).toBeUndefined();
    world.do({ kind: 'upstream.put', host, username: null, sealedPassword: null });
    expect(world.do({ kind: 'upstream.delete', host }).body).toMatchObject({ host, hasLogin: false });
    expect(world.ask({ kind: 'upstream.delete', host })).toMatchObject({ ok: false, code: 'not-found' });
  });

  it.each([
    ['a name that is none of a registry', { host: 'registry' }, '/host'],
    ['another name of Docker Hub', { host: 'index.docker.io' }, '/host'],
    ['a user without a password', { host, username: 'bot' }, '/password'],
    ['a password without a user', { host, sealedPassword: 'c2VhbGVk' }, '/username'],
  ])('is refused: %s', (_name, fields, pointer) => {
    const world = newWorld();
    expect(world.ask({ kind: 'upstream.put', ...fields })).toMatchObject({
      ok: false,
      code: 'invalid-request',
      faults: [{ pointer }],
    });
  });
});

it('bounds for moving layers are set one by one and lifted with null', () => {
  const world = newWorld();
  world.do({ kind: 'images.set', uploadBytesPerS: 1e6, originBytesPerS: 2e6 });
  world.do({ kind: 'images.set', originBytesPerS: null, downloadBytesPerS: 3e6 });
  const settings = world.get('settings/images');
  expect(settings).toEqual({ uploadBytesPerS: 1e6, downloadBytesPerS: 3e6, updatedAt: expect.any(String) });
  expect(faultOfValue('settings/images', settings)).toBeUndefined();
});
