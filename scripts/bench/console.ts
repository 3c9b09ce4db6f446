import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { openBrowser, openPage, signIn } from '../../test/framework/browser.ts';
import { ADMIN_TOKEN } from '../../test/unit/api/fake-platform.ts';
import { cpuMs, memoryOf } from './lib/agent-process.ts';
import { isQuick, median, quiet, round, runs, spread, table, writeResults } from './lib/results.ts';

/**
 * The console in Chromium before a synthetic mesh of 300 hosts and 3,000 containers: how soon it is there, what a change costs
 * the page, whether an hour of changes leaves anything behind, and what tabs cost the member that serves them.
 */
const PAINTS = runs(7);
const EVENTS = isQuick ? 20 : 100;
/** The page reads again within 200 ms of a change, and has drawn it then. Milliseconds. */
const EVENT_MS = 500;
/** As many as an hour has seconds. */
const HOUR_EVENTS = isQuick ? 200 : 3_600;
const EVENTS_PER_S = 40;
const TABS = 10;
const TABS_S = isQuick ? 5 : 20;
const MiB = 1024 ** 2;
const root = join(import.meta.dirname, '../..');
const views = { map: 'topology?view=hosts', tree: 'topology', overview: 'overview' } as const;

class Member {
  readonly #process: ChildProcess;
  readonly url: string;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  static async start(): Promise<Member> {
    const child = fork(join(import.meta.dirname, 'lib/console/mesh-server.ts'));
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    return new Member(child, url);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  flip(count = 1): void {
    this.#process.send({ flip: count });
  }

  async stop(): Promise<void> {
    this.#process.disconnect();
    await once(this.#process, 'exit');
  }
}

/** Files by the chunk's name, compressed as a server would. Bytes. */
function bundle(): Record<string, { readonly bytes: number; readonly gzipBytes: number }> {
  const folder = join(root, 'console/dist/assets');
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => {
        const content = readFileSync(join(folder, name));
        return [name.replace(/-[\w-]{8}\./, '.'), { bytes: content.length, gzipBytes: gzipSync(content).length }];
      }),
  );
}

/** A tab with an empty cache, signed in before its first script. */
async function tab(browser: Browser, member: Member, place: string): Promise<Page> {
  const { page } = await openPage(browser, { width: 1_920, height: 1_080 });
  await signIn(page, member.url, ADMIN_TOKEN);
  await page.goto(`${member.url}/#/${place}`);
  return page;
}

async function firstPaint(browser: Browser, member: Member) {
  const { page } = await openPage(browser, { width: 1_920, height: 1_080 });
  await page.addInitScript(`sessionStorage.setItem('shoal-token', '${ADMIN_TOKEN}')`);
  await page.goto(`${member.url}/#/${views.map}`);
  await page.locator('button.block').nth(2_999).waitFor();
  const [paintMs, wholeMs] = (await page.evaluate(
    "[performance.getEntriesByName('first-contentful-paint')[0].startTime, performance.now()]",
  )) as [number, number];
  await page.context().close();
  return { paintMs, wholeMs };
}

const metric = async (devtools: CDPSession, name: string): Promise<number> => {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find((one) => one.name === name)?.value ?? Number.NaN;
};

/** Milliseconds of the main thread from one change of one container until the page rests again. */
async function costOfEvents(browser: Browser, member: Member, place: string): Promise<readonly number[]> {
  const page = await tab(browser, member, place);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  await delay(3_000);
  const costs: number[] = [];
  for (let event = 0; event < EVENTS; event++) {
    const beforeS = await metric(devtools, 'TaskDuration');
    member.flip();
    await delay(EVENT_MS);
    costs.push(1_000 * ((await metric(devtools, 'TaskDuration')) - beforeS));
  }
  await page.context().close();
  return costs;
}

/** What a tab holds after garbage collection, while an hour's changes go by. */
async function memory(browser: Browser, member: Member) {
  const page = await tab(browser, member, views.map);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  await delay(5_000);
  const look = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    const [nodes, listeners] = [await metric(devtools, 'Nodes'), await metric(devtools, 'JSEventListeners')];
    return { heapMiB: round(usedSize / MiB, 1), nodes, listeners };
  };
  const change = async (events: number) => {
    for (let done = 0; done < events; done++) {
      member.flip();
      await delay(1_000 / EVENTS_PER_S);
    }
  };
  const start = await look();
  await change(HOUR_EVENTS / 2);
  const middle = await look();
  await change(HOUR_EVENTS / 2);
  const end = await look();
  await page.context().close();
  return { events: HOUR_EVENTS, start, middle, end };
}

/** What tabs that look at everything cost the member: memory, and CPU while a container changes every second. */
async function costOfTabs(browser: Browser, member: Member) {
  const rss = () => round(memoryOf(member.pid).rssBytes / MiB, 1);
  const cpu = async () => {
    const beforeMs = cpuMs(member.pid);
    for (let second = 0; second < TABS_S; second++) {
      member.flip();
      await delay(1_000);
    }
    return round((cpuMs(member.pid) - beforeMs) / (10 * TABS_S), 1);
  };
  const before = { rssMiB: rss(), cpuPercent: await cpu() };
  const pages: Page[] = [];
  for (let open = 0; open < TABS; open++) pages.push(await tab(browser, member, views.map));
  await delay(5_000);
  const during = { cpuPercent: await cpu(), rssMiB: rss() };
  for (const page of pages) await page.context().close();
  return { tabs: TABS, before, during };
}

const authorization = { authorization: `Bearer ${ADMIN_TOKEN}` };

/** What it costs to have all containers after one has changed: all of them read again, and what changed asked for. */
async function refreshOfContainers(member: Member) {
  const rounds = isQuick ? 5 : 40;
  const read = async (query: string) => {
    const text = await (await fetch(`${member.url}/v1/containers?${query}`, { headers: authorization })).text();
    return { bytes: text.length, answer: JSON.parse(text) as { nextCursor?: string; revision?: string } };
  };
  const measure = async (refresh: () => Promise<{ requests: number; bytes: number }>) => {
    const times: number[] = [];
    let size = await refresh();
    const beforeMs = cpuMs(member.pid);
    for (let turn = 0; turn < rounds; turn++) {
      member.flip();
      await delay(50);
      const startMs = performance.now();
      size = await refresh();
      times.push(performance.now() - startMs);
    }
    return { ...size, ms: spread(times, 1), memberCpuMs: round((cpuMs(member.pid) - beforeMs) / rounds, 1) };
  };
  const whole = await measure(async () => {
    let [requests, bytes] = [0, 0];
    for (let cursor: string | undefined = ''; cursor !== undefined; requests++) {
      const page = await read(`limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`);
      bytes += page.bytes;
      cursor = page.answer.nextCursor;
    }
    return { requests, bytes };
  });
  let revision = '0';
  const changes = await measure(async () => {
    const { bytes, answer } = await read(`since=${revision}`);
    revision = answer.revision ?? '0';
    return { requests: 1, bytes };
  });
  return { whole, changes };
}

const member = await Member.start();
const browser = await openBrowser();
try {
  await quiet();
  const containers = await refreshOfContainers(member);
  const paints: Awaited<ReturnType<typeof firstPaint>>[] = [];
  for (let run = 0; run < PAINTS; run++) paints.push(await firstPaint(browser, member));
  const paint = {
    paintMs: round(median(paints.map(({ paintMs }) => paintMs))),
    wholeMs: round(median(paints.map(({ wholeMs }) => wholeMs))),
  };
  const eventMs: Record<string, ReturnType<typeof spread>> = {};
  for (const [name, place] of Object.entries(views))
    eventMs[name] = spread(await costOfEvents(browser, member, place), 1);
  const tabs = await costOfTabs(browser, member);
  const held = await memory(browser, member);
  const chunks = bundle();
  writeResults('console', {
    hosts: 300,
    containers: 3_000,
    chunks,
    paint,
    eventMs,
    refresh: containers,
    tabs,
    memory: held,
  });
  table(
    'gzip kB',
    Object.fromEntries(
      Object.entries(chunks).map(([name, { gzipBytes }]) => [name, { gzip: round(gzipBytes / 1_000, 1) }]),
    ),
  );
  table('ms', { 'first paint': { ms: paint.paintMs }, '3,000 blocks': { ms: paint.wholeMs } });
  table('main thread, ms an event', eventMs);
  table(
    'one of 3,000 changed',
    Object.fromEntries(
      Object.entries(containers).map(([name, { requests, bytes, ms, memberCpuMs }]) => [
        name,
        { requests, bytes, p50: ms.p50, p99: ms.p99, cpu: memberCpuMs },
      ]),
    ),
  );
  table('member', { 'no tab': tabs.before, [`${TABS} tabs`]: tabs.during });
  table('tab', { start: held.start, middle: held.middle, end: held.end });
} finally {
  await browser.close();
  await member.stop();
}
