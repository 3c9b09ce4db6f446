import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import type { ManifestFacts } from '../../../protocol/schemas/image.ts';
import { blob, digestOf, factsOf } from '../images/fixtures.ts';
import { hostA } from '../model/world.ts';
import { openApi } from './api-fixture.ts';
import type { FakePlatform } from './fake-platform.ts';

const one = '/v1/repositories/team%2Fapp';

function push(platform: FakePlatform, number: number, tag: string, repository = 'team/app', change = {}) {
  const manifest: ManifestFacts = factsOf(number, change);
  platform.world.do({ kind: 'image.push', repository, tag, manifest });
}

/** `team/app` with v1 and v2, and a copy of nginx. */
async function openWithImages() {
  const api = await openApi();
  push(api.platform, 1, 'v1', 'team/app', { layers: [blob(7), blob(8)] });
  push(api.platform, 2, 'v2');
  push(api.platform, 3, '1.27', 'docker.io/library/nginx');
  return api;
}

describe('repositories', () => {
  it('are listed in pages, and by how their names begin', async () => {
    const { ask } = await openWithImages();
    const names = (body: { items: { name: string }[] }) => body.items.map(({ name }) => name);
    const first = (await ask({ url: '/v1/repositories?limit=1' })).json();
    expect(names(first)).toEqual(['docker.io/library/nginx']);
    expect(names((await ask({ url: `/v1/repositories?cursor=${first.nextCursor}` })).json())).toEqual(['team/app']);
    expect(names((await ask({ url: '/v1/repositories?prefix=team/' })).json())).toEqual(['team/app']);
  });

  it('are found by a name with slashes, of the mesh and of other registries', async () => {
    const { ask, platform } = await openWithImages();
    expect((await ask({ url: one })).json()).toMatchObject({ name: 'team/app', origin: 'mesh', tags: 2 });
    const nginx = await ask({ url: '/v1/repositories/docker.io%2flibrary%2fnginx' });
    expect(nginx.json()).toMatchObject({ origin: 'docker.io' });
    const longest = `${'a'.repeat(89)}/${'b'.repeat(90)}`;
    push(platform, 4, 'v1', longest);
    expect((await ask({ url: `/v1/repositories/${encodeURIComponent(longest)}` })).json()).toMatchObject({ tags: 1 });
    expect((await ask({ url: '/v1/repositories/team' })).statusCode).toBe(404);
  });

  it('get a description and rules, and lose the rules again', async () => {
    const { ask } = await openWithImages();
    const retention = { keepLast: 10, keepTags: ['v*', 'release-*'] };
    const set = await ask({ method: 'PATCH', url: one, payload: { description: 'the shop', retention } });
    expect(set.json()).toMatchObject({ name: 'team/app', description: 'the shop', retention, tags: 2 });
    const lifted = await ask({ method: 'PATCH', url: one, payload: { retention: null } });
    expect(lifted.json()).not.toHaveProperty('retention');
    expect(lifted.json()).toMatchObject({ description: 'the shop' });
    expect((await ask({ method: 'PATCH', url: '/v1/repositories/none', payload: {} })).statusCode).toBe(404);
  });

  it('are deleted with their images, those in use only by force', async () => {
    const { ask, platform } = await openWithImages();
    platform.world.do({ kind: 'app.put', group: 'web', app: 'shop' });
    const spec = { image: 'team/app:v1' };
    const resolvedImage = `team/app@${digestOf(1)}`;
    platform.world.do({ kind: 'version.create', group: 'web', app: 'shop', spec, resolvedImage });
    const refused = await ask({ method: 'DELETE', url: one });
    expect(refused.statusCode).toBe(409);
    expect(refused.json().detail).toContain('web/shop');
    expect((await ask({ method: 'DELETE', url: `${one}?force=false` })).statusCode).toBe(409);
    expect((await ask({ method: 'DELETE', url: `${one}?force=true` })).statusCode).toBe(204);
    expect((await ask({ url: `${one}/images` })).statusCode).toBe(404);
  });
});

describe('images of a repository', () => {
  it('are listed newest first, and shown by tag and by digest', async () => {
    const { ask } = await openWithImages();
    const { items } = (await ask({ url: `${one}/images` })).json();
    expect(items).toMatchObject([{ tags: ['v2'] }, { tags: ['v1'] }]);
    const byTag = (await ask({ url: `${one}/images/v1` })).json();
    expect(byTag).toMatchObject({ digest: digestOf(1), layers: 2, manifest: { layers: [blob(7), blob(8)] } });
    for (const reference of [digestOf(1), encodeURIComponent(digestOf(1))]) {
      expect((await ask({ url: `${one}/images/${reference}` })).json()).toEqual(byTag);
    }
    expect((await ask({ url: `${one}/images/none` })).json()).toMatchObject({
      status: 404,
      detail: 'There is no image "team/app:none".',
    });
  });

  it('tell in pages which hosts hold their blobs, in the order of the layers', async () => {
    const { ask } = await openWithImages();
    const first = (await ask({ url: `${one}/images/v1/locations?limit=1` })).json();
    expect(first.items).toMatchObject([{ digest: digestOf(7), wantedCopies: 3, holders: [{ hostName: 'h1' }] }]);
    const next = (await ask({ url: `${one}/images/v1/locations?cursor=${first.nextCursor}` })).json();
    expect(next.items).toMatchObject([{ digest: digestOf(8) }]);
    expect((await ask({ url: `${one}/images/none/locations` })).statusCode).toBe(404);
  });

  it('a tag is taken away; a digest goes with its tags', async () => {
    const { ask } = await openWithImages();
    expect((await ask({ method: 'DELETE', url: `${one}/images/v1` })).statusCode).toBe(204);
    expect((await ask({ url: `${one}/images/v1` })).statusCode).toBe(404);
    expect((await ask({ url: `${one}/images/${digestOf(1)}` })).json()).toMatchObject({ tags: [] });
    const again = await ask({ method: 'DELETE', url: `${one}/images/v1` });
    expect(again.json()).toMatchObject({ status: 404, errors: [{ pointer: '/tag' }] });
    expect((await ask({ method: 'DELETE', url: `${one}/images/${digestOf(2)}` })).statusCode).toBe(204);
    expect((await ask({ url: `${one}/images` })).json().items).toMatchObject([{ digest: digestOf(1) }]);
    expect((await ask({ method: 'DELETE', url: `${one}/images/${digestOf(9)}` })).statusCode).toBe(404);
  });
});

describe('namespaces, other registries, bounds and usage', () => {
  it('a namespace gets a quota and loses it', async () => {
    const { ask } = await openWithImages();
    const put = (name: string, quotaBytes: number | null) =>
      ask({ method: 'PUT', url: `/v1/namespaces/${name}`, payload: { quotaBytes } });
    expect((await put('team', 1_000)).json()).toEqual({
      name: 'team',
      quotaBytes: 1_000,
      usedBytes: 0,
      repositories: 1,
    });
    expect((await put('new', 1_000)).statusCode).toBe(201);
    expect((await put('team', null)).json()).not.toHaveProperty('quotaBytes');
    expect((await ask({ url: '/v1/namespaces' })).json().items).toMatchObject([{ name: 'new' }, { name: 'team' }]);
  });

  it('a password goes in sealed and never comes out', async () => {
    const { ask, platform } = await openApi();
    const url = '/v1/upstreams/registry.example:5000';
    const password = 'correct-horse';
    const made = await ask({ method: 'PUT', url, payload: { username: 'ann', password, url: 'http://10.0.0.5:5000' } });
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({ host: 'registry.example:5000', username: 'ann', hasLogin: true });
    const list = await ask({ url: '/v1/upstreams' });
    expect(list.json().items).toMatchObject([{ host: 'registry.example:5000', url: 'http://10.0.0.5:5000' }]);
    const sealed = platform.images.seal(password, 'registry.example:5000');
    expect(platform.commands[0]?.command).toMatchObject({ kind: 'upstream.put', sealedPassword: sealed });
    expect(JSON.stringify(platform.commands)).not.toContain(password);
    for (const { body } of [made, list]) expect(body).not.toMatch(new RegExp(`${password}|sealed|${sealed}`));

    const loggedOut = await ask({ method: 'PUT', url, payload: { username: null, password: null } });
    expect(loggedOut.statusCode).toBe(200);
    expect(loggedOut.json()).toMatchObject({ url: 'http://10.0.0.5:5000', hasLogin: false });
    expect((await ask({ method: 'DELETE', url })).statusCode).toBe(204);
    expect((await ask({ method: 'DELETE', url })).statusCode).toBe(404);
  });

  it('bounds are set one by one and lifted', async () => {
    const { ask } = await openApi();
    const patch = (payload: object) => ask({ method: 'PATCH', url: '/v1/image-settings', payload });
    await patch({ uploadBytesPerS: 1_000_000, originBytesPerS: 2_000_000 });
    expect((await patch({ originBytesPerS: null })).json()).toMatchObject({ uploadBytesPerS: 1_000_000 });
    expect((await ask({ url: '/v1/image-settings' })).json()).not.toHaveProperty('originBytesPerS');
  });

  it('usage is told for each host', async () => {
    const { ask, platform } = await openApi();
    const usage = { hostId: hostA, hostName: 'h1', usedBytes: 5, pinnedBytes: 2, quotaBytes: 9, diskFreeBytes: 4 };
    platform.images.allUsage.push(usage);
    expect((await ask({ url: '/v1/image-usage' })).json()).toEqual({ items: [usage] });
  });
});

/** Shows that a bad request is answered with a problem that names the place, and that no command is run. */
describe('bad input', () => {
  const repositories: [string, string][] = [
    ['that leaves the path', '..%2F..%2Fetc'],
    ['with .. inside', 'team%2F..%2Fother'],
    ['that ends in dots', 'team%2F%2E%2E'],
    ['escaped twice', 'team%252Fapp'],
    ['with an empty component', 'team%2F%2Fapp'],
    ['that begins with a slash', '%2Fteam'],
    ['that ends with one', 'team%2F'],
    ['with capitals', 'team%2FApp'],
    ['with a NUL', 'team%2Fa%00'],
    ['with a tag', 'team%2Fapp:v1'],
    ['one character too long', 'a'.repeat(181)],
  ];
  it.each(repositories)('a repository %s', async (_name, text) => {
    const { ask, platform } = await openWithImages();
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/images'],
      ['GET', '/images/v1'],
      ['PATCH', ''],
      ['DELETE', ''],
      ['DELETE', '/images/v1'],
    ] as const) {
      const answer = await ask({ method, url: `/v1/repositories/${text}${path}` });
      expect([answer.statusCode, answer.json().errors?.[0]?.pointer]).toEqual([400, '/repository']);
    }
    expect(platform.commands).toEqual([]);
  });

  const patch = (payload: object): InjectOptions => ({ method: 'PATCH', url: one, payload });
  const upstream = (payload: object, host = 'ghcr.io'): InjectOptions => ({
    method: 'PUT',
    url: `/v1/upstreams/${host}`,
    payload,
  });
  const settings = (payload: object): InjectOptions => ({ method: 'PATCH', url: '/v1/image-settings', payload });
  const namespace = (name: string, payload: object): InjectOptions => ({
    method: 'PUT',
    url: `/v1/namespaces/${name}`,
    payload,
  });
  const rows: [name: string, request: InjectOptions, status: number, pointer?: string][] = [
    ['a name longer than any', { url: `/v1/repositories/${'a'.repeat(1_000)}` }, 400],
    ['more components than any', { url: `/v1/repositories/${'a%2F'.repeat(900)}a` }, 400],
    ['a slash that is not escaped', { url: '/v1/repositories/team/app' }, 404],
    ['a prefix with a space', { url: '/v1/repositories?prefix=a%20b' }, 400, '/prefix'],
    ['a tag that is none', { url: `${one}/images/-x` }, 400, '/reference'],
    ['a tag with a slash', { url: `${one}/images/a%2Fb` }, 400, '/reference'],
    ['a tag too long', { url: `${one}/images/${'t'.repeat(129)}` }, 400, '/reference'],
    ['a digest too short', { url: `${one}/images/sha256:abc` }, 400, '/reference'],
    ['a digest of another kind', { url: `${one}/images/md5:${'0'.repeat(32)}` }, 400, '/reference'],
    ['force in other words', { method: 'DELETE', url: `${one}?force=yes` }, 400, '/force'],
    ['an unknown query', { method: 'DELETE', url: `${one}/images/v1?now=1` }, 400, '/now'],
    ['a rule that keeps nothing', patch({ retention: { keepLast: 0 } }), 400, '/retention/keepLast'],
    ['a rule that is not known', patch({ retention: { keepNewest: 1 } }), 400, '/retention/keepNewest'],
    ['tags that can be none', patch({ retention: { keepTags: ['a b'] } }), 400, '/retention/keepTags/0'],
    ['rules in words', patch({ retention: 'all' }), 400, '/retention'],
    ['a quota in words', namespace('team', { quotaBytes: '10g' }), 400, '/quotaBytes'],
    ['a quota below zero', namespace('team', { quotaBytes: -1 }), 400, '/quotaBytes'],
    ['no quota at all', namespace('team', {}), 400, '/quotaBytes'],
    ['a namespace with a slash', namespace('team%2Fapp', { quotaBytes: 1 }), 400, '/namespace'],
    ['a registry with a path', upstream({}, 'ghcr.io%2Fx'), 400, '/host'],
    ['a registry with a login in its name', upstream({}, 'a%40ghcr.io'), 400, '/host'],
    ['a registry that image names would not take for one', upstream({}, 'team'), 400, '/host'],
    ['an address with a path', upstream({ url: 'http://10.0.0.5/x' }), 400, '/url'],
    ['an address with a login', upstream({ url: 'http://a:b@10.0.0.5' }), 400, '/url'],
    ['an address that is no web address', upstream({ url: 'file:///etc' }), 400, '/url'],
    ['an empty password', upstream({ username: 'a', password: '' }), 400, '/password'],
    ['a password alone', upstream({ password: 'x' }), 400, '/username'],
    ['a user alone', upstream({ username: 'a' }), 400, '/password'],
    ['a sealed password', upstream({ sealedPassword: 'AAAA' }), 400, '/sealedPassword'],
    ['a bound of nothing', settings({ uploadBytesPerS: 0 }), 400, '/uploadBytesPerS'],
    ['a bound that is not known', settings({ upload: 1_000_000 }), 400, '/upload'],
  ];
  it.each(rows)('%s', async (_name, request, status, pointer) => {
    const { ask, platform } = await openWithImages();
    const before = [...platform.world.records];
    const answer = await ask(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const pointers = answer.json().errors?.map((fault: { pointer: string }) => fault.pointer);
    expect(pointers).toEqual(pointer === undefined ? undefined : [pointer]);
    expect([...platform.world.records]).toEqual(before);
  });

  it('a password that is refused is not repeated', async () => {
    const { ask } = await openApi();
    const answer = await ask(upstream({ username: 'a', password: 'hunter2'.repeat(1_000) }));
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('hunter2');
    expect(answer.body.length).toBeLessThan(limits.apiUrlBytes);
  });
});
