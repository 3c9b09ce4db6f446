import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Container } from '../../protocol/schemas/host.ts';
import type { LogForward } from '../../protocol/schemas/log-forward.ts';
import { openBrowser, openPage, signIn } from '../framework/browser.ts';
import { containersOf, deployed } from '../framework/deploys.ts';
import { openDoor } from '../framework/door.ts';
import { RealCluster } from '../framework/real-cluster.ts';

/** Logs, shells and metrics as a person sees them, on two real hosts. The page is served by h1; shells run on h2. */

const MiB = 1024 ** 2;
const sh = (script: string) => ({ entrypoint: ['sh', '-c'], command: [script], memoryBytes: 32 * MiB });
const talk = 'i=0; while true; do echo "{\\"line\\":$i}"; echo "error $i <b>" >&2; i=$((i+1)); sleep 0.2; done';
const loud = 'while true; do yes | head -n 30000; sleep 0.5; done';

let cluster: RealCluster;
let browser: Browser;
let page: Page;
let faults: string[];
let doors: readonly Awaited<ReturnType<typeof openDoor>>[] = [];
let onSecond: Container;

const url = (host: number): string => doors[host - 1]?.url ?? '';

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'v', hosts: 2, memory: '2g', cpu: '4' });
  const first = cluster.host(1);
  await first.api('PUT', '/v1/groups/team', { body: {} });
  await first.api('PATCH', '/v1/shell-settings', { body: { recordShells: 'on' } });
  await deployed(first, 'team/talk', { replicas: 2, spec: sh(talk) });
  const found = (await containersOf(first, 'team/talk')).find(({ hostName }) => hostName === 'h2');
  if (found === undefined) throw new Error('no container runs on h2');
  onSecond = found;
  doors = [await openDoor(first), await openDoor(cluster.host(2))];
  browser = await openBrowser();
  ({ page, faults } = await openPage(browser));
  await signIn(page, url(1), await first.token());
}, 300_000);

afterAll(async () => {
  await browser?.close();
  for (const door of doors) door.close();
  await cluster?.down();
}, 120_000);

const rows = (): ReturnType<Page['locator']> => page.locator('.log-row:not(.note-row)');
const texts = (): Promise<string[]> => page.locator('.log-text').allTextContents();
const screenText = (on: Page): Promise<string> => on.locator('.xterm-rows').innerText();

it("an app's log is that of both hosts, merged, as text, and goes on by itself", async () => {
  await page.goto(`${url(1)}/#/apps/team/talk`);
  await page.getByRole('link', { name: 'Logs' }).click();
  await rows().filter({ hasText: 'h1' }).first().waitFor();
  await rows().filter({ hasText: 'h2' }).first().waitFor();
  await page.locator('.log-text').getByText('<b>').first().waitFor();
  const [last] = (await texts()).slice(-1);
  await expect.poll(async () => (await texts()).at(-1) !== last).toBe(true);
  await page.getByText('following').waitFor();
});

it('the filter is asked of the hosts, and a link with it shows the same', async () => {
  await page.getByRole('searchbox', { name: 'Only lines with this text' }).fill('error');
  await expect
    .poll(async () => (await texts()).every((text) => text.startsWith('error')) && (await texts()).length)
    .toBeGreaterThan(1);
  expect(page.url()).toContain('q=error');
  await page.reload();
  await expect
    .poll(async () => (await texts()).every((text) => text.startsWith('error')) && (await texts()).length)
    .toBeGreaterThan(1);
  await page.goto(`${url(1)}/#/apps/team/talk/logs`);
});

it('following stops when somebody scrolls up, says how much came since, and goes on at a click', async () => {
  await expect.poll(() => rows().count()).toBeGreaterThan(40);
  await page.locator('.log').hover();
  await page.mouse.wheel(0, -300);
  await page.getByRole('button', { name: 'new lines' }).waitFor();
  const before = await page.locator('.log').evaluate('document.querySelector(".log").scrollTop');
  await page.getByRole('button', { name: /[1-9]\d+ new lines/ }).waitFor();
  expect(await page.locator('.log').evaluate('document.querySelector(".log").scrollTop')).toBe(before);
  await page.getByRole('button', { name: 'new lines' }).click();
  await page.getByText('following').waitFor();
});

it('a line of JSON opens into one field a line', async () => {
  await page.locator('.log').hover();
  await page.mouse.wheel(0, -200);
  await rows().filter({ hasText: '{"line"' }).first().getByRole('button').click();
  await page
    .locator('.log-details pre')
    .filter({ hasText: /^\{\n {2}"line": \d+\n\}$/ })
    .waitFor();
});

it('the whole log is a file', async () => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('team-talk.log');
});

it('a container that floods its log says how much was left out, and the tab goes on working', async () => {
  await deployed(cluster.host(1), 'team/loud', { spec: sh(loud) });
  await page.goto(`${url(1)}/#/apps/team/loud/logs`);
  await page.getByRole('status').getByText('lines left out').waitFor();
  expect(await page.locator('.log-row').count()).toBeLessThan(150);
  await page.getByText('older ones no longer kept here').waitFor();
  await page.getByRole('searchbox', { name: 'Only lines with this text' }).fill('nothing like it');
  await page.getByText('No line has this text').waitFor();
  await page.keyboard.press('Escape');
  await page.goto(`${url(1)}/#/apps/team/loud`);
  await cluster.host(1).api('DELETE', '/v1/groups/team/apps/loud');
});

it('a shell runs in a container of another host: typed into, resized, left by the keyboard', async () => {
  await page.goto(`${url(1)}/#/apps/team/talk`);
  await page.getByRole('button', { name: `Actions for ${onSecond.name}` }).click();
  await page.getByRole('menuitem', { name: 'Shell' }).click();
  await page.getByRole('textbox', { name: 'Command' }).fill("sh -c 'exec sh'");
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByText('open', { exact: true }).waitFor();
  await page.keyboard.type('echo first-$((40+2))\n');
  await expect.poll(() => screenText(page)).toContain('first-42');
  await page.keyboard.type('stty size\n');
  await expect.poll(() => screenText(page)).toMatch(/\d+ \d{3}/);
  await page.setViewportSize({ width: 700, height: 600 });
  // The terminal may learn of its new size after it was asked: it is asked again.
  const sizeNow = async () => {
    await page.keyboard.type('clear; stty size\n');
    return screenText(page);
  };
  await expect.poll(sizeNow, { interval: 500, timeout: 10_000 }).toMatch(/\d+ \d{2}\s/);
  await page.setViewportSize({ width: 1_280, height: 900 });
  await page.keyboard.press('Control+F6');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Leave');
});

it('comes back to the same shell when the serving agent was killed, and another member shows it too', async () => {
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type('echo kept-$((1+1))\n');
  await expect.poll(() => screenText(page)).toContain('kept-2');
  await cluster.script('kill', 'h1', 'agent');
  await page.getByText('reconnecting', { exact: true }).first().waitFor();
  await page.keyboard.type('lost');
  await page.getByText('What you typed was not sent').waitFor();
  const other = await openPage(browser);
  const [, hash = ''] = page.url().split('#');
  await signIn(other.page, `${url(2)}/#${hash}`, await cluster.host(2).token());
  await expect.poll(() => screenText(other.page)).toContain('kept-2');
  await other.page.locator('.xterm-helper-textarea').focus();
  await other.page.keyboard.type('echo other-$((2+2))\n');
  await expect.poll(() => screenText(other.page)).toContain('other-4');
  await cluster.script('start', 'h1', 'agent');
  await page.getByText('open', { exact: true }).waitFor();
  await expect.poll(() => screenText(page)).toContain('other-4');
  expect(await screenText(page)).toContain('kept-2');
  expect(other.faults).toEqual([]);
  await other.page.close();
});

it('3 MB of output pass through, and the shell goes on; its exit code is shown', async () => {
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type('yes | head -c 3000000; echo done-$((1+1))\n');
  await expect.poll(() => screenText(page), { timeout: 120_000 }).toContain('done-2');
  await page.keyboard.type('exit 3\n');
  await page.getByText('ended with exit code 3').waitFor();
  await page.getByRole('button', { name: 'Another shell' }).click();
  await page.getByRole('region', { name: 'Sessions in this container' }).getByText('ended with exit code 3').waitFor();
});

it('what somebody saw in that shell is played again', async () => {
  const recordings = page.getByRole('region', { name: 'Recordings' });
  await recordings.getByRole('button', { name: 'Play' }).first().click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.getByLabel('Speed').selectOption('20');
  await page.getByRole('button', { name: 'Play' }).waitFor();
  expect(await screenText(page)).toContain('done-2');
  await page.getByLabel('Position').fill('0');
  await expect.poll(() => screenText(page)).not.toContain('done-2');
  await page.getByRole('button', { name: 'Another shell' }).click();
});

it('a recording is deleted after a question, and whether shells are recorded is said for the mesh and for a group', async () => {
  const first = cluster.host(1);
  await page.goto(`${url(1)}/#/apps?tab=recordings`);
  const recordings = page.getByRole('region', { name: 'Recordings' });
  await recordings.getByRole('row').filter({ hasText: onSecond.name }).getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No recordings').waitFor();
  expect((await first.api('GET', '/v1/recordings')).body).toMatchObject({ items: [] });
  await page.getByRole('region', { name: 'Recording of shells' }).getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('combobox', { name: 'Where a group says nothing' }).selectOption('off');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect((await first.api('GET', '/v1/shell-settings')).body).toMatchObject({ recordShells: 'off' });
  await page.getByRole('link', { name: 'Groups' }).first().click();
  const team = page.getByRole('row').filter({ hasText: 'team' });
  await team.getByText('As the mesh does: off').waitFor();
  await team.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('combobox', { name: 'Recording of shells' }).selectOption('on');
  await page.getByRole('button', { name: 'Save' }).click();
  await team.getByText('on', { exact: true }).waitFor();
  expect((await first.api('GET', '/v1/groups/team')).body).toMatchObject({ recordShells: 'on' });
});

it('logs are forwarded, what fails is said host by host, and it is ended after a question', async () => {
  const first = cluster.host(1);
  await page.goto(`${url(1)}/#/apps?tab=forwarding`);
  await page.getByText('Logs go nowhere else').waitFor();
  await page.getByRole('button', { name: 'Forward logs' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('siem');
  await dialog.getByRole('textbox', { name: 'To', exact: true }).fill('http://127.0.0.1:9/in');
  await dialog.getByRole('combobox', { name: 'Logs' }).selectOption('team/talk');
  await dialog.getByRole('textbox', { name: 'HTTP header' }).fill('Authorization');
  await dialog.getByLabel('Value of the header').fill('Bearer abc');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const hosts = page.getByRole('region', { name: 'siem, host by host' });
  for (const name of ['h1', 'h2'])
    await hosts
      .getByRole('row')
      .filter({ hasText: name })
      .filter({ hasText: 'behind' })
      .getByText('ECONNREFUSED')
      .waitFor();
  const made = await first.api<LogForward>('GET', '/v1/log-forwards/siem');
  expect(made.body).toMatchObject({ scope: { group: 'team', app: 'talk' }, hasSecret: true });
  await page.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByRole('combobox', { name: 'Logs' }).selectOption('');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('row').filter({ hasText: 'siem' }).getByText('all apps').waitFor();
  expect((await first.api('GET', '/v1/log-forwards/siem')).body).toMatchObject({ scope: {}, hasSecret: true });
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Logs go nowhere else').waitFor();
  expect(await first.api('GET', '/v1/log-forwards/siem')).toMatchObject({ status: 404 });
});

it('what a container used is drawn, in numbers too, and small in tables', async () => {
  await page.goto(`${url(1)}/#/containers/${onSecond.id}/metrics`);
  await expect.poll(() => page.locator('.chart canvas').count()).toBe(4);
  const isDrawn = `(() => {
    const canvas = document.querySelector('.chart canvas');
    return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
  })()`;
  await expect.poll(() => page.evaluate(isDrawn)).toBe(true);
  await page.getByRole('row', { name: /Memory, Used/ }).waitFor();
  await page.getByRole('button', { name: '24h' }).click();
  await page.getByRole('row', { name: /Memory, Used/ }).waitFor();
  await page.goto(`${url(1)}/#/hosts`);
  await page
    .getByRole('img', { name: /^Memory used: / })
    .nth(1)
    .waitFor();
});

it('what an app used is a line for each replica, and each in numbers beside all together', async () => {
  await page.goto(`${url(1)}/#/apps/team/talk`);
  await page.getByRole('link', { name: 'Metrics' }).click();
  await expect.poll(() => page.locator('.chart canvas').count()).toBe(2);
  const replicas = await containersOf(cluster.host(1), 'team/talk');
  const numbers = page.getByRole('region', { name: 'In numbers' });
  for (const { name, hostName } of replicas) {
    await numbers.getByRole('row').filter({ hasText: name }).getByRole('link', { name: hostName }).waitFor();
    await page.locator('.chart').first().getByText(name, { exact: true }).waitFor();
  }
  await numbers.getByRole('row').filter({ hasText: 'All replicas' }).waitFor();
  await page.getByRole('button', { name: '24h' }).click();
  expect(page.url()).toContain('range=24h');
  await numbers.getByRole('link', { name: onSecond.name }).click();
  await page.getByRole('heading', { name: onSecond.name }).waitFor();
});

it('the only replica of an app is a line too, also after a look at its own charts', async () => {
  await deployed(cluster.host(1), 'team/one', { spec: sh(talk) });
  const [one] = await containersOf(cluster.host(1), 'team/one');
  await page.goto(`${url(1)}/#/containers/${one?.id}/metrics`);
  await expect.poll(() => page.locator('.chart canvas').count(), { timeout: 30_000 }).toBe(4);
  await page.goto(`${url(1)}/#/apps/team/one/metrics`);
  await expect.poll(() => page.locator('.chart canvas').count()).toBe(2);
  await page
    .getByRole('row')
    .filter({ hasText: one?.name ?? '' })
    .waitFor();
});

it('no script failed, and nothing broke the Content-Security-Policy', () => expect(faults).toEqual([]));
