import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../agent/api/server.ts';
import type { Api } from '../../agent/api/typed.ts';
import { readConsoleFiles } from '../../agent/console-files.ts';
import { silentLog } from '../../agent/ports/log.ts';
import { openBrowser, openPage, signIn, type Theme } from '../framework/browser.ts';
import { SyntheticMesh } from '../framework/synthetic-mesh.ts';
import { anOperation, stock } from '../framework/synthetic-stock.ts';
import { ADMIN_TOKEN } from '../unit/api/fake-platform.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screens = [
  'overview',
  'topology',
  'topology?view=hosts',
  'apps',
  'apps/shop/web',
  'apps/shop/web/logs',
  'apps/shop/web/metrics',
  'apps/shop/web?tab=versions',
  'apps/shop/web?tab=operations',
  'apps?tab=groups',
  'apps?tab=forwarding',
  'apps?tab=recordings',
  `apps?tab=recordings&recording=sh_${'0'.repeat(26)}`,
  'deploy',
  'deploy?group=shop&app=web',
  'hosts',
  'hosts?tab=clusters',
  'hosts?tab=capacity',
  'hosts?tab=rebalance',
  'hosts/h001',
  'containers/CONTAINER/logs',
  'containers/CONTAINER/shell',
  `containers/CONTAINER/shell?session=sh_${'0'.repeat(26)}`,
  `containers/CONTAINER/shell?recording=sh_${'0'.repeat(26)}`,
  'containers/CONTAINER/metrics?range=6h',
  'containers/CONTAINER/events',
  'events?kind=app.*&since=1h&actor=admin',
  'images',
  'images?tab=namespaces',
  'images?tab=registries',
  'images?tab=upkeep',
  'images/shop%2Fweb',
  'images/shop%2Fweb/1.4.0',
  'operations',
  'operations/OPERATION',
  'events',
  'access',
  'no-such-page',
];

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

let mesh: SyntheticMesh;
let api: Api;
let browser: Browser;
let url: string;

beforeAll(async () => {
  mesh = new SyntheticMesh({ hosts: 5, containersPerHost: 4, apps: 4 });
  stock(mesh);
  api = await createApi({ platform: mesh, log: silentLog, console: await readConsoleFiles() });
  url = await api.listen({ host: '127.0.0.1', port: 0 });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await api?.close();
});

async function openSignedIn(options: Parameters<typeof openPage>[1] = {}) {
  const opened = await openPage(browser, options);
  await signIn(opened.page, url, ADMIN_TOKEN);
  const visit = async (place: string): Promise<void> => {
    const ids = { OPERATION: anOperation(mesh), CONTAINER: mesh.allContainers[0]?.id ?? '' };
    await opened.page.goto(`${url}/#/${place.replace(/OPERATION|CONTAINER/, (word) => ids[word as keyof typeof ids])}`);
    await opened.page.locator('main h1, main .empty, main .problem').first().waitFor();
    await expect.poll(() => opened.page.getByText('Loading', { exact: true }).count()).toBe(0);
  };
  return { ...opened, visit };
}

/** What can be opened on a screen: there, the button, and what opens. Everything folded is unfolded. */
const opened: readonly { readonly at: string; readonly button: string | RegExp; readonly opens: 'menu' | 'dialog' }[] =
  [
    { at: 'topology', button: /default/, opens: 'menu' },
    { at: 'topology', button: /#0/, opens: 'menu' },
    { at: 'apps?tab=groups', button: 'New group', opens: 'dialog' },
    { at: 'apps?tab=forwarding', button: 'Forward logs', opens: 'dialog' },
    { at: 'apps?tab=forwarding', button: 'Edit', opens: 'dialog' },
    { at: 'apps?tab=recordings', button: 'Edit', opens: 'dialog' },
    { at: 'apps?tab=recordings', button: 'Delete', opens: 'dialog' },
    { at: 'apps/shop/web', button: 'Scale', opens: 'dialog' },
    { at: 'apps/shop/web', button: 'Settings', opens: 'dialog' },
    { at: 'hosts/h001', button: 'Drain', opens: 'dialog' },
    { at: 'hosts?tab=clusters', button: 'New cluster', opens: 'dialog' },
    { at: 'hosts?tab=rebalance', button: 'Rebalance', opens: 'dialog' },
    { at: 'images?tab=registries', button: 'Add a registry', opens: 'dialog' },
    { at: 'images?tab=upkeep', button: 'Bring an image', opens: 'dialog' },
    { at: 'images/shop%2Fweb', button: 'Settings', opens: 'dialog' },
    { at: 'images/shop%2Fweb', button: 'Delete repository', opens: 'dialog' },
    { at: 'access', button: 'Create a join token', opens: 'dialog' },
    { at: 'access', button: 'Create an API token', opens: 'dialog' },
    { at: 'access', button: 'Evict', opens: 'dialog' },
  ];

/** Shows that every screen can be used with a screen reader, by the keyboard, and by who sees colours badly (WCAG 2.1 AA). */
describe.each<Theme>(['light', 'dark'])('in %s colours', (theme) => {
  it.each([1_280, 360])('at %s px no screen breaks a rule of accessibility', async (width) => {
    const { page, visit, faults } = await openSignedIn({ theme, width });
    const broken: string[] = [];
    for (const place of screens) {
      await visit(place);
      await page.evaluate(axe);
      const { violations } = (await page.evaluate(
        "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })",
      )) as { violations: readonly Violation[] };
      for (const { id, nodes } of violations)
        broken.push(`${place}: ${id} ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    }
    expect(broken).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  });
});

it.each<Theme>(['light', 'dark'])(
  'no open menu, dialog or fold breaks a rule of accessibility in %s colours',
  async (theme) => {
    const { page, visit, faults } = await openSignedIn({ theme });
    const broken: string[] = [];
    const look = async (what: string): Promise<void> => {
      await page.evaluate(axe);
      const { violations } = (await page.evaluate(
        "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })",
      )) as { violations: readonly Violation[] };
      for (const { id, nodes } of violations)
        broken.push(`${what}: ${id} ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    };
    for (const { at, button, opens } of opened) {
      await visit(at);
      await page.getByRole('main').getByRole('button', { name: button }).first().click();
      await page.getByRole(opens).waitFor();
      await look(`${at} ${button}`);
      await page.keyboard.press('Escape');
      await page.getByRole(opens).waitFor({ state: 'hidden' });
    }
    await visit('deploy?group=shop&app=web');
    for (const fold of await page.locator('details.fold summary').all()) await fold.click();
    await page.getByRole('button', { name: 'Add a file' }).click();
    await page.getByRole('combobox', { name: 'Health check' }).selectOption('http');
    await look('the form, unfolded');
    expect(broken).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  },
);

it('an app is deployed by the keyboard alone', async () => {
  const { page, visit } = await openSignedIn();
  await visit('apps');
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.getByRole('heading', { name: 'Deploy an app' }).waitFor();
  const focused = () => page.evaluate('document.activeElement.name || document.activeElement.textContent');
  const tabTo = async (what: string): Promise<void> => {
    for (let tries = 0; tries < 60; tries++) {
      if ((await focused()) === what) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the Tab key never comes to ${what}`);
  };
  for (const [field, text] of [
    ['group', 'shop'],
    ['app', 'by-keys'],
    ['image', 'nginx:1.28'],
    ['memory', '64m'],
  ] as const) {
    await tabTo(field);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(text);
  }
  await tabTo('Placementany host, spread over zones, then hosts');
  await page.keyboard.press('Enter');
  await tabTo('maxPerHost');
  await page.keyboard.type('2');
  await tabTo('Deploy');
  await page.keyboard.press('Enter');
  await page.waitForURL(/#\/operations\/op_/);
  expect(mesh.versions('shop', 'by-keys')[0]?.spec).toMatchObject({ image: 'nginx:1.28', maxPerHost: 2 });
  await page.close();
});

it.each([360, 768, 1_280, 2_560])('at %s px nothing is wider than the screen', async (width) => {
  const { page, visit } = await openSignedIn({ width });
  const tooWide: string[] = [];
  for (const place of screens) {
    await visit(place);
    const [content, window] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as [
      number,
      number,
    ];
    if (content > window) tooWide.push(`${place}: ${content}`);
  }
  expect(tooWide).toEqual([]);
  await page.close();
});

it('speaks Chinese to whose browser does, and English at a click', async () => {
  const { page } = await openPage(browser, { locale: 'zh-CN' });
  await page.goto(url);
  await page.getByRole('heading', { name: '登录' }).waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Sign in to the mesh' }).waitFor();
  await page.close();
});

it('is used by keyboard alone: screens by two keys, search by one, menus by arrows, and the focus goes back', async () => {
  const { page, visit } = await openSignedIn();
  await visit('overview');
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.getByRole('heading', { name: 'Topology' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('pay');
  await expect.poll(() => page.locator('.tree .app').count()).toBe(1);
  const cluster = page.getByRole('button', { name: 'default' }).first();
  await cluster.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('ArrowDown');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Remove a container');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  expect(await page.evaluate('document.activeElement.textContent')).toContain('default');
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Keyboard').first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.close();
});

it('a dialog that is opened just when another closes stays open', async () => {
  const { page, visit, faults } = await openSignedIn();
  await visit('access');
  await page.getByRole('button', { name: 'Create a join token' }).click();
  await page.getByRole('dialog').waitFor();
  // Between the close itself and the event that tells of it.
  await page.evaluate(`(async () => {
    const button = (within, text) =>
      [...document.querySelectorAll(within + ' button')].find((one) => one.textContent.trim() === text);
    const dialog = document.querySelector('dialog');
    const closed = new Promise((resolve) => {
      new MutationObserver(() => dialog.open || resolve()).observe(dialog, { attributes: true });
    });
    const told = new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
    button('dialog', 'Cancel').click();
    await closed;
    button('main', 'Create an API token').click();
    await told;
  })()`);
  await page.getByRole('dialog').getByRole('heading', { name: 'Create an API token' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(faults).toEqual([]);
  await page.close();
});

it('text from the mesh is text, whatever it holds', async () => {
  const hostile = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>\u202e';
  mesh.allEvents.push({
    id: 'ev_Z',
    at: new Date().toISOString(),
    kind: 'container.exited',
    message: hostile,
    source: mesh.hostId,
  });
  const { page, visit, faults } = await openSignedIn();
  await visit('events');
  await page.getByText('<img src=x').first().waitFor();
  await visit('apps/%3Cimg%20src=x%3E/web');
  expect(await page.evaluate('[window.harmed, document.querySelectorAll("main img").length]')).toEqual([undefined, 0]);
  expect(faults).toEqual([]);
  await page.close();
});

it('the timeline is narrowed by who did it and when, and a container is given the signal that somebody chose', async () => {
  const { page, visit, faults } = await openSignedIn();
  await visit('events');
  await page.getByRole('link', { name: 'by admin' }).first().click();
  await page.getByRole('button', { name: 'Not only by admin' }).waitFor();
  const asked = page.waitForRequest(/\/v1\/events\?.*actor=admin&since=\d{4}-/);
  await page.getByRole('combobox', { name: 'Time' }).selectOption('1h');
  await asked;
  expect(page.url()).toMatch(/actor=admin.*since=1h/);
  await page.getByRole('button', { name: 'Not only by admin' }).click();
  expect(page.url()).not.toContain('actor');
  await visit('containers/CONTAINER/events');
  await page
    .getByRole('main')
    .getByRole('button', { name: /^Actions for/ })
    .click();
  await page.getByRole('menuitem', { name: 'Kill' }).click();
  await page.getByRole('textbox', { name: 'Signal' }).fill('sighup');
  await page.getByRole('dialog').getByRole('button', { name: 'Kill' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(mesh.commands.at(-1)?.command).toMatchObject({ kind: 'container.power', action: 'kill', signal: 'SIGHUP' });
  expect(faults).toEqual([]);
  await page.close();
});

it('a token that is no longer accepted leads to the sign-in, with a reason', async () => {
  const { page, visit } = await openSignedIn();
  await page.evaluate("sessionStorage.setItem('shoal-token', 'shoal_old')");
  await page.reload();
  await page.getByText('The token is no longer accepted').waitFor();
  await page.getByLabel('API token').fill(ADMIN_TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await visit('hosts');
  await page.getByRole('link', { name: 'h001' }).waitFor();
  await page.close();
});

it('300 hosts with 3,000 containers are all on the map, and a change of one is seen', async () => {
  const large = new SyntheticMesh({ hosts: 300, containersPerHost: 10, apps: 60 });
  const largeApi = await createApi({ platform: large, log: silentLog, console: await readConsoleFiles() });
  const largeUrl = await largeApi.listen({ host: '127.0.0.1', port: 0 });
  try {
    const { page } = await openPage(browser, { width: 1_920 });
    await signIn(page, largeUrl, ADMIN_TOKEN);
    await page.goto(`${largeUrl}/#/topology?view=hosts`);
    await expect.poll(() => page.locator('button.block').count(), { timeout: 30_000 }).toBe(3_000);
    const before = await page.locator('button.block.not-ready').count();
    const well = large.allContainers.findIndex(({ ready, hostStatus }) => ready && hostStatus === 'alive');
    large.flip(well);
    await expect.poll(() => page.locator('button.block.not-ready').count(), { timeout: 30_000 }).toBe(before + 1);
    await page.close();
  } finally {
    await largeApi.close();
  }
});
