import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi } from '../../agent/api/server.ts';
import type { Api } from '../../agent/api/typed.ts';
import { readConsoleFiles } from '../../agent/console-files.ts';
import { silentLog } from '../../agent/ports/log.ts';
import { openBrowser, openPage, signIn } from '../framework/browser.ts';
import { SyntheticMesh } from '../framework/synthetic-mesh.ts';
import { anOperation, stock } from '../framework/synthetic-stock.ts';
import { ADMIN_TOKEN, GUEST_TOKEN } from '../unit/api/fake-platform.ts';

/** What somebody sees who may look only, beside what an admin sees at the same place. */

let mesh: SyntheticMesh;
let api: Api;
let browser: Browser;
let url: string;
let guest: Page;
let admin: Page;
const faults: string[][] = [];

beforeAll(async () => {
  mesh = new SyntheticMesh({ hosts: 5, containersPerHost: 4, apps: 4 });
  stock(mesh);
  api = await createApi({ platform: mesh, log: silentLog, console: await readConsoleFiles() });
  url = await api.listen({ host: '127.0.0.1', port: 0 });
  browser = await openBrowser();
  for (const token of [GUEST_TOKEN, ADMIN_TOKEN]) {
    const opened = await openPage(browser);
    faults.push(opened.faults);
    await signIn(opened.page, url, token);
    if (token === GUEST_TOKEN) guest = opened.page;
    else admin = opened.page;
  }
});

afterAll(async () => {
  await browser?.close();
  await api?.close();
});

async function visit(page: Page, place: string): Promise<void> {
  const ids = { OPERATION: anOperation(mesh), CONTAINER: mesh.allContainers[0]?.id ?? '' };
  await page.goto(`${url}/#/${place.replace(/OPERATION|CONTAINER/, (word) => ids[word as keyof typeof ids])}`);
  await page.locator('main h1, main .empty').first().waitFor();
  await expect.poll(() => page.getByText('Loading', { exact: true }).count()).toBe(0);
}

const buttons = (page: Page) => page.locator('main').locator('button, a.button');

it.each([
  { place: 'overview', hides: [], keeps: [] },
  { place: 'apps', hides: ['Deploy an app'], keeps: [] },
  { place: 'apps?tab=groups', hides: ['New group', 'Edit', 'Delete'], keeps: [] },
  { place: 'apps?tab=forwarding', hides: ['Forward logs', 'Edit', 'Delete'], keeps: [] },
  { place: 'apps/shop/web', hides: ['Settings', 'Scale', 'Delete app', 'Deploy a version'], keeps: [] },
  { place: 'apps/shop/web?tab=versions', hides: ['Deploy'], keeps: [] },
  { place: 'hosts/h001', hides: ['Cordon', 'Drain', 'Edit'], keeps: [] },
  { place: 'hosts?tab=clusters', hides: ['New cluster', 'Edit', 'Delete'], keeps: [] },
  { place: 'hosts?tab=rebalance', hides: ['Rebalance'], keeps: [] },
  { place: 'containers/CONTAINER/logs', hides: [], keeps: ['Download'] },
  { place: 'images?tab=namespaces', hides: ['Set a quota'], keeps: [] },
  { place: 'images?tab=registries', hides: ['Add a registry', 'Edit', 'Delete'], keeps: [] },
  { place: 'images?tab=upkeep', hides: ['Bring an image', 'Verify', 'Collect garbage', 'Edit'], keeps: [] },
  { place: 'images/shop%2Fweb', hides: ['Settings', 'Delete repository'], keeps: [] },
  { place: 'operations/OPERATION', hides: [], keeps: [] },
  { place: 'access', hides: ['Create a join token', 'Create an API token', 'Evict', 'Revoke'], keeps: [] },
])('nothing on $place changes anything, and what only shows is there', async ({ place, hides, keeps }) => {
  await visit(admin, place);
  await visit(guest, place);
  for (const name of hides) {
    const of = (page: Page) => buttons(page).filter({ hasText: new RegExp(`^${name}$`) });
    await of(admin).first().waitFor();
    expect(await of(guest).count(), name).toBe(0);
  }
  for (const name of keeps) await buttons(guest).filter({ hasText: name }).first().waitFor();
  expect(await guest.getByRole('alert').count()).toBe(0);
});

it('what is for others is absent, not broken: the deploy form, shells and what was typed in them', async () => {
  for (const place of ['deploy', 'deploy?group=shop&app=web']) {
    await visit(guest, place);
    await guest.getByText('There is no such page').waitFor();
  }
  await visit(admin, 'containers/CONTAINER/shell');
  await admin.getByRole('link', { name: 'Shell' }).waitFor();
  await visit(guest, 'containers/CONTAINER/shell');
  await guest.getByRole('link', { name: 'Logs' }).waitFor();
  expect(await guest.getByRole('link', { name: 'Shell' }).count()).toBe(0);
  await visit(guest, 'apps?tab=recordings');
  expect(await guest.getByRole('link', { name: 'Recordings' }).count()).toBe(0);
});

it('menus have what only shows', async () => {
  await visit(guest, 'topology');
  const items = () => guest.getByRole('menuitem').allTextContents();
  await guest.getByRole('button', { name: 'default' }).first().click();
  expect(await items()).toEqual(['Open app']);
  await guest.keyboard.press('Escape');
  await guest.getByRole('button', { name: /#0/ }).first().click();
  expect(await items()).toEqual(['Logs', 'Metrics', 'Events', 'Open app', 'Open host']);
  await guest.keyboard.press('Escape');
  await guest.keyboard.press('?');
  expect(await guest.getByRole('dialog').getByText('Deploy an app').count()).toBe(0);
  await guest.keyboard.press('Escape');
});

it('the header says that one is a guest', async () => {
  await guest.locator('header').getByText('guest', { exact: true }).waitFor();
  expect(await admin.locator('header').getByText('guest', { exact: true }).count()).toBe(0);
});

it('no script failed, and nothing broke the Content-Security-Policy', () => expect(faults.flat()).toEqual([]));
