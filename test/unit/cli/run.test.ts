import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../../agent/cli/run.ts';
import { FakeApi } from './fake-api.ts';
import { fakeOutside, shoal } from './fake-outside.ts';
import { deployOf, HOST, OP, step } from './operations.ts';

let api: FakeApi;
beforeEach(async () => {
  api = await FakeApi.start();
});
afterEach(() => api.stop());

const accepted = { location: `/v1/operations/${OP}` };
const deployments = 'POST /v1/groups/shop/apps/web/deployments';
const anApp = { group: 'shop', name: 'web', deployments: [{ cluster: 'default', version: 1, replicas: 4 }] };

const refusal = {
  hostId: HOST,
  hostName: 'h2',
  rule: 'port-taken',
  detail: 'port tcp/80 is taken',
  numbers: { port: 80 },
};
const aPlan = {
  ...{ cluster: 'default', version: 2, isNewVersion: true, replicas: 4, fits: true, removals: [] },
  auctions: [
    {
      ...{ version: 2, wanted: [0, 1], offers: [], refusals: [{ ...refusal, transient: false }] },
      placed: [0, 1].map((replica) => ({ replica, hostId: HOST, hostName: 'h1' })),
    },
  ],
};

describe('deploy --dry-run', () => {
  test('prints what would go where and who refuses, and changes nothing', async () => {
    api.json('GET /v1/groups/shop/apps/web', anApp).json(`${deployments}/plan`, aPlan);
    const { exitCode, stdout, stderr } = await shoal(api.url, ['deploy', 'shop/web', '--version', '2', '--dry-run']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('plan of shop/web v2 (new), 4 replicas in default: nothing was changed');
    expect(stdout).toContain('h1: 2 replicas (0, 1)');
    expect(stdout).toMatch(/h2 +port-taken +port tcp\/80 is taken +port=80/);
    expect(stderr).toContain('it would be placed as things are now');
    expect(api.asked(`${deployments}/plan`)[0]?.body).toEqual({ cluster: 'default', replicas: 4, version: 2 });
    expect(api.asked(deployments)).toHaveLength(0);
  });

  test('ends with 1 when it would not fit, and tells how it would roll out', async () => {
    const rollout = { from: { version: 1, replicas: 4 }, batches: [[0], [1, 2]], why: ['rolling: slowly'] };
    const plan = { ...aPlan, fits: false, supersedes: OP, rollout };
    api.json('GET /v1/groups/shop/apps/web', anApp).json(`${deployments}/plan`, plan);
    const words = ['deploy', 'shop/web', '--version', '2', '--dry-run'];
    const { exitCode, stdout } = await shoal(api.url, words);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('rolls out v1 -> v2, replicas in this order: 0 | 1,2');
    expect(stdout).toContain('rolling: slowly');
    expect(stdout).toContain(`supersedes ${OP}`);
    expect(JSON.parse((await shoal(api.url, [...words, '--json'])).stdout)).toEqual(plan);
  });

  test('makes no group, but asks as if it were there', async () => {
    api.json(`${deployments}/plan`, aPlan);
    const words = ['deploy', 'shop/web', '--image', 'nginx', '-m', '64m', '--dry-run'];
    expect((await shoal(api.url, words)).exitCode).toBe(3);
    expect((await shoal(api.url, [...words, '--create-group'])).exitCode).toBe(0);
    expect(api.asked(`${deployments}/plan`)[0]?.query.get('withGroup')).toBe('true');
    expect(api.asked('PUT /v1/groups/shop')).toHaveLength(0);
  });
});

describe('deploy', () => {
  test('sends the spec, follows the operation line by line and ends with 0', async () => {
    const done = [step(0, 'healthy', { hostName: 'h1' }), step(1, 'healthy', { hostName: 'h2' })];
    api
      .json('GET /v1/groups/shop', { name: 'shop' })
      .json(deployments, {}, 202, accepted)
      .operation(OP, [deployOf([step(0, 'auction'), step(1, 'auction')]), deployOf(done, { state: 'succeeded' })]);
    const words = [
      'deploy',
      'shop/web',
      '--image',
      'nginx',
      '-m',
      '64m',
      '-n',
      '2',
      '-p',
      '80',
      '--',
      'sh',
      '-c',
      'x --y',
    ];
    const { exitCode, stdout } = await shoal(api.url, words);
    expect(exitCode).toBe(0);
    expect(api.asked(deployments)[0]?.body).toEqual({
      cluster: 'default',
      replicas: 2,
      spec: {
        image: 'nginx',
        memoryBytes: 64 * 1024 ** 2,
        ports: [{ container: 80, protocol: 'tcp' }],
        command: ['sh', '-c', 'x --y'],
      },
    });
    expect(stdout).toContain('shop/web/0 auction\n');
    expect(stdout).toContain('shop/web/1 on h2 healthy\n');
  });

  test('keeps the number of replicas that runs when none is given', async () => {
    api.json('GET /v1/groups/shop/apps/web', anApp).json(deployments, {}, 202, accepted);
    const { exitCode, stdout } = await shoal(api.url, ['deploy', 'shop/web', '--version', '2', '--detach']);
    expect([exitCode, stdout]).toEqual([0, `${OP}\n`]);
    expect(api.asked(deployments)[0]?.body).toEqual({ cluster: 'default', replicas: 4, version: 2 });
  });

  test('changes one thing of the latest version with --from', async () => {
    api
      .json('GET /v1/groups/shop/apps/web', anApp)
      .list('GET /v1/groups/shop/apps/web/versions', [
        { number: 2, spec: { image: 'nginx:2', env: { A: '1' } } },
        { number: 1, spec: { image: 'nginx:1' } },
      ])
      .json(deployments, {}, 202, accepted);
    await shoal(api.url, ['deploy', 'shop/web', '--from', 'latest', '--image', 'nginx:3', '-d']);
    expect(api.asked(deployments)[0]?.body).toMatchObject({ spec: { image: 'nginx:3', env: { A: '1' } } });
  });

  test('into a group that is not there names the command that makes it, or makes it when told to', async () => {
    const words = ['deploy', 'shop/web', '--image', 'nginx', '-d'];
    const { exitCode, stderr } = await shoal(api.url, words);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('shoal group create shop');
    expect(api.asked(deployments)).toHaveLength(0);
    api.json('PUT /v1/groups/shop', {}, 201).json(deployments, {}, 202, accepted);
    expect((await shoal(api.url, [...words, '--create-group'])).exitCode).toBe(0);
    expect(api.asked('PUT /v1/groups/shop')).toHaveLength(1);
  });

  test('reads a file from standard input', async () => {
    api.json('GET /v1/groups/shop/apps/web', anApp).json(deployments, {}, 202, accepted);
    await shoal(api.url, ['deploy', 'shop/web', '-f', '-', '-d'], {
      input: 'image: nginx\nmemory: 64m\nreplicas: 7\n',
    });
    expect(api.asked(deployments)[0]?.body).toMatchObject({ replicas: 7, spec: { memoryBytes: 64 * 1024 ** 2 } });
  });

  test('that cannot be placed prints the refusal of each host and the next step', async () => {
    const refusal = {
      hostId: HOST,
      hostName: 'h9',
      rule: 'insufficient-memory',
      detail: 'needs 5G',
      numbers: {},
      transient: false,
    };
    const failed = {
      ...deployOf([step(0, 'auction')], { state: 'failed' }),
      problem: { code: 'unplaceable', title: 'Not all replicas can be placed', detail: '1 of 1 is left' },
      decisions: [{ at: '', auctioneer: HOST, wanted: 1, offers: [], refusals: [refusal], placed: [] }],
    };
    api.operation(OP, [failed]);
    const { exitCode, stderr } = await shoal(api.url, ['op', 'watch', OP]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/h9 +insufficient-memory +needs 5G/);
    expect(stderr).toContain(`shoal why ${OP}`);
  });
});

describe('watching', () => {
  test('goes on at another member when the stream breaks', async () => {
    const other = await FakeApi.start();
    api.on(`GET /v1/operations/${OP}/events`, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: operation\ndata: ${JSON.stringify(deployOf([step(0, 'auction')]))}\n\n`, () => {
        response.destroy();
        void api.stop();
      });
    });
    other.operation(OP, [deployOf([step(0, 'healthy', { hostName: 'h2' })], { state: 'succeeded' })]);
    try {
      const { exitCode, stdout } = await shoal(`${api.url},${other.url}`, ['op', 'watch', OP]);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('auction');
      expect(stdout).toContain('on h2 healthy');
    } finally {
      await other.stop();
    }
  });

  const endless = () =>
    api.on(`GET /v1/operations/${OP}/events`, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: operation\ndata: ${JSON.stringify(deployOf([step(0, 'auction')]))}\n\n`);
    });

  test('Ctrl-C leaves the operation running and says how to watch again', async () => {
    endless();
    const { exitCode, stderr } = await shoal(api.url, ['op', 'watch', OP], {
      onOutput: (text, outside) => text.includes('auction') && outside.interrupt(),
    });
    expect(exitCode).toBe(130);
    expect(stderr).toContain(`shoal op watch ${OP}`);
    expect(api.seen.map(({ method }) => method)).toEqual(['GET']);
  });

  test('--timeout ends it with 7', async () => {
    endless();
    expect((await shoal(api.url, ['op', 'watch', OP, '--timeout', '50ms'])).exitCode).toBe(7);
  });

  test('--json prints one operation a line', async () => {
    const states = [deployOf([step(0, 'auction')]), deployOf([step(0, 'healthy')], { state: 'succeeded' })];
    api.operation(OP, states);
    const { stdout, stderr } = await shoal(api.url, ['op', 'watch', OP, '--json']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(states);
    expect(stderr).toBe('');
  });

  test('on a terminal it draws in place', async () => {
    api.operation(OP, [deployOf([step(0, 'auction')]), deployOf([step(0, 'healthy')], { state: 'succeeded' })]);
    const { stdout } = await shoal(api.url, ['op', 'watch', OP, '--no-color'], { isTty: true });
    expect(stdout).toContain('\u001b[3A');
  });
});

describe('exit codes', () => {
  test.each([
    [404, 'not-found', 3],
    [409, 'conflict', 4],
    [412, 'precondition-failed', 4],
    [403, 'forbidden', 6],
    [401, 'unauthenticated', 6],
    [400, 'invalid-request', 2],
    [504, 'timeout', 7],
    [500, 'internal', 1],
    [409, 'a-code-of-a-later-version', 4],
  ])('an answer %d %s ends with %d', async (status, code, expected) => {
    api.problem('GET /v1/groups', status, code, 'because');
    const { exitCode, stderr } = await shoal(api.url, ['group', 'ls']);
    expect(exitCode).toBe(expected);
    expect(stderr).toContain('because');
  });

  test('nobody there ends with 5 and names who was asked', async () => {
    const port = await closedPort();
    const { exitCode, stderr } = await shoal(`http://127.0.0.1:${port}`, ['ps']);
    expect(exitCode).toBe(5);
    expect(stderr).toContain(`127.0.0.1:${port}: connection refused`);
  });

  test.each([
    [['nonsense']],
    [['ps', '--nonsense']],
    [['app', 'scale', 'shop/web']],
    [['deploy', 'shop/web', '-m', 'lots']],
  ])('wrong usage %j ends with 2 and asks nobody', async (words) => {
    expect((await shoal(api.url, words)).exitCode).toBe(2);
    expect(api.seen).toHaveLength(0);
  });

  test('some done and some not ends with 8', async () => {
    api.json('POST /v1/containers/a/stop', {}).problem('POST /v1/containers/b/stop', 404, 'not-found', 'no b');
    const { exitCode, stdout } = await shoal(api.url, ['container', 'stop', 'a', 'b']);
    expect([exitCode, stdout]).toEqual([8, 'a\n']);
  });

  test('a problem shows the fields at fault', async () => {
    api
      .json('GET /v1/groups/shop/apps/web', anApp)
      .problem(deployments, 400, 'invalid-request', 'bad', [{ pointer: '/spec/typo', detail: 'is not known' }]);
    const { stderr } = await shoal(api.url, ['deploy', 'shop/web', '--image', 'x']);
    expect(stderr).toContain('/spec/typo: is not known');
  });

  test.each([
    { name: 'a page', body: '<h1>Bad Gateway</h1>' },
    { name: 'another shape', body: '{"title": 7, "code": null, "errors": "many"}' },
    { name: 'no object', body: 'null' },
  ])("a proxy's answer that is no problem document ($name) is told by its status", async ({ body }) => {
    api.on('GET /v1/hosts', (response) => response.writeHead(502).end(body));
    const { exitCode, stderr } = await shoal(api.url, ['host', 'ls']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error: HTTP 502 Bad Gateway');
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 1;
}

describe('requests', () => {
  test('go to the next member when one does not answer, with the same idempotency key and the token', async () => {
    const keys: unknown[] = [];
    const broken = await FakeApi.start();
    broken.on('POST /v1/tokens', (response, seen) => {
      keys.push(seen.headers['idempotency-key']);
      response.destroy();
    });
    api.on('POST /v1/tokens', (response, seen) => {
      keys.push(seen.headers['idempotency-key']);
      response.end(JSON.stringify({ id: 'tk_1', token: 'secret-of-token' }));
    });
    try {
      const { exitCode, stdout } = await shoal(`${broken.url},${api.url}`, ['token', 'create']);
      expect([exitCode, stdout]).toEqual([0, 'secret-of-token\n']);
      expect(keys).toHaveLength(2);
      expect(keys[0]).toEqual(expect.any(String));
      expect(keys[1]).toBe(keys[0]);
    } finally {
      await broken.stop();
    }
  });

  test('read all pages of a list', async () => {
    api.on('GET /v1/groups', (response, { query }) => {
      const cursor = query.get('cursor');
      const page = cursor === null ? { items: [{ name: 'a' }], nextCursor: 'x' } : { items: [{ name: cursor }] };
      response.end(JSON.stringify(page));
    });
    expect((await shoal(api.url, ['group', 'ls', '-q'])).stdout).toBe('a\nx\n');
  });

  test('escape what a person typed into a path', async () => {
    await shoal(api.url, ['container', 'show', '../tokens?x']);
    expect(api.seen[0]?.path).toBe('/v1/containers/..%2Ftokens%3Fx');
  });

  test('label changes set and take away', async () => {
    api.json('GET /v1/hosts/h1', { id: HOST, name: 'h1', labels: { old: '1' } }).json(`PATCH /v1/hosts/${HOST}`, {});
    expect((await shoal(api.url, ['host', 'label', 'h1', 'disk=ssd', 'old-'])).exitCode).toBe(0);
    expect(api.asked(`PATCH /v1/hosts/${HOST}`)[0]?.body).toEqual({ labels: { disk: 'ssd', old: null } });
  });
});

describe('severe acts', () => {
  const path = 'DELETE /v1/groups/shop';
  beforeEach(() => api.json(path, {}));

  test.each([[['--yes']], [['--confirm=shop']]])('are done with %j', async (flags) => {
    expect((await shoal(api.url, ['group', 'rm', 'shop', ...flags])).exitCode).toBe(0);
    expect(api.asked(path)).toHaveLength(1);
  });

  test.each([[[]], [['--confirm=other']]])('are not done with %j', async (flags) => {
    expect((await shoal(api.url, ['group', 'rm', 'shop', ...flags])).exitCode).toBe(2);
    expect(api.asked(path)).toHaveLength(0);
  });

  test.each([
    ['shop\n', 0, 1],
    ['y\n', 2, 0],
  ])('ask a person to type the name: %j', async (input, expected, times) => {
    const { exitCode } = await shoal(api.url, ['group', 'rm', 'shop'], { input, isTty: true });
    expect(exitCode).toBe(expected);
    expect(api.asked(path)).toHaveLength(times);
  });
});

test('an eviction carries its reason to the member that is asked', async () => {
  const hostId = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo';
  api.list('GET /v1/members', [
    { hostId, name: 'h9', status: 'alive', addresses: [], joinedAt: '2026-01-01T00:00:00Z' },
  ]);
  api.json(`DELETE /v1/members/${hostId}`, {});
  const { exitCode } = await shoal(api.url, ['member', 'evict', 'h9', '--yes', '--reason', 'worn out']);
  expect(exitCode).toBe(0);
  expect(api.asked(`DELETE /v1/members/${hostId}`)).toMatchObject([{ body: { reason: 'worn out' } }]);
});

test('the words of the agent go to the agent as they are', async () => {
  const seen: string[][] = [];
  const agent = (words: string[]) => {
    seen.push(words);
    return Promise.resolve(4);
  };
  expect(await run(['agent', 'init', '--data-dir', '/x', '--help'], fakeOutside(), agent)).toBe(4);
  expect(seen).toEqual([['init', '--data-dir', '/x', '--help']]);
});

test.each(['bash', 'zsh', 'fish'])('completion for %s knows every command and global flag', async (shell) => {
  const { exitCode, stdout } = await shoal('http://unused', ['completion', shell]);
  expect(exitCode).toBe(0);
  for (const word of ['deploy', 'evict', 'cordon', 'max-per-host', 'token-file']) expect(stdout).toContain(word);
});
