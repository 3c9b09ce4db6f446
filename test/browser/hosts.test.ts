import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../../protocol/schemas/model.ts';
import { openBrowser, openPage, signIn } from '../framework/browser.ts';
import { openDoor } from '../framework/door.ts';
import { imageOf, randomLayer } from '../framework/random-image.ts';
import { RealCluster } from '../framework/real-cluster.ts';
import { RegistryClient } from '../framework/registry-client.ts';

/** What a person does in the console, on two real hosts. The steps follow each other. */

let cluster: RealCluster;
let browser: Browser;
let page: Page;
let faults: string[];
let door: Awaited<ReturnType<typeof openDoor>>;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'w', hosts: 2, memory: '2g', cpu: '4' });
  door = await openDoor(cluster.host(1));
  browser = await openBrowser();
  ({ page, faults } = await openPage(browser));
}, 300_000);

afterAll(async () => {
  await browser?.close();
  door?.close();
  await cluster?.down();
}, 120_000);

it('a wrong token is refused with a reason, the right one opens the mesh', async () => {
  await page.goto(door.url);
  await page.getByLabel('API token').fill('shoal_wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('unauthenticated').waitFor();
  await signIn(page, door.url, await cluster.host(1).token());
  await page.getByText('2 of 2 members').waitFor();
});

it('an app is deployed with the form: faults as they are typed, the plan, every step until it is healthy', async () => {
  await page.getByRole('link', { name: 'Deploy an app' }).click();
  await page.getByLabel('Group').fill('Shop');
  await page.getByText('1 to 63 of a-z').waitFor();
  await page.getByLabel('Group').fill('shop');
  await page.getByLabel('App', { exact: true }).fill('web');
  await page.getByLabel('Image').fill('shoal-test:1');
  await page.getByLabel('Replicas', { exact: true }).fill('2');
  await page.getByLabel('Memory').fill('64m');
  await page.getByText('New: the group is made too').waitFor();
  await page.getByText('To be placed now: 2; all have a place').waitFor();
  await page.getByText('Placement', { exact: true }).click();
  await page.getByLabel('Only on hosts with').fill('zone==moon');
  await page.getByText('To be placed now: 2; room for 0 only').waitFor();
  await page.getByText('constraint', { exact: true }).first().waitFor();
  await page.getByLabel('Only on hosts with').fill('');
  await page.getByLabel('Image').fill('127.0.0.1:5000/shop/none:1');
  await page.getByRole('alert').getByText('image-not-found').waitFor();
  expect(await page.getByLabel('Image').getAttribute('aria-invalid')).toBe('true');
  await page.getByLabel('Image').fill('shoal-test:1');
  await page.getByText('To be placed now: 2; all have a place').waitFor();
  await page.getByRole('button', { name: 'YAML' }).click();
  expect(await page.getByRole('textbox', { name: 'YAML' }).inputValue()).toContain('image: shoal-test:1');
  await page.getByRole('button', { name: 'Form' }).click();
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.waitForURL(/#\/operations\/op_/);
  await page.getByRole('heading', { level: 1 }).getByText('succeeded').waitFor();
  await expect.poll(() => page.getByRole('region', { name: 'Steps' }).getByText('healthy').count()).toBe(2);
  await page.getByRole('region', { name: 'Why here, why not there' }).getByText('placed 2 of 2').waitFor();
});

it('garbage is collected on a chosen host, and what is young enough stays', async () => {
  await page.goto(`${door.url}/#/images?tab=upkeep`);
  await page.getByRole('button', { name: 'Collect garbage' }).click();
  const dialog = page.getByRole('dialog');
  const start = dialog.getByRole('button', { name: 'Collect garbage' });
  await dialog.getByLabel('Keep what is younger than').fill('soon');
  await expect.poll(() => start.isDisabled()).toBe(true);
  await dialog.getByLabel('Keep what is younger than').fill('1h');
  await dialog.getByLabel('On', { exact: true }).selectOption('chosen hosts');
  await expect.poll(() => start.isDisabled()).toBe(true);
  await dialog.getByLabel('h2').check();
  await start.click();
  await page.waitForURL(/#\/operations\/op_/);
  await page.getByRole('heading', { level: 1 }).getByText('succeeded').waitFor();
  const id = new URL(page.url()).hash.replace('#/operations/', '');
  const { body } = await cluster.host(1).api<{ hosts: unknown[] }>('GET', `/v1/operations/${id}`);
  expect(body.hosts).toHaveLength(1);
});

it('a layer on its way between hosts is drawn as it moves, and is gone when it is there', async () => {
  const image = imageOf([randomLayer('seen', 12_000_000)]);
  const digest = String(image.layers[0]?.digest);
  await cluster.script('limit', 'h2', '16mbit');
  await page.goto(`${door.url}/#/images`);
  // A push is answered when the second host has it.
  const pushing = new RegistryClient(await cluster.host(1).tunnel(5_000)).push('team/seen', '1', image);
  const row = page.getByRole('row').filter({ hasText: digest.slice(0, 19) });
  await row.getByRole('link', { name: 'h2' }).waitFor();
  await row.getByText(/^h1 \d/).waitFor();
  const before = await row.locator('.meter .words').innerText();
  await expect.poll(() => row.locator('.meter .words').innerText(), { timeout: 10_000 }).not.toBe(before);
  await pushing;
  await row.waitFor({ state: 'detached' });
  await cluster.script('limit', 'h2', 'none');
  await page.getByRole('link', { name: 'team/seen' }).waitFor();
});

it('the topology shows a container added by a click on the cluster, and one that another client added, without a reload', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  const card = page.getByRole('region', { name: 'shop/web' });
  await card.getByText('healthy 2/2').waitFor();
  await card.getByRole('button', { name: 'default' }).click();
  await page.getByRole('menuitem', { name: 'Add a container' }).click();
  await page.getByRole('dialog').getByText('To be placed now: 1; all have a place').waitFor();
  await page.getByRole('button', { name: 'Scale' }).click();
  await page.getByRole('heading', { level: 1 }).getByText('succeeded').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await card.getByText('healthy 3/3').waitFor();
  await cluster.host(2).api('PATCH', '/v1/groups/shop/apps/web/deployments/default', { body: { replicas: 4 } });
  await card.getByText('healthy 4/4').waitFor();
  expect(await card.getByRole('button', { name: /^.*#\d/ }).count()).toBe(4);
});

it('a container is restarted from its menu, and the timeline says so', async () => {
  const card = page.getByRole('region', { name: 'shop/web' });
  await card.getByRole('button', { name: /#0/ }).click();
  await page.getByRole('menuitem', { name: 'Restart' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page
    .getByRole('listitem')
    .filter({ hasText: /restart/i })
    .first()
    .waitFor();
  await page.getByRole('listitem').filter({ hasText: 'app.deployed' }).first().waitFor();
});

it('a host is cordoned, labelled and taken back into use', async () => {
  await page.goto(`${door.url}/#/hosts`);
  await page.getByRole('link', { name: 'h2' }).click();
  await page.getByRole('button', { name: 'Cordon' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cordon' }).click();
  await page.getByRole('heading', { level: 1 }).getByText('cordoned').waitFor();
  await page.getByRole('button', { name: 'Edit' }).click();
  const labels = page.getByRole('dialog').getByLabel('Labels');
  await labels.fill(`${await labels.inputValue()}\nrack=7`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('rack=7').waitFor();
  await page.getByRole('button', { name: 'Uncordon' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Uncordon' }).click();
  await page.getByRole('heading', { level: 1 }).getByText('alive').waitFor();
});

it('a version is kept without being deployed, and shows what it would change', async () => {
  await page.goto(`${door.url}/#/deploy?group=shop&app=web`);
  await page.getByLabel('Image').fill('shoal-test:2');
  await page.getByRole('button', { name: 'Keep as a version' }).click();
  await page.waitForURL(/tab=versions&version=2/);
  await page.getByRole('link', { name: 'v2' }).waitFor();
  const { body } = await cluster.host(1).api<App>('GET', '/v1/groups/shop/apps/web');
  expect(body).toMatchObject({ latestVersion: 2, deployments: [{ version: 1, replicas: 4 }] });
});

it('a guest is let in with a token of its own, looks at what an admin does, and is out when it is revoked', async () => {
  await page.goto(`${door.url}/#/access`);
  await page.getByRole('button', { name: 'Create an API token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Wall Screen');
  await dialog.getByText('1 to 63 of a-z').waitFor();
  await dialog.getByLabel('Name').fill('wall');
  await dialog.getByRole('button', { name: 'Create an API token' }).click();
  const token = await dialog.locator('pre').innerText();
  await dialog.getByRole('button', { name: 'Close' }).click();
  const { page: wall, faults: wallFaults } = await openPage(browser);
  await signIn(wall, door.url, token);
  await wall.goto(`${door.url}/#/apps/shop/web`);
  await wall.getByRole('heading', { level: 1 }).getByText('healthy 4/4').waitFor();
  expect(await wall.getByRole('button', { name: 'Scale' }).count()).toBe(0);
  await page.goto(`${door.url}/#/apps/shop/web`);
  await page.getByRole('button', { name: 'Scale' }).waitFor();
  await cluster.host(2).api('PATCH', '/v1/groups/shop/apps/web/deployments/default', { body: { replicas: 3 } });
  await wall.getByRole('heading', { level: 1 }).getByText('healthy 3/3').waitFor();
  const refused = await fetch(`${door.url}/v1/groups/mine`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(refused.status).toBe(403);
  await page.goto(`${door.url}/#/access`);
  const row = page.getByRole('row').filter({ hasText: 'wall' });
  await row.getByRole('button', { name: 'Revoke' }).click();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await wall.getByLabel('API token').waitFor();
  expect(wallFaults).toEqual([]);
  await wall.close();
});

it('no script failed, and nothing broke the Content-Security-Policy', () => expect(faults).toEqual([]));
