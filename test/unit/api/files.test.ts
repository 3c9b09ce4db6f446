import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Version } from '../../../protocol/schemas/version.ts';
import { type Ask, deploy, openApi } from './api-fixture.ts';

const app = '/v1/groups/web/apps/shop';
const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const html = '<script>alert(1)</script>';

const create = async (ask: Ask, spec: object) =>
  ask({ method: 'POST', url: `${app}/versions`, payload: { spec: { image: 'nginx:1', ...spec } } });

describe('files of a version', () => {
  it('are shown by digest, and their content is given as bytes that no browser runs', async () => {
    const { ask } = await openApi();
    await deploy(ask);
    const files = [
      { path: '/srv/a.html', content: html },
      { path: '/srv/b', contentBase64: 'AP8=' },
    ];
    const made = await create(ask, { files });
    expect(made.statusCode).toBe(201);
    const version = (await ask({ url: String(made.headers.location) })).json<Version>();
    expect(version.spec.files).toEqual([
      { path: '/srv/a.html', sha256: sha256(html), sizeBytes: html.length, mode: '0444' },
      { path: '/srv/b', sha256: sha256(Buffer.from([0, 255])), sizeBytes: 2, mode: '0444' },
    ]);
    expect(made.body).not.toContain('alert');

    const text = await ask({ url: `${app}/files/${sha256(html)}` });
    expect(text.body).toBe(html);
    expect(text.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'attachment',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    const bytes = await ask({ url: `${app}/files/${version.spec.files?.[1]?.sha256}` });
    expect(bytes.headers['content-type']).toBe('application/octet-stream');
    expect([...bytes.rawPayload]).toEqual([0, 255]);
  });

  it('of others are not there, and nobody reads them without a token', async () => {
    const { ask, app: server } = await openApi();
    await deploy(ask);
    await create(ask, { files: [{ path: '/a', content: html }] });
    expect((await ask({ url: `/v1/groups/web/apps/other/files/${sha256(html)}` })).statusCode).toBe(404);
    expect((await ask({ url: `${app}/files/${sha256('x')}` })).json()).toMatchObject({ code: 'not-found' });
    expect((await ask({ url: `${app}/files/..%2F..` })).statusCode).toBe(400);
    expect((await server.inject({ url: `${app}/files/${sha256(html)}` })).statusCode).toBe(401);
  });

  it.each([
    ['a mode that lets it run as somebody else', { path: '/a', content: '', mode: '4755' }, '/spec/files/0/mode'],
    ['a relative path', { path: 'a', content: '' }, '/spec/files/0/path'],
    ['a line break in a path', { path: '/a\nb', content: '' }, '/spec/files/0/path'],
    ['a field that there is not', { path: '/a', contents: '' }, '/spec/files/0/contents'],
    ['an owner below root', { path: '/a', content: '', uid: -1 }, '/spec/files/0/uid'],
    ['a way up', { path: '/a/../b', content: '' }, '/spec/files/0/path'],
    ['a digest that the app does not have', { path: '/a', sha256: sha256('x') }, '/spec/files/0/sha256'],
  ])('with %s are refused at that field', async (_what, file, pointer) => {
    const { ask } = await openApi();
    await deploy(ask);
    const answer = await create(ask, { files: [file] });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] });
  });

  it('more of them than a version may have are refused', async () => {
    const { ask } = await openApi();
    await deploy(ask);
    const files = Array.from({ length: 65 }, (_, index) => ({ path: `/${index}`, content: '' }));
    expect((await create(ask, { files })).json()).toMatchObject({ errors: [{ pointer: '/spec/files' }] });
  });
});

describe('the difference between versions', () => {
  it('is told by pointer; of versions that are not there it is 404', async () => {
    const { ask } = await openApi();
    await deploy(ask);
    await create(ask, { env: { A: '1' }, files: [{ path: '/a', content: 'x' }] });
    const diff = await ask({ url: `${app}/versions/1/diff/2` });
    expect(diff.json()).toEqual({
      group: 'web',
      app: 'shop',
      from: 1,
      to: 2,
      changes: [
        { path: '/env/A', to: '1' },
        { path: '/files/~1a', to: { sha256: sha256('x'), sizeBytes: 1, mode: '0444' } },
      ],
    });
    expect((await ask({ url: `${app}/versions/2/diff/2` })).json()).toMatchObject({ changes: [] });
    expect((await ask({ url: `${app}/versions/1/diff/9` })).json()).toMatchObject({
      code: 'not-found',
      detail: expect.stringContaining('version 9'),
    });
    expect((await ask({ url: `${app}/versions/x/diff/1` })).statusCode).toBe(400);
    expect((await ask({ url: '/v1/groups/web/apps/none/versions/1/diff/2' })).statusCode).toBe(404);
  });
});
