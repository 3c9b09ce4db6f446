import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, openPage, signIn } from '../framework/browser.ts';
import { deployed } from '../framework/deploys.ts';
import { openDoor } from '../framework/door.ts';
import { RealCluster } from '../framework/real-cluster.ts';

/** What the console shows while real hosts, links and agents fail, without a reload. The steps follow each other. */

let cluster: RealCluster;
let browser: Browser;
let page: Page;
let faults: string[];
let door: Awaited<ReturnType<typeof openDoor>>;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'f', hosts: 3, memory: '1g', cpu: '4' });
  door = await openDoor(cluster.host(1));
  browser = await openBrowser();
  ({ page, faults } = await openPage(browser));
  await cluster.host(1).api('PUT', '/v1/groups/shop', { body: {} });
  await deployed(cluster.host(1), 'shop/web', { replicas: 3 });
  await signIn(page, door.url, await cluster.host(1).token());
}, 300_000);

afterAll(async () => {
  await browser?.close();
  door?.close();
  await cluster?.down();
}, 120_000);

const isLive = () => page.getByText('live', { exact: true }).waitFor();
const row = (text: string) => page.getByRole('row').filter({ hasText: text });

it('the serving agent is killed: the page says so and how to get to others, keeps what it showed, and is live again', async () => {
  await page.goto(`${door.url}/#/apps`);
  await row('shop/web').getByText('healthy').waitFor();
  await cluster.script('kill', 'h1', 'agent');
  await page.getByText('reconnecting').waitFor();
  await page.getByText('h1 does not answer.').waitFor();
  await page.getByText(/ssh -N -L \d+:127\.0\.0\.1:7420 h[23]/).waitFor();
  await row('shop/web').waitFor();
  await page.getByText(/stale for/).waitFor();
  await cluster.script('start', 'h1', 'agent');
  await isLive();
  await page.getByText('h1 does not answer.').waitFor({ state: 'hidden' });
  await row('shop/web').getByText('healthy').waitFor();
});

it('a member that is cut off says so in a banner, and that it is whole again when it is', async () => {
  await cluster.script('cut', 'h1');
  await page.getByText('This member seems to be cut off').waitFor();
  await cluster.script('heal', 'h1');
  await page.getByText('3 of 3 members').waitFor();
  await page.getByText('This member seems to be cut off').waitFor({ state: 'hidden' });
});

it('a power cut is seen: the host is dead, its container is replaced, and all is well when it is back', async () => {
  await page.goto(`${door.url}/#/hosts`);
  await row('h3').getByText('alive').waitFor();
  await cluster.script('off', 'h3');
  await row('h3').getByText('dead').waitFor();
  await page.getByText('2 of 3 members').first().waitFor();
  await page.goto(`${door.url}/#/topology`);
  await page.getByRole('region', { name: 'shop/web' }).getByText('healthy 3/3').waitFor();
  await cluster.script('on', 'h3');
  await page.goto(`${door.url}/#/hosts`);
  await row('h3').getByText('alive').waitFor();
});

it('a tab that was frozen catches up with what it missed', async () => {
  await page.goto(`${door.url}/#/apps`);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await deployed(cluster.host(2), 'shop/late', { replicas: 1 });
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await row('shop/late').getByText('healthy').waitFor();
});

it('no script failed, and nothing broke the Content-Security-Policy', () => expect(faults).toEqual([]));
