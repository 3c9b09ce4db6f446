import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJoinToken } from '../../../protocol/token.ts';
import { type Ended, RealCluster, runInCluster } from '../../framework/real-cluster.ts';
import { waitFor } from '../../framework/wait.ts';

describe('the command line client on a host', () => {
  const home = mkdtempSync(join(tmpdir(), 'shoal-cli-'));
  let cluster: RealCluster;
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'k', hosts: 3, memory: '512m' });
    expect(await shoal('group', 'create', 'team')).toMatchObject({ exitCode: 0 });
  });
  afterAll(async () => {
    rmSync(home, { recursive: true, force: true });
    await cluster?.down();
  });

  /** Runs it on h1; contexts are kept in a folder of this test. */
  const shoal = (...args: string[]): Promise<Ended> => on('h1', args);
  const on = (host: string, args: readonly string[], input = ''): Promise<Ended> =>
    runInCluster(cluster, host, ['env', `XDG_CONFIG_HOME=${home}`, 'shoal', ...args], input);
  const image = ['--image', 'shoal-test:1', '--memory', '32m'];

  const rows = ({ out }: Ended): string[][] =>
    out
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/));

  it('deploys, tells what happens to each replica as it happens, and ends with 0', async () => {
    const { exitCode, out, err } = await shoal('deploy', 'team/web', ...image, '--replicas', '3', '-p', '80');
    expect({ exitCode, err }).toMatchObject({ exitCode: 0, err: expect.stringMatching(/3 replicas.*done/) });
    const lines = out.trim().split('\n');
    expect(lines[0]).toMatch(/^deploy team\/web v1, 3 replicas in default {2}op_\w{26}$/);
    for (const replica of [0, 1, 2]) {
      const own = lines.filter((line) => line.startsWith(`team/web/${replica} `));
      expect(own.at(-1)).toMatch(/ on h[123] healthy$/);
      expect(own.length).toBeGreaterThan(1);
    }
  });

  it('shows containers, apps and hosts through any host', async () => {
    const [head, ...containers] = rows(await on('h3', ['ps', '--app', 'team/web']));
    expect(head?.slice(0, 5)).toEqual(['NAME', 'HOST', 'STATE', 'VERSION', 'PORTS']);
    expect(containers.map(([, host, state]) => `${host} ${state}`).sort()).toEqual([
      'h1 running',
      'h2 running',
      'h3 running',
    ]);
    expect((await on('h2', ['app', 'ls'])).out).toMatch(/team\/web +3 of v1 in default +v1/);
    expect((await on('h2', ['status'])).out).toMatch(/hosts +3 of 3 alive/);
  });

  it('explains where replicas went and why', async () => {
    const { exitCode, out } = await shoal('why', 'team/web');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/auction at .* 3 of 3 replicas placed/);
    for (const replica of [0, 1, 2]) expect(out).toMatch(new RegExp(`replica ${replica} -> h[123] `));
  });

  it('with --json prints one document for each change, the last one ended', async () => {
    const { exitCode, out } = await shoal('--json', 'app', 'scale', 'team/web', '4');
    expect(exitCode).toBe(0);
    const documents = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(documents.map(({ id }) => id)).size).toBe(1);
    expect(documents.at(-1)).toMatchObject({ kind: 'scale', state: 'succeeded', replicas: 4, done: 4, total: 4 });
    expect(JSON.parse((await shoal('--json', 'ps')).out)).toHaveLength(4);
  });

  it('with --detach returns at once, and op watch goes on through another host', async () => {
    const { exitCode, out } = await shoal('--json', 'app', 'scale', 'team/web', '2', '--detach');
    expect(exitCode).toBe(0);
    const { id } = JSON.parse(out);
    const watched = await on('h2', ['op', 'watch', id]);
    expect(watched).toMatchObject({ exitCode: 0, err: expect.stringMatching(/done/) });
    expect((await on('h3', ['op', 'ls', '--app', 'team/web'])).out).toMatch(new RegExp(`${id} +succeeded`));
  });

  it('stops and starts a container by its name', async () => {
    const [container] = JSON.parse((await shoal('--json', 'ps', '--app', 'team/web')).out);
    expect(await on('h2', ['container', 'stop', container.name])).toMatchObject({ exitCode: 0 });
    await waitFor('h1 to know that it is stopped', async () => {
      const { wanted } = JSON.parse((await shoal('--json', 'container', 'show', container.id)).out);
      return wanted === 'stopped';
    });
    expect(await on('h3', ['container', 'start', container.name])).toMatchObject({ exitCode: 0 });
    const mixed = await shoal('container', 'start', container.name, 'no-such-container');
    expect(mixed).toMatchObject({ exitCode: 8, err: expect.stringMatching(/1 of 2 containers failed/) });
  });

  it('keeps contexts, and asks the mesh of the current one', async () => {
    const token = await cluster.host(1).token();
    const added = await on('h1', ['context', 'add', 'here', '--api', 'http://127.0.0.1:7420', '--token-stdin'], token);
    expect(added).toMatchObject({ exitCode: 0 });
    expect((await shoal('context', 'ls')).out).toMatch(/here \* +http:\/\/127\.0\.0\.1:7420/);
    const bare = ['env', '-u', 'SHOAL_API', '-u', 'SHOAL_TOKEN_FILE', `XDG_CONFIG_HOME=${home}`, 'shoal', 'status'];
    const status = await runInCluster(cluster, 'h1', bare);
    expect(status).toMatchObject({ exitCode: 0, out: expect.stringMatching(/3 of 3 alive/) });
    expect(await shoal('--context', 'there', 'status')).toMatchObject({ exitCode: 2 });
    expect(await shoal('context', 'rm', 'here')).toMatchObject({ exitCode: 0 });
  });

  it('makes a token that names this mesh and its members', async () => {
    const { exitCode, out } = await shoal('token', 'create', '--uses', '2', '--expires', '1h');
    expect(exitCode).toBe(0);
    const { addresses, tokenId } = parseJoinToken(out);
    for (const host of cluster.hosts) expect(addresses.some((address) => address.includes(`/${host.ip}/`))).toBe(true);
    expect((await on('h2', ['token', 'ls'])).out).toMatch(new RegExp(`${tokenId} +ready +0/2`));
    expect(await on('h3', ['token', 'revoke', tokenId, '--yes'])).toMatchObject({ exitCode: 0 });
    expect((await shoal('token', 'ls')).out).toMatch(new RegExp(`${tokenId} +revoked`));
  });

  const wrong: readonly { name: string; args: readonly string[]; exitCode: number; err: RegExp }[] = [
    { name: 'a flag that is not there', args: ['ps', '--hots', 'h1'], exitCode: 2, err: /--hots/ },
    { name: 'a replica count that is none', args: ['app', 'scale', 'team/web', 'many'], exitCode: 2, err: /many/ },
    { name: 'an app that is not there', args: ['app', 'show', 'team/none'], exitCode: 3, err: /team\/none/ },
    {
      name: 'a group that is not there',
      args: ['deploy', 'none/web', ...image],
      exitCode: 3,
      err: /group create none/,
    },
    { name: 'a group in use', args: ['group', 'rm', 'team', '--yes'], exitCode: 4, err: /Conflict/ },
    { name: 'nobody to ask', args: ['--api', 'http://127.0.0.1:1', 'ps'], exitCode: 5, err: /127\.0\.0\.1:1/ },
    {
      name: 'a token that is wrong',
      args: ['--token-file', '/etc/hostname', 'ps'],
      exitCode: 6,
      err: /A valid token is required/,
    },
    {
      name: 'a wait that is too short',
      args: ['--timeout', '1s', 'deploy', 'team/slow', ...image, '--health-cmd', 'sleep 5'],
      exitCode: 7,
      err: /op watch op_/,
    },
    {
      name: 'replicas that do not fit',
      args: ['deploy', 'team/large', '--image', 'shoal-test:1', '--memory', '300m', '--replicas', '4'],
      exitCode: 1,
      err: /1 of 4 replicas fit on no host[\s\S]*insufficient-memory[\s\S]*next: shoal why op_/,
    },
    {
      name: 'a command that fails',
      args: ['deploy', 'team/broken', ...image, '--restart', 'never', '--', 'sh', '-c', 'echo lost; exit 9'],
      exitCode: 1,
      err: /exited with code 9[\s\S]*lost[\s\S]*next: .*shoal op show op_/,
    },
  ];
  it.for(wrong)('ends with $exitCode and says what to do about $name', async ({ args, exitCode, err }) => {
    const ended = await shoal(...args);
    expect(ended).toMatchObject({ exitCode, err: expect.stringMatching(err) });
    expect(ended.err).toMatch(/^(error|note|next|[\w ]+):/m);
    expect(ended.err).not.toMatch(/node_modules|\n +at /);
  });
});
