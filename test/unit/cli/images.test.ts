import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../images/fixtures.ts';
import { FakeApi } from './fake-api.ts';
import { shoal } from './fake-outside.ts';
import { HOST, hostStep, OP, preheatOf } from './operations.ts';

let api: FakeApi;
let directory: string;
beforeEach(async () => {
  api = await FakeApi.start();
  directory = mkdtempSync(join(tmpdir(), 'shoal-cli-'));
});
afterEach(async () => {
  await api.stop();
  rmSync(directory, { recursive: true });
});

const accepted = { location: `/v1/operations/${OP}` };
const app = '/v1/repositories/team%2Fapp';
const MiB = 1024 ** 2;
const layer = { digest: digestOf(7), sizeBytes: 34 * MiB, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' };
const anImage = {
  repository: 'team/app',
  tags: ['v1', 'latest'],
  digest: digestOf(1),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  sizeBytes: 35 * MiB,
  platforms: [],
  layers: 1,
  revision: '03d44d1aabbccddeeff0',
  pushedAt: '2030-01-01T00:00:00.000Z',
  pushedBy: 'ann',
  pushedTo: 'h1',
  manifest: { layers: [layer], manifests: [] },
  children: [],
  history: [{ digest: digestOf(2), pushedAt: '2029-01-01T00:00:00.000Z', pushedBy: 'bob' }],
};

describe('looking at images', () => {
  test('ls lists repositories with what they take and keep, and the images of one', async () => {
    const repository = { name: 'team/app', origin: 'mesh', tags: 2, manifests: 3, sizeBytes: 70 * MiB };
    const retention = { keepLast: 10, keepTags: ['v*'] };
    api.list('GET /v1/repositories', [{ ...repository, retention }]).list(`GET ${app}/images`, [anImage]);
    expect((await shoal(api.url, ['image', 'ls'])).stdout).toMatch(/team\/app +2 +3 +70M +mesh +last 10, v\*/);
    await shoal(api.url, ['image', 'ls', '--prefix', 'team/']);
    expect(api.asked('GET /v1/repositories')[1]?.query.get('prefix')).toBe('team/');
    const images = await shoal(api.url, ['image', 'ls', 'team/app']);
    expect(images.stdout).toMatch(/v1 latest +sha256:000000000000 +35M .* 03d44d1aabbc +ann +h1/);
    expect((await shoal(api.url, ['image', 'ls', 'team/app', '-q'])).stdout).toBe('team/app:v1\n');
  });

  test('show tells layers, commit and what the tag was before; JSON tells the same', async () => {
    api.json(`GET ${app}/images/v1`, anImage).json(`GET ${app}/images/${encodeURIComponent(digestOf(1))}`, anImage);
    const { stdout } = await shoal(api.url, ['image', 'show', 'team/app:v1']);
    for (const line of [/commit +03d44d1aabbccddeeff0/, /sha256:000000000000 +34M +layer.v1.tar\+gzip/, /bob/]) {
      expect(stdout).toMatch(line);
    }
    const json = await shoal(api.url, ['image', 'show', `team/app@${digestOf(1)}`, '--json']);
    expect(JSON.parse(json.stdout)).toEqual(anImage);
  });

  test('a name is taken as the mesh has it, as Docker completes it, or without the address of a registry here', async () => {
    api
      .json('GET /v1/repositories/docker.io%2Flibrary%2Fnginx/images/latest', anImage)
      .json(`GET ${app}/images/v1`, anImage);
    expect((await shoal(api.url, ['image', 'show', 'nginx'])).exitCode).toBe(0);
    expect((await shoal(api.url, ['image', 'show', '127.0.0.1:5000/team/app:v1'])).exitCode).toBe(0);
    const { exitCode, stderr } = await shoal(api.url, ['image', 'show', 'none:v1']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('/v1/repositories/none/images/v1');
  });

  test('where tells who keeps and who only caches each blob', async () => {
    const holders = [
      { hostId: HOST, hostName: 'h10', isPinned: true },
      { hostId: HOST, hostName: 'h2', isPinned: true },
      { hostId: HOST, hostName: 'h3', isPinned: false },
    ];
    api.list(`GET ${app}/images/v1/locations`, [{ ...layer, holders, wantedCopies: 3 }]);
    const { stdout } = await shoal(api.url, ['image', 'where', 'team/app:v1']);
    expect(stdout).toMatch(/34M +layer.v1.tar\+gzip +2\/3 +h2 h10 +h3/);
  });

  test('df tells what each host stores', async () => {
    const usage = { hostId: HOST, hostName: 'h1', usedBytes: 512 * MiB, pinnedBytes: 2 * MiB };
    api.list('GET /v1/image-usage', [{ ...usage, quotaBytes: 1024 * MiB, diskFreeBytes: 3 * MiB }]);
    expect((await shoal(api.url, ['image', 'df'])).stdout).toMatch(/h1 +512M +2M +1G +50% +3M/);
  });
});

describe('transfers', () => {
  const transfer = {
    hostId: HOST,
    hostName: 'h1',
    digest: digestOf(7),
    sizeBytes: 120_000_000,
    doneBytes: 34_000_000,
    bytesPerS: 12 * MiB,
    peers: [{ hostId: HOST, hostName: 'h2', doneBytes: 30 * MiB }],
    originBytes: 4 * MiB,
  };

  test('are listed with their rate and where they come from', async () => {
    api.list('GET /v1/transfers', [transfer]);
    const { stdout } = await shoal(api.url, ['image', 'transfers']);
    expect(stdout).toMatch(/h1 +sha256:0{12} +34\/120 MB +12M\/s +h2 30M, its registry 4M/);
    api.list('GET /v1/transfers', []);
    expect((await shoal(api.url, ['image', 'transfers'])).stderr).toContain('nothing is on its way');
  });

  test.each([
    { name: 'as lines', words: [], until: '1 transfer, 12M/s' },
    { name: 'as JSON', words: ['--json'], until: '"total":1' },
    { name: 'in place', words: [], until: '1 transfer, 12M/s', isTty: true },
  ])('are followed until Ctrl-C $name', async ({ words, until, isTty = false }) => {
    api.on('GET /v1/transfers/events', (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const moments = [
        { items: [], total: 0 },
        { items: [transfer], total: 1 },
      ];
      for (const moment of moments) response.write(`event: transfers\ndata: ${JSON.stringify(moment)}\n\n`);
    });
    const { exitCode, stdout } = await shoal(api.url, ['image', 'transfers', '--follow', ...words], {
      isTty,
      onOutput: (text, outside) => text.includes(until) && outside.interrupt(),
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(until);
  });
});

describe('work on images', () => {
  const post = 'POST /v1/images/preheat';

  test('a preheat is followed host by host', async () => {
    const progress = { bytes: 34_000_000, totalBytes: 120_000_000, peers: 2 };
    api
      .json(post, {}, 202, accepted)
      .operation(OP, [
        preheatOf([hostStep('h1', 'running', progress)]),
        preheatOf([hostStep('h1', 'done')], { state: 'succeeded' }),
      ]);
    const { exitCode, stdout } = await shoal(api.url, [
      'image',
      'preheat',
      'team/app:1',
      '--host',
      'h1,h2',
      '--host',
      'h3',
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('h1 running 34/120 MB from 2 hosts\n');
    expect(stdout).toContain('h1 done\n');
    expect(api.asked(post)[0]?.body).toEqual({ image: 'team/app:1', hosts: ['h1', 'h2', 'h3'] });
  });

  test.each([
    [['preheat', 'nginx', '--cluster', 'edge'], post, { image: 'nginx', cluster: 'edge' }],
    [['verify', '--host', 'h1'], 'POST /v1/images/verify', { hosts: ['h1'] }],
    [['verify'], 'POST /v1/images/verify', {}],
    [['gc', '--grace', '2h'], 'POST /v1/images/collect', { graceMs: 7_200_000 }],
  ])('%j prints the operation when detached', async (words, route, body) => {
    api.json(route, {}, 202, accepted);
    const { exitCode, stdout } = await shoal(api.url, ['image', ...words, '-d']);
    expect([exitCode, stdout]).toEqual([0, `${OP}\n`]);
    expect(api.asked(route)[0]?.body).toEqual(body);
  });

  test('one that failed names the hosts and ends with the code of its problem', async () => {
    const problem = { title: 'Timed out', detail: 'h1 is away', code: 'timeout' };
    api.operation(OP, [{ ...preheatOf([hostStep('h1', 'lost')], { state: 'failed' }), problem }]);
    const { exitCode, stderr } = await shoal(api.url, ['op', 'watch', OP]);
    expect(exitCode).toBe(7);
    expect(stderr).toContain('preheat team/app:1 on 1 host failed: Timed out: h1 is away');
  });

  test('is listed, shown and cancelled among other operations, and has no why', async () => {
    const operation = preheatOf([hostStep('h1', 'waiting')]);
    api
      .list('GET /v1/operations', [operation])
      .json(`GET /v1/operations/${OP}`, operation)
      .json(`POST /v1/operations/${OP}/cancel`, operation, 202);
    const list = await shoal(api.url, ['op', 'ls', '--kind', 'preheat']);
    expect(list.stdout).toMatch(/running +0\/1 .* preheat team\/app:1 on 1 host/);
    expect(api.asked('GET /v1/operations')[0]?.query.get('kind')).toBe('preheat');
    expect((await shoal(api.url, ['op', 'show', OP])).stdout).toContain('h1  . waiting');
    expect((await shoal(api.url, ['op', 'cancel', OP])).exitCode).toBe(0);
    expect((await shoal(api.url, ['why', OP])).exitCode).toBe(2);
  });
});

describe('changes', () => {
  test.each([
    [['rm', 'team/app:v1', '-y'], `DELETE ${app}/images/v1`, ''],
    [
      ['rm', `team/app@${digestOf(1)}`, '-y', '--force'],
      `DELETE ${app}/images/${encodeURIComponent(digestOf(1))}`,
      'true',
    ],
    [['rm', 'team/app', '--all', '--confirm=team/app'], `DELETE ${app}`, ''],
  ])('%j', async (words, route, force) => {
    api.json(route, {});
    expect((await shoal(api.url, ['image', ...words])).exitCode).toBe(0);
    expect(api.asked(route)[0]?.query.get('force') ?? '').toBe(force);
  });

  test.each([
    [
      ['--keep-last', '10', '--keep-tags', 'v*,release-*'],
      { retention: { keepLast: 10, keepTags: ['v*', 'release-*'] } },
    ],
    [['--keep-all'], { retention: null }],
    [['--description', 'the shop'], { description: 'the shop' }],
  ])('set %j', async (words, body) => {
    api.json(`PATCH ${app}`, {});
    expect((await shoal(api.url, ['image', 'set', 'team/app', ...words])).exitCode).toBe(0);
    expect(api.asked(`PATCH ${app}`)[0]?.body).toEqual(body);
  });

  test('limits are shown, set and lifted', async () => {
    const settings = { uploadBytesPerS: 50 * MiB, updatedAt: '' };
    api.json('GET /v1/image-settings', settings).json('PATCH /v1/image-settings', settings);
    const shown = await shoal(api.url, ['image', 'limits']);
    expect(shown.stdout).toMatch(/to other hosts +50M\/s\nfrom other hosts +no bound\n/);
    await shoal(api.url, ['image', 'limits', '--upload', '50m', '--origin', 'none']);
    await shoal(api.url, ['image', 'limits', '--none']);
    expect(api.asked('PATCH /v1/image-settings').map(({ body }) => body)).toEqual([
      { uploadBytesPerS: 50 * MiB, originBytesPerS: null },
      { uploadBytesPerS: null, downloadBytesPerS: null, originBytesPerS: null },
    ]);
  });

  test('a quota is set and lifted', async () => {
    const used = { name: 'team', usedBytes: 5 * MiB, repositories: 2 };
    api.json('PUT /v1/namespaces/team', used).list('GET /v1/namespaces', [used]);
    await shoal(api.url, ['namespace', 'set', 'team', '--quota', '10g']);
    await shoal(api.url, ['namespace', 'set', 'team', '--quota', 'none']);
    const bodies = api.asked('PUT /v1/namespaces/team').map(({ body }) => body);
    expect(bodies).toEqual([{ quotaBytes: 10 * 1024 ** 3 }, { quotaBytes: null }]);
    expect((await shoal(api.url, ['namespace', 'ls'])).stdout).toMatch(/team +2 +5M +none/);
  });

  test.each([
    [['image', 'rm', 'team/app', '-y']],
    [['image', 'rm', 'team/app:v1', '--all', '-y']],
    [['image', 'rm', 'team/app:v1', '--force', '-y']],
    [['image', 'rm', 'team/app:v1']],
    [['image', 'rm', '../app:v1', '-y']],
    [['image', 'show', 'team//app']],
    [['image', 'ls', 'team/app:v1']],
    [['image', 'set', 'team/app']],
    [['image', 'set', 'team/app', '--keep-all', '--keep-last', '1']],
    [['image', 'set', 'team/app', '--keep-last', '0']],
    [['image', 'set', 'team/app', '--keep-tags', 'a b']],
    [['image', 'preheat', 'nginx', '--host', 'h1', '--cluster', 'edge']],
    [['image', 'preheat', 'nginx', '--host', 'h1,,h2']],
    [['image', 'limits', '--upload', 'fast']],
    [['image', 'limits', '--upload', '1k']],
    [['image', 'limits', '--none', '--upload', '1m']],
    [['namespace', 'set', 'team']],
    [['namespace', 'set', 'team', '--quota', 'much']],
    [['upstream', 'set', 'ghcr.io']],
    [['upstream', 'set', 'ghcr.io', '--username', 'ann']],
    [['upstream', 'set', 'ghcr.io', '--no-login', '--username', 'ann']],
    [['upstream', 'set', 'ghcr.io', '--username', 'ann', '--password', 'x']],
    [['upstream', 'set', 'ghcr.io', '--username', 'ann', '--password-file', '/none/there']],
  ])('wrong usage %j ends with 2 and asks nobody', async (words) => {
    expect((await shoal(api.url, words)).exitCode).toBe(2);
    expect(api.seen).toEqual([]);
  });
});

describe('other registries', () => {
  const route = 'PUT /v1/upstreams/registry.example%3A5000';
  const words = ['upstream', 'set', 'registry.example:5000'];
  const password = 'correct-horse';
  beforeEach(() => {
    api.json(route, { host: 'registry.example:5000', hasLogin: true }, 201);
  });

  test.each(['a file', 'standard input'])('a password comes from %s and is never printed', async (source) => {
    const file = join(directory, 'password');
    writeFileSync(file, `${password}\n`);
    const from = source === 'a file' ? file : '-';
    const options = { input: `${password}\n` };
    const login = ['--url', 'http://10.0.0.5:5000/', '--username', 'ann', '--password-file', from];
    const { exitCode, stdout, stderr } = await shoal(api.url, [...words, ...login, '--debug'], options);
    expect(exitCode).toBe(0);
    expect(api.asked(route)[0]?.body).toEqual({ url: 'http://10.0.0.5:5000', username: 'ann', password });
    expect(stdout + stderr).not.toContain(password);
  });

  test('what was set is taken back', async () => {
    await shoal(api.url, [...words, '--no-login', '--no-url']);
    expect(api.asked(route)[0]?.body).toEqual({ url: null, username: null, password: null });
    await shoal(api.url, [...words, '--no-login']);
    expect(api.asked(route)[1]?.body).toEqual({ username: null, password: null });
    api.json('DELETE /v1/upstreams/ghcr.io', {});
    expect((await shoal(api.url, ['upstream', 'rm', 'ghcr.io', '-y'])).exitCode).toBe(0);
  });

  test.each(['', '\n', 'two\nlines\n', 'x'.repeat(5_000)])('a file that holds no password is refused', async (text) => {
    const file = join(directory, 'password');
    writeFileSync(file, text);
    const { exitCode } = await shoal(api.url, [...words, '--username', 'ann', '--password-file', file]);
    expect(exitCode).toBe(2);
    expect(api.seen).toEqual([]);
  });

  test('are listed with who logs in', async () => {
    const upstreams = [
      { host: 'docker.io', hasLogin: false, updatedAt: '', updatedBy: 'cr_1' },
      { host: 'ghcr.io', url: 'http://10.0.0.5', username: 'ann', hasLogin: true, updatedAt: '', updatedBy: 'cr_1' },
    ];
    api.list('GET /v1/upstreams', upstreams);
    const { stdout } = await shoal(api.url, ['upstream', 'ls']);
    expect(stdout).toMatch(/docker.io +https:\/\/docker.io +none/);
    expect(stdout).toMatch(/ghcr.io +http:\/\/10.0.0.5 +ann/);
  });
});
