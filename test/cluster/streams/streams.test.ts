import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../protocol/schemas/logs.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import type { Usage, UsageHistory } from '../../../protocol/schemas/usage.ts';
import { containersOf, deployed, itemsOf } from '../../framework/deploys.ts';
import { openDoor } from '../../framework/door.ts';
import { RealCluster, runInCluster } from '../../framework/real-cluster.ts';
import { waitFor } from '../../framework/wait.ts';

const MiB = 1024 ** 2;
const sh = (script: string) => ({ entrypoint: ['sh', '-c'], command: [script], memoryBytes: 32 * MiB });

describe('logs, shells and usage', () => {
  let cluster: RealCluster;
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 's', hosts: 3 });
    await cluster.host(1).api('PUT', '/v1/groups/team', { body: {} });
  });
  afterAll(() => cluster?.down());

  const entriesOf = (text: string): LogEntry[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const logs = async (host: number, path: string): Promise<LogEntry[]> =>
    entriesOf(String((await cluster.host(host).api<string>('GET', path)).body));
  const rssBytes = async (host: number): Promise<number> => {
    const text = (await cluster.host(host).api<string>('GET', '/metrics')).body;
    return Number(/^\w*process_resident_memory_bytes (\S+)/m.exec(text)?.[1] ?? 0);
  };

  it('merges what two hosts write by time, from a third, filters at the hosts, and follows', async () => {
    await deployed(cluster.host(1), 'team/talk', {
      replicas: 2,
      spec: { ...sh('i=0; while true; do echo "line $i"; echo "error $i" >&2; i=$((i+1)); sleep 0.2; done') },
    });
    const path = '/v1/groups/team/apps/talk/logs';
    const both = await waitFor('lines of both', async () => {
      const found = await logs(3, `${path}?tail=20&stream=stdout`);
      return new Set(found.map((entry) => entry.hostName)).size === 2 && found.length > 8 && found;
    });
    const times = both.flatMap((entry) => (entry.type === 'line' ? [entry.at] : []));
    expect(times).toEqual([...times].sort());
    const filtered = await logs(3, `${path}?grep=error%202`);
    expect(filtered.length).toBeGreaterThan(0);
    for (const entry of filtered) expect(entry).toMatchObject({ type: 'line', stream: 'stderr' });
    const seen = new Set<string>();
    for await (const { event, data } of cluster.host(3).watch(`${path}?follow=true&tail=0`)) {
      if (event === 'line') seen.add((JSON.parse(data) as LogEntry).hostName);
      if (seen.size === 2) break;
    }
    expect(seen.size).toBe(2);
  });

  it('cuts a line of a megabyte, and keeps binary and escapes as text', async () => {
    const script = 'head -c 1000000 /dev/zero | tr "\\0" x; echo; printf "\\377<b>\\033[31m\\n"; exec sleep 1000';
    await deployed(cluster.host(1), 'team/odd', { spec: sh(script) });
    const found = await waitFor('its lines', async () => {
      const lines = await logs(2, '/v1/groups/team/apps/odd/logs');
      return lines.length === 2 && lines;
    });
    expect(found[0]).toMatchObject({ isCut: true });
    expect(found[1]).toMatchObject({ text: '\ufffd<b>\u001b[31m' });
    const [container] = await containersOf(cluster.host(1), 'team/odd');
    const bad = await cluster.host(1).api('GET', `/v1/containers/${container?.id}/logs?since=yesterday`);
    expect(bad).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });

  it('runs a command in a container of another host: input, output, errors, exit code, events', async () => {
    await deployed(cluster.host(1), 'team/shell', { replicas: 3, spec: sh('exec sleep 1000') });
    const containers = await containersOf(cluster.host(1), 'team/shell');
    const other = containers.find(({ hostName }) => hostName !== 'h1');
    const ended = await runInCluster(
      cluster,
      'h1',
      ['shoal', 'exec', '-i', String(other?.name), 'sh', '-c', 'cat; echo oops >&2; exit 42'],
      'typed\n',
    );
    expect(ended).toMatchObject({ exitCode: 42, out: 'typed\n' });
    expect(ended.err).toContain('oops');
    const kinds = await waitFor('its events', async () => {
      const events = await itemsOf<Event>(cluster.host(2), '/v1/events?group=team&app=shell');
      const shells = events.filter(({ kind }) => kind.startsWith('shell.'));
      return shells.length === 2 && shells;
    });
    expect(kinds.map(({ kind, actor }) => [kind, typeof actor])).toEqual([
      ['shell.opened', 'string'],
      ['shell.closed', 'string'],
    ]);
  });

  it('comes back to the same shell through another member when the one it was connected to dies', async () => {
    const containers = await containersOf(cluster.host(1), 'team/shell');
    const there = containers.find(({ hostName }) => hostName === 'h2');
    const doors = await Promise.all([3, 1].map((number) => openDoor(cluster.host(number))));
    const folder = mkdtempSync(join(tmpdir(), 'shoal-streams-'));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, await cluster.host(1).token());
    const apis = doors.map(({ url }) => url).join(',');
    const script = 'while read line; do echo "got $line"; done; exit 5';
    const words = [
      '--api',
      apis,
      '--token-file',
      tokenFile,
      'exec',
      '-i',
      String(there?.name),
      '--',
      'sh',
      '-c',
      script,
    ];
    const child = spawn(process.execPath, [resolve('agent/cli/main.ts'), ...words], { stdio: 'pipe' });
    let out = '';
    child.stderr.resume();
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.stdin.write('one\n');
    await waitFor('the first answer', () => out.includes('got one'));
    await cluster.script('kill', 'h3', 'agent');
    await waitFor('an answer through another member', () => {
      child.stdin.write('two\n');
      return out.includes('got two');
    });
    child.stdin.end();
    expect(await exit).toBe(5);
    expect(out.match(/got one/g)).toHaveLength(1);
    await cluster.script('start', 'h3', 'agent');
    for (const { close } of doors) close();
    rmSync(folder, { recursive: true });
  });

  it('neither member grows while a client does not read the log of a container that writes without end', async () => {
    await deployed(cluster.host(1), 'team/flood', { spec: sh('yes 0123456789012345678901234567890123456789') });
    const [container] = await containersOf(cluster.host(1), 'team/flood');
    const owner = Number(container?.hostName.slice(1));
    const server = (owner % 3) + 1;
    const before = [await rssBytes(server), await rssBytes(owner)];
    const socketPath = await cluster.host(server).tunnel(7420);
    const headers = { authorization: `Bearer ${await cluster.host(server).token()}` };
    const path = `/v1/containers/${container?.id}/logs?follow=true`;
    const readers = Array.from({ length: 5 }, () => request({ socketPath, path, headers }, (r) => r.pause()).end());
    // Far more is written meanwhile than may be kept.
    let looks = 0;
    await waitFor('a while', async () => {
      looks += 1;
      await rssBytes(server);
      return looks > 100;
    });
    const after = [await rssBytes(server), await rssBytes(owner)];
    for (const reader of readers) reader.destroy();
    for (const [at, bytes] of after.entries()) expect(bytes - (before[at] ?? 0)).toBeLessThan(128 * MiB);
    // The engine keeps no more of it on the disk than it was told to.
    const { LogPath } = await cluster.host(owner).docker.getContainer(String(container?.name)).inspect();
    const kept = [LogPath, `${LogPath}.1`].reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0);
    expect(existsSync(`${LogPath}.2`)).toBe(false);
    expect(kept).toBeGreaterThan(MiB);
    expect(kept).toBeLessThan(11 * MiB);
    await cluster.host(1).api('DELETE', '/v1/groups/team/apps/flood');
  });

  it('tells from any member what hosts and containers use, and what they used', async () => {
    const usage = await waitFor('usage of all', async () => {
      const { body } = await cluster.host(3).api<Usage>('GET', '/v1/usage');
      return body.hosts.length === 3 && body.containers.some(({ app }) => app === 'talk') && body;
    });
    const one = usage.containers.find(({ app }) => app === 'talk');
    expect(one?.memoryBytes).toBeGreaterThan(0);
    expect(one?.memoryLimitBytes).toBe(32 * MiB);
    const { body: history } = await cluster
      .host(2)
      .api<UsageHistory>('GET', `/v1/containers/${one?.containerId}/metrics?since=10m`);
    expect(history.stepMs).toBe(5_000);
    expect(history.memoryBytes.length).toBe(history.atMs.length);
    expect(Math.max(...history.memoryBytes)).toBeGreaterThan(0);
    expect(await cluster.host(1).exec('shoal', 'top')).toContain('team-talk-0');
    expect((await cluster.host(1).api<string>('GET', '/metrics')).body).toMatch(/^shoal_host_cpu_milli /m);
  });
});
