import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Container } from '../../protocol/schemas/host.ts';
import type { ShellTicket } from '../../protocol/schemas/shell.ts';
import { decodeShellFrame, encodeShellFrame } from '../../protocol/shell-frames.ts';
import { containersOf, deleteApp, deployed } from '../../test/framework/deploys.ts';
import { openDoor } from '../../test/framework/door.ts';
import { RealCluster } from '../../test/framework/real-cluster.ts';
import { viewShell } from '../../test/framework/shell-viewer.ts';
import { waitFor } from '../../test/framework/wait.ts';
import { agentPid, memoryOf, whole } from './lib/agent-process.ts';
import { measureIdle } from './lib/idle.ts';
import { isQuick, median, quiet, round, runs, spread, table, writeResults } from './lib/results.ts';

/**
 * Streams of containers of another host: the echo of a shell, what memory many open ones take, how fast a log is read, what memory
 * it takes when many look, and what looking at usage costs. Clients are connected to h1, containers are on h2.
 */
const MiB = 1024 ** 2;
const API_PORT = 7420;
const ECHOES = isQuick ? 200 : 1_000;
const READS = runs(5);
const STREAMS = 50;
const SHELLS = 100;
const LOOK_SECONDS = isQuick ? 10 : 30;
const SAMPLED = 30;
const IDLE_SECONDS = isQuick ? 15 : 60;
const LINE = 'x'.repeat(99);
/** All of them fit what an engine keeps of one container (10 MiB with its JSON around them). */
const LINES = 50_000;

const sh = (script: string, memoryBytes = 32 * MiB) => ({ entrypoint: ['sh', '-c'], command: [script], memoryBytes });

/** Deploys one container to h2. */
async function onH2(cluster: RealCluster, app: string, script: string): Promise<Container> {
  await deployed(cluster.host(1), `bench/${app}`, { spec: sh(script) });
  const [container] = await containersOf(cluster.host(1), `bench/${app}`);
  if (container?.hostName !== 'h2') throw new Error(`${app} is on ${container?.hostName}`);
  return container;
}

/** From a byte typed at h1 until it comes back from a terminal on h2, one at a time. Milliseconds. */
async function measureEcho(cluster: RealCluster, container: Container): Promise<number[]> {
  const body = { command: ['cat'], tty: true };
  const { body: ticket } = await cluster
    .host(1)
    .api<ShellTicket>('POST', `/v1/containers/${container.id}/shells`, { body });
  const { url, close } = await openDoor(cluster.host(1));
  const socket = new WebSocket(url.replace('http', 'ws') + ticket.url);
  socket.binaryType = 'arraybuffer';
  let arrived = () => {};
  socket.addEventListener('message', ({ data }) => {
    const frame = decodeShellFrame(new Uint8Array(data as ArrayBuffer));
    if (frame?.type !== 'output') return;
    arrived();
  });
  await new Promise((opened) => socket.addEventListener('open', opened));
  const times: number[] = [];
  for (let echo = 0; echo < ECHOES; echo++) {
    const echoed = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const startMs = performance.now();
    socket.send(encodeShellFrame({ type: 'input', bytes: Buffer.from('x') }));
    await echoed;
    times.push(performance.now() - startMs);
    await delay(2);
  }
  socket.close();
  close();
  return times;
}

/** Opens a log of h2 at h1. */
async function openLog(
  cluster: RealCluster,
  container: Container,
  query: string,
): Promise<{ asked: ClientRequest; answer: IncomingMessage }> {
  const socketPath = await cluster.host(1).tunnel(API_PORT);
  const headers = { authorization: `Bearer ${await cluster.host(1).token()}` };
  const path = `/v1/containers/${container.id}/logs${query}`;
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, headers }, (answer) => resolve({ asked, answer }));
    asked.on('error', reject).end();
  });
}

async function measureRead(cluster: RealCluster, container: Container) {
  const startMs = performance.now();
  const { answer } = await openLog(cluster, container, '');
  let [bytes, lines] = [0, 0];
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines += 1;
  }
  const seconds = (performance.now() - startMs) / 1_000;
  return {
    lines,
    linesPerS: lines / seconds,
    mbPerS: (lines * LINE.length) / 1e6 / seconds,
    wireMbPerS: bytes / 1e6 / seconds,
  };
}

const rss = (cluster: RealCluster) => ({
  servingMiB: round(memoryOf(agentPid(cluster.host(1))).rssBytes / MiB, 1),
  owningMiB: round(memoryOf(agentPid(cluster.host(2))).rssBytes / MiB, 1),
});

/** The most that both agents took while somebody looked. */
async function mostRss(cluster: RealCluster) {
  const looks: ReturnType<typeof rss>[] = [];
  for (let second = 0; second < LOOK_SECONDS; second++) {
    await delay(1_000);
    looks.push(rss(cluster));
  }
  return {
    servingMiB: Math.max(...looks.map(({ servingMiB }) => servingMiB)),
    owningMiB: Math.max(...looks.map(({ owningMiB }) => owningMiB)),
  };
}

/** Memory of both agents while many shells are open, each of which has echoed something. */
async function measureShells(cluster: RealCluster, container: Container) {
  const { url, close } = await openDoor(cluster.host(1));
  const path = `/v1/containers/${container.id}/shells`;
  const viewers = await Promise.all(
    Array.from({ length: SHELLS }, async () => {
      const { body } = await cluster.host(1).api<ShellTicket>('POST', path, { body: { command: ['sh'] } });
      return viewShell(url, body);
    }),
  );
  for (const viewer of viewers) viewer.type('echo $((41+1))\n');
  await waitFor('every shell to echo', () => viewers.every((viewer) => viewer.text().includes('42')));
  const memory = await mostRss(cluster);
  for (const viewer of viewers) viewer.type('exit\n');
  await waitFor('every shell to end', () => viewers.every((viewer) => viewer.exitCode() !== undefined));
  for (const viewer of viewers) viewer.close();
  close();
  return memory;
}

/** Memory of both agents while many follow a log, and read it or don't. */
async function measureMemory(cluster: RealCluster, container: Container, isReading: boolean) {
  const open = await Promise.all(
    Array.from({ length: STREAMS }, () => openLog(cluster, container, '?follow=true&tail=100')),
  );
  let bytes = 0;
  for (const { answer } of open) {
    answer.on('error', () => {});
    if (isReading) answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
    else answer.pause();
  }
  const memory = await mostRss(cluster);
  for (const { asked } of open) asked.destroy();
  return { ...memory, readMbPerS: round(bytes / 1e6 / LOOK_SECONDS, 1) };
}

const cluster = await RealCluster.up({ purpose: 'b', hosts: 3 });
try {
  await whole(cluster.hosts);
  await cluster.host(1).api('PUT', '/v1/groups/bench', { body: {} });
  const owner = [cluster.host(2)];
  const empty = await measureIdle(owner, IDLE_SECONDS);
  for (const name of ['h1', 'h3'])
    await cluster.host(1).api('PATCH', `/v1/hosts/${name}`, { body: { cordoned: true } });
  await deployed(cluster.host(1), 'bench/many', { replicas: SAMPLED, spec: sh('exec sleep 100000', 8 * MiB) });
  const sampled = await measureIdle(owner, IDLE_SECONDS);
  await deleteApp(cluster.host(1), 'bench/many');

  const shell = await onH2(cluster, 'shell', 'exec sleep 100000');
  await quiet();
  const atRest = rss(cluster);
  const echoMs = spread(await measureEcho(cluster, shell), 2);
  const shells = await measureShells(cluster, shell);
  const log = await onH2(cluster, 'log', `yes ${LINE} | head -n ${LINES}; exec sleep 100000`);
  await delay(3_000);
  const reads: Awaited<ReturnType<typeof measureRead>>[] = [];
  for (let read = 0; read < READS; read++) reads.push(await measureRead(cluster, log));
  const chatty = await onH2(cluster, 'chatty', `while true; do yes ${LINE} | head -n 100; sleep 0.1; done`);
  const reading = await measureMemory(cluster, chatty, true);
  const flood = await onH2(cluster, 'flood', `yes ${LINE}`);
  const slow = await measureMemory(cluster, flood, false);

  const read = {
    lines: median(reads.map(({ lines }) => lines)),
    linesPerS: round(median(reads.map(({ linesPerS }) => linesPerS))),
    mbPerS: round(median(reads.map(({ mbPerS }) => mbPerS)), 1),
    wireMbPerS: round(median(reads.map(({ wireMbPerS }) => wireMbPerS)), 1),
  };
  const memory = { atRest, shells, reading, slow };
  const sampling = { containers: SAMPLED, cpuPercent: sampled.cpuPercent, emptyCpuPercent: empty.cpuPercent };
  writeResults('streams', {
    echoMs,
    read: { ...read, all: reads },
    streams: STREAMS,
    shells: SHELLS,
    memory,
    sampling,
  });
  table('ms', { 'shell echo': echoMs });
  table('a log', { 'lines of 100 B': read });
  table('MiB', {
    'at rest': atRest,
    [`${SHELLS} shells`]: shells,
    [`${STREAMS} that read`]: reading,
    [`${STREAMS} that don't`]: slow,
  });
  table('% of a core', { [`${SAMPLED} containers`]: { agent: sampled.cpuPercent }, none: { agent: empty.cpuPercent } });
} finally {
  await cluster.down();
}
