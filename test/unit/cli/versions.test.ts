import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeApi } from './fake-api.ts';
import { shoal } from './fake-outside.ts';

const app = '/v1/groups/shop/apps/web';
const digest = (digit: string) => digit.repeat(64);

let api: FakeApi;
let folder: string;
beforeEach(async () => {
  api = await FakeApi.start();
  folder = mkdtempSync(join(tmpdir(), 'shoal-cli-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await api.stop();
});

const file = (path: string, digit: string) => ({ path, sha256: digest(digit), sizeBytes: 9, mode: '0444' });
const version = (number: number, spec: object) => ({
  group: 'shop',
  app: 'web',
  number,
  spec: { image: `nginx:${number}`, ...spec },
  memoryBytes: 64 * 1024 ** 2,
  resolvedImage: `library/nginx@sha256:${digest(String(number))}`,
  createdAt: new Date().toISOString(),
  createdBy: 'admin',
});
const first = version(1, { description: 'the first' });
const second = version(2, { files: [file('/etc/app.conf', 'a'), { ...file('/srv/logo', 'b'), uid: 7 }] });

function content(digit: string, bytes: string | Uint8Array): void {
  api.on(`GET ${app}/files/${digest(digit)}`, (response) => response.writeHead(200).end(bytes));
}

describe('versions of an app', () => {
  beforeEach(() => {
    api
      .json(`GET ${app}`, { group: 'shop', name: 'web', deployments: [{ cluster: 'eu', version: 1, replicas: 1 }] })
      .list(`GET ${app}/versions`, [second, first])
      .json(`GET ${app}/versions/1`, first);
  });

  test('are listed with who, what for, the digest of their image, and where they are deployed', async () => {
    const { stdout } = await shoal(api.url, ['version', 'ls', 'shop/web']);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head?.split(/ {2,}/).map((title) => title.trim())).toEqual([
      'VERSION',
      'DEPLOYED IN',
      'IMAGE',
      'DIGEST',
      'MEMORY',
      'FILES',
      'AGE',
      'BY',
      'DESCRIPTION',
    ]);
    expect(rows[0]).toMatch(/2 +nginx:2 +222222222222 +64M +2 +\ds +admin/);
    expect(rows[1]).toMatch(/1 +eu +nginx:1 +111111111111 +64M +\ds +admin +the first/);
    const { stdout: json } = await shoal(api.url, ['version', 'ls', 'shop/web', '--json']);
    expect(JSON.parse(json)).toMatchObject([
      { number: 2, deployedIn: [] },
      { number: 1, deployedIn: ['eu'] },
    ]);
  });

  test('list their files', async () => {
    const { stdout } = await shoal(api.url, ['version', 'files', 'shop/web']);
    expect(stdout).toMatch(/\/etc\/app\.conf +9B +0444 +0:0 +aaaaaaaaaaaa\n\/srv\/logo +9B +0444 +7:0 +bbbbbbbbbbbb/);
    expect((await shoal(api.url, ['version', 'files', 'shop/web', '1'])).stderr).toContain('no files');
  });

  test('print a file as it is; what is not text goes into a file', async () => {
    content('a', 'port = 80\n');
    content('b', Buffer.from([0, 255]));
    const print = (...words: string[]) => shoal(api.url, ['version', 'file', 'shop/web', ...words]);
    expect(await print('/etc/app.conf', '2')).toMatchObject({ exitCode: 3 });
    expect(await print('/etc/app.conf')).toMatchObject({ exitCode: 0, stdout: 'port = 80\n' });
    expect(await print('/srv/logo')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--output') });
    const path = join(folder, 'logo');
    expect(await print('/srv/logo', '--output', path)).toMatchObject({ exitCode: 0, stdout: '' });
    expect([...readFileSync(path)]).toEqual([0, 255]);
    expect(JSON.parse((await print('/srv/logo', '--json')).stdout)).toMatchObject({ uid: 7, contentBase64: 'AP8=' });
    expect(await print('/none')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('shoal version files') });
  });

  test('never steer a terminal', async () => {
    content('a', 'a\u001b[2Jb\n');
    const words = ['version', 'file', 'shop/web', '/etc/app.conf'];
    expect((await shoal(api.url, words, { isTty: true })).stdout).toBe('a[2Jb\n');
  });
});

describe('the difference between two versions', () => {
  const side = (digit: string, mode = '0444') => ({ sha256: digest(digit), sizeBytes: 1, mode });
  const changes = [
    { path: '/env/LEVEL', from: 'info', to: 'debug' },
    { path: '/env/NEW', to: 'x' },
    { path: '/files/~1etc~1app.conf', from: side('a'), to: side('c', '0400') },
    { path: '/files/~1etc~1gone', from: side('a') },
    { path: '/files/~1etc~1mode', from: side('a'), to: side('a', '0400') },
    { path: '/files/~1srv~1logo', from: side('b'), to: side('a') },
    { path: '/labels/a', from: 'b' },
    { path: '/ports', from: [{ container: 80 }], to: [{ container: 81 }] },
  ];
  const diff = { group: 'shop', app: 'web', from: 1, to: 2, changes };

  test('is shown line by line, text files with the lines that differ', async () => {
    api.json(`GET ${app}/versions/1/diff/2`, diff);
    content('a', 'one\nport = 80\n');
    content('b', Buffer.from([0, 255]));
    content('c', 'one\nport = 81\n');
    const { stdout } = await shoal(api.url, ['version', 'diff', 'shop/web', '1', '2']);
    expect(stdout.split('\n')).toEqual([
      '~ env LEVEL: info -> debug',
      '+ env NEW: x',
      '~ /etc/app.conf: aaaaaaaaaaaa 0444 -> cccccccccccc 0400',
      '    --- /etc/app.conf version 1',
      '    +++ /etc/app.conf version 2',
      '    @@ -1,2 +1,2 @@',
      '     one',
      '    -port = 80',
      '    +port = 81',
      '- /etc/gone: aaaaaaaaaaaa 0444',
      '    --- /etc/gone version 1',
      '    +++ /etc/gone version 2',
      '    @@ -1,2 +0,0 @@',
      '    -one',
      '    -port = 80',
      '~ /etc/mode: aaaaaaaaaaaa 0444 -> aaaaaaaaaaaa 0400',
      '~ /srv/logo: bbbbbbbbbbbb 0444 -> aaaaaaaaaaaa 0444',
      '- labels a: b',
      '~ ports: [{"container":80}] -> [{"container":81}]',
      '',
    ]);
  });

  test('is JSON with --json, and said to be none when there is none', async () => {
    api.json(`GET ${app}/versions/1/diff/2`, diff).json(`GET ${app}/versions/1/diff/1`, { ...diff, changes: [] });
    const words = ['version', 'diff', 'shop/web', '1'];
    expect(JSON.parse((await shoal(api.url, [...words, '2', '--json'])).stdout)).toEqual(diff);
    expect((await shoal(api.url, [...words, '1'])).stderr).toContain('are the same');
    expect((await shoal(api.url, [...words, 'x'])).exitCode).toBe(2);
  });

  test('is shown without the lines of a content that the member does not have', async () => {
    api.json(`GET ${app}/versions/1/diff/2`, { ...diff, changes: changes.slice(1, 3) });
    content('a', 'one\n');
    const { exitCode, stdout } = await shoal(api.url, ['version', 'diff', 'shop/web', '1', '2']);
    expect(exitCode).toBe(0);
    expect(stdout).toBe('+ env NEW: x\n~ /etc/app.conf: aaaaaaaaaaaa 0444 -> cccccccccccc 0400\n');
  });

  test('of files that have nothing in common ends as well', async () => {
    api.json(`GET ${app}/versions/1/diff/2`, { ...diff, changes: changes.slice(2, 3) });
    const lines = (word: string) => Array.from({ length: 20_000 }, (_, line) => `${word}${line}`).join('\n');
    content('a', lines('a'));
    content('c', lines('c'));
    const { stdout } = await shoal(api.url, ['version', 'diff', 'shop/web', '1', '2']);
    expect(stdout).toBe('~ /etc/app.conf: aaaaaaaaaaaa 0444 -> cccccccccccc 0400\n');
  });
});

describe('a spec file with files', () => {
  test('names them from where it is', async () => {
    mkdirSync(join(folder, 'conf'));
    writeFileSync(join(folder, 'conf', 'app.conf'), 'port = 80\n');
    const spec = join(folder, 'web.yaml');
    writeFileSync(spec, 'image: x\nfiles:\n- path: /etc/app.conf\n  source: conf/app.conf\n');
    const versions = `POST ${app}/versions`;
    api.json(versions, { number: 1 }, 201);
    const create = (...words: string[]) => shoal(api.url, ['version', 'create', 'shop/web', ...words]);
    expect((await create('-f', spec)).exitCode).toBe(0);
    expect(api.asked(versions)[0]?.body).toEqual({
      spec: { image: 'x', files: [{ path: '/etc/app.conf', content: 'port = 80\n' }] },
    });
    const missing = await create('--image', 'x', '--config-file', `${folder}/none:/etc/a`);
    expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('cannot read') });
  });
});
