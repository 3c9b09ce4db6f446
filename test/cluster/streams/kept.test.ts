import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { LogForward } from '../../../protocol/schemas/log-forward.ts';
import type { LogEntry } from '../../../protocol/schemas/logs.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import type { Recording } from '../../../protocol/schemas/recording.ts';
import type { ShellSession, ShellTicket } from '../../../protocol/schemas/shell.ts';
import { containersOf, deleteApp, deployed, itemsOf } from '../../framework/deploys.ts';
import { openDoor } from '../../framework/door.ts';
import { RealCluster, runInCluster, spawnInCluster } from '../../framework/real-cluster.ts';
import { viewShell } from '../../framework/shell-viewer.ts';
import { waitFor } from '../../framework/wait.ts';

const MiB = 1024 ** 2;
const sh = (script: string) => ({ entrypoint: ['sh', '-c'], command: [script], memoryBytes: 32 * MiB });
/** Prints what comes to it; HTTP is answered. */
const COLLECTOR = `
require('node:net').createServer((s) => s.on('error', () => {}).on('data', (d) => process.stdout.write(d))).listen(5514);
require('node:http').createServer((q, r) => q.on('data', (d) => process.stdout.write(d)).on('end', () => {
  process.stdout.write('[' + q.headers.authorization + ']\\n'); r.end(); })).listen(5580);`;

describe('what is kept of shells and logs', () => {
  let cluster: RealCluster;
  let door: Awaited<ReturnType<typeof openDoor>>;
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'k', hosts: 3 });
    door = await openDoor(cluster.host(1));
    await cluster.host(1).api('PUT', '/v1/groups/team', { body: {} });
    await deployed(cluster.host(1), 'team/shell', { replicas: 3, spec: sh('exec sleep 1000') });
  });
  afterAll(async () => {
    door?.close();
    await cluster?.down();
  });

  /** The replica there; an agent that has just started tells of it a moment later. */
  const on = (hostName: string): Promise<Container> =>
    waitFor(`a replica on ${hostName}`, async () =>
      (await containersOf(cluster.host(1), 'team/shell')).find(
        (container) => container.hostName === hostName && container.phase === 'running',
      ),
    );
  const openShell = async (container: Container, command: readonly string[]): Promise<ShellTicket> => {
    const body = { command, tty: true };
    const answer = await cluster.host(1).api<ShellTicket>('POST', `/v1/containers/${container.id}/shells`, { body });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  /** Looks at a shell from outside, through h1. */
  const look = (ticket: ShellTicket) => viewShell(door.url, ticket);
  /** How many processes there have this among their words. */
  const processes = async (host: number, word: string): Promise<number> => {
    const count = `grep -lz '^${word}$' /proc/[0-9]*/cmdline 2>/dev/null | wc -l`;
    return Number(await cluster.host(host).exec('sh', '-c', count));
  };

  it('records shells of a group that says so, tells whoever opens one, and shows them from any member', async () => {
    await cluster.host(1).exec('shoal', 'recording', 'policy', 'on', '--group', 'team');
    const container = await on('h2');
    const shell = await waitFor('a recorded shell', async () => {
      const ticket = await openShell(container, ['sh', '-c', 'echo "caf\u00e9 \u2713"; exit 7']);
      return ticket.isRecorded === true && ticket;
    });
    const viewer = await look(shell);
    await waitFor('its end', () => viewer.exitCode() !== undefined);
    expect(viewer.text()).toMatch(/^\[this shell is recorded\]\r\ncaf\u00e9 \u2713/);
    const recording = await waitFor('the recording', async () => {
      const [found] = await itemsOf<Recording>(cluster.host(3), `/v1/recordings?id=${shell.sessionId}`);
      return found?.state === 'ended' && found;
    });
    expect(recording).toMatchObject({ app: 'shell', hostName: 'h2', exitCode: 7, tty: true });
    const cast = await cluster.host(3).api<string>('GET', `/v1/recordings/${shell.sessionId}`);
    expect(cast.headers['content-type']).toBe('application/x-asciicast');
    const [header, ...events] = String(cast.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(header).toMatchObject({ version: 2, width: 80, height: 24 });
    expect(events.map(([, code, data]) => `${code} ${data}`).join('')).toContain('o caf\u00e9 \u2713');
    expect(events.at(-1)?.slice(1)).toEqual(['m', 'exit 7']);
    expect(await cluster.host(1).exec('shoal', 'recording', 'play', '--no-wait', shell.sessionId)).toContain(
      'caf\u00e9',
    );
    await cluster.host(1).exec('shoal', 'recording', 'rm', '-y', shell.sessionId);
    expect(await itemsOf(cluster.host(1), `/v1/recordings?id=${shell.sessionId}`)).toEqual([]);
    const kinds = await waitFor('its audit', async () => {
      const found = await itemsOf<Event>(cluster.host(3), `/v1/events?container=${container.id}`);
      return found.some(({ kind }) => kind === 'recording.deleted') && found.map(({ kind }) => kind);
    });
    expect(kinds).toContain('shell.opened');
    const missing = await cluster.host(1).api('GET', `/v1/recordings/${shell.sessionId}`);
    expect(missing).toMatchObject({ status: 404, body: { code: 'not-found' } });
    await cluster.host(1).exec('shoal', 'recording', 'policy', 'off', '--group', 'team');
  });

  it('a hundred shells into one container work at once through another member; the 129th of a host is refused', async () => {
    const container = await on('h3');
    const shells = `/v1/containers/${container.id}/shells`;
    const command = ['sh', '-c', 'while read line; do echo "<$line>"; done', 'one-of-many'];
    const open = () => cluster.host(1).api<ShellTicket>('POST', shells, { body: { command } });
    const opened = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const ticket = await openShell(container, command);
        return { ticket, viewer: await look(ticket) };
      }),
    );
    const viewers = opened.map(({ viewer }) => viewer);
    for (const [number, viewer] of viewers.entries()) viewer.type(`mine is ${number}\n`);
    await waitFor('every echo', () => viewers.every((one, number) => one.text().includes(`<mine is ${number}>`)));
    for (const viewer of viewers) expect(viewer.text().match(/<mine is \d+>/g)).toHaveLength(1);
    expect(await processes(3, 'one-of-many')).toBe(100);

    const more = await Promise.all(Array.from({ length: 28 }, open));
    expect(new Set(more.map(({ status }) => status))).toEqual(new Set([201]));
    expect(await open()).toMatchObject({
      status: 429,
      body: { code: 'rate-limited', detail: 'h3 has 128 shells open already; close some.' },
    });
    expect(viewers.filter((viewer) => viewer.exitCode() !== undefined || viewer.problem() !== '')).toEqual([]);

    // Half of them end by themselves, the others are hung up on.
    for (const viewer of viewers.slice(0, 50)) viewer.type('\u0004');
    const others = [...opened.slice(50).map(({ ticket }) => ticket), ...more.map(({ body }) => body)];
    const closed = await Promise.all(
      others.map(({ sessionId }) => cluster.host(1).api('DELETE', `${shells}/${sessionId}`)),
    );
    expect(new Set(closed.map(({ status }) => status))).toEqual(new Set([200]));
    await waitFor('all to end', () => viewers.every((viewer) => viewer.exitCode() !== undefined));
    const codes = viewers.map((viewer) => viewer.exitCode());
    expect([new Set(codes.slice(0, 50)), new Set(codes.slice(50))]).toEqual([new Set([0]), new Set([129])]);
    await waitFor('their processes to be gone', async () => (await processes(3, 'one-of-many')) === 0);
    const sessions = await itemsOf<ShellSession>(cluster.host(2), shells);
    expect(sessions.filter(({ state }) => state === 'open')).toEqual([]);
    for (const viewer of viewers) viewer.close();

    // There is room again at once.
    const again = await look(await openShell(container, command));
    again.type('me\n');
    await waitFor('its echo', () => again.text().includes('<me>'));
    again.type('\u0004');
    await waitFor('its end', () => again.exitCode() !== undefined);
    again.close();
  });

  it('ends processes of shells that an agent left behind when it was killed', async () => {
    await cluster.script('kill', 'h3', 'agent');
    expect(await processes(3, '4321')).toBe(0);
    await cluster.script('start', 'h3', 'agent');
    const container = await on('h3');
    await openShell(container, ['sh', '-c', 'trap "" HUP; while true; do sleep 4321; done']);
    await waitFor('the process', async () => (await processes(3, '4321')) > 0);
    await cluster.script('kill', 'h3', 'agent');
    expect(await processes(3, '4321')).toBeGreaterThan(0);
    await cluster.script('start', 'h3', 'agent');
    await waitFor('it to be ended', async () => {
      const { ExecIDs } = await cluster.host(3).docker.getContainer(container.name).inspect();
      return (ExecIDs ?? []).length === 0;
    });
  });

  it('tells a shell why it ended when its container goes', async () => {
    await deployed(cluster.host(1), 'team/gone', { spec: sh('exec sleep 1000') });
    const [container] = await containersOf(cluster.host(1), 'team/gone');
    if (container === undefined) throw new Error('no container');
    const viewer = await look(await openShell(container, ['sh']));
    viewer.type('echo here\n');
    await waitFor('the echo', () => viewer.text().includes('here'));
    await deleteApp(cluster.host(1), 'team/gone');
    await waitFor('the reason', () => viewer.problem() !== '');
    expect(JSON.parse(viewer.problem())).toMatchObject({ code: 'container-exited' });
  });

  it('keeps the last output of containers that were removed, for logs of any member', async () => {
    await deployed(cluster.host(1), 'team/past', {
      replicas: 2,
      spec: sh('echo "last words of $(hostname)"; exec sleep 1000'),
    });
    await deleteApp(cluster.host(1), 'team/past');
    const { out, exitCode } = await runInCluster(cluster, 'h3', ['shoal', 'logs', '--previous', 'team/past']);
    expect(exitCode).toBe(0);
    expect(out.match(/last words/g)).toHaveLength(2);
    const entries = String((await cluster.host(2).api('GET', '/v1/groups/team/apps/past/logs?previous=true')).body);
    const [entry] = entries.split('\n').map((line): LogEntry => JSON.parse(line || '{}'));
    expect(entry).toMatchObject({ type: 'line', text: expect.stringContaining('last words') });
    const none = await cluster.host(2).api('GET', '/v1/groups/team/apps/never/logs?previous=true');
    expect(none).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('forwards logs to collectors, and loses none while one is dead and the agent restarts', async () => {
    const target = cluster.host(1).ip;
    const put = (name: string, body: object) => cluster.host(2).api('PUT', `/v1/log-forwards/${name}`, { body });
    const scope = { group: 'team', app: 'count' };
    expect(await put('wrong', { url: 'ftp://x' })).toMatchObject({ status: 400 });
    const secret = { headerName: 'Authorization', headerValue: 'Bearer abc' };
    const made = await put('http', { url: `http://${target}:5580/in`, scope, ...secret });
    expect(made).toMatchObject({ status: 201, body: { hasSecret: true, verify: true } });
    expect(JSON.stringify(made.body)).not.toContain('abc');
    await put('syslog', { url: `syslog+tcp://${target}:5514`, scope });
    await deployed(cluster.host(1), 'team/count', {
      spec: sh('i=0; while true; do i=$((i+1)); echo "count $i."; sleep 0.1; done'),
    });
    const state = async (name: string) => {
      const { body } = await cluster.host(2).api<LogForward>('GET', `/v1/log-forwards/${name}`);
      return body.hosts.map(({ state: shown }) => shown);
    };
    await waitFor('it to be behind', async () => (await state('http')).includes('behind'), 20_000);
    const [container] = await containersOf(cluster.host(1), 'team/count');
    const owner = String(container?.hostName);
    await cluster.script('kill', owner, 'agent');
    await cluster.script('start', owner, 'agent');
    let received = '';
    const collector: ChildProcess = spawnInCluster(cluster, 'exec', 'h1', '--', process.execPath, '-e', COLLECTOR);
    collector.stdout?.on('data', (chunk) => {
      received += chunk;
    });
    await waitFor('both to have come', () => /"count 60\."|count 60\.","/.test(received), 40_000);
    await waitFor('syslog to have come', () => /\] count 60\./.test(received), 40_000);
    expect(received).toContain('[Bearer abc]');
    for (let number = 1; number <= 60; number++) {
      expect(received).toContain(`"text":"count ${number}."`);
      expect(received).toMatch(
        new RegExp(`<14>1 \\S+Z ${owner} team/count \\S+ - \\[shoal@32473 [^\\]]*\\] count ${number}\\.`),
      );
    }
    await waitFor('it to be connected', async () => {
      const shown = await state('http');
      return shown.includes('connected') && shown.every((of) => of === 'connected' || of === 'idle');
    });
    const { out } = await runInCluster(cluster, 'h3', ['shoal', 'log-forward', 'ls']);
    expect(out).toMatch(/http .*team\/count +connected/);
    await cluster.host(1).exec('shoal', 'log-forward', 'rm', '-y', 'http');
    await cluster.host(1).exec('shoal', 'log-forward', 'rm', '-y', 'syslog');
    collector.kill();
    await deleteApp(cluster.host(1), 'team/count');
  });

  it('tells readers of a shell and of a log when their host is lost', async () => {
    const container = await on('h2');
    const shell = await openShell(container, ['sh']);
    const viewer = await look(shell);
    viewer.type('echo here\n');
    await waitFor('the echo', () => viewer.text().includes('here'));
    const missing = (async () => {
      for await (const { event, data } of cluster.host(1).watch(`/v1/containers/${container.id}/logs?follow=true`)) {
        if (event === 'missing') return JSON.parse(data);
      }
    })();
    await cluster.script('off', 'h2');
    // A connection that breaks before its host is known to be dead ends without a word: who comes back is told.
    const comeBack = async () => {
      const path = `/v1/containers/${container.id}/shells/${shell.sessionId}/tickets`;
      return JSON.stringify((await cluster.host(1).api('POST', path, { body: {} })).body);
    };
    await waitFor(
      'the shell to be told',
      async () =>
        (viewer.isClosed() && viewer.problem() === '' ? await comeBack() : viewer.problem()).includes('unreachable'),
      30_000,
    );
    expect(await missing).toMatchObject({
      type: 'missing',
      hostName: 'h2',
      code: expect.stringMatching(/^(host-unreachable|timeout)$/),
    });
    await cluster.script('on', 'h2');
  });
});
