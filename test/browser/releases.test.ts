import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Host } from '../../protocol/schemas/host.ts';
import { dockerDoes, MB, makeImage, OWN } from '../cluster/images/engines.ts';
import { openBrowser, openPage, signIn } from '../framework/browser.ts';
import { containersOf, deployed, shownByAll } from '../framework/deploys.ts';
import { openDoor } from '../framework/door.ts';
import { RealCluster } from '../framework/real-cluster.ts';
import { waitFor } from '../framework/wait.ts';

/** What operators and developers do to what runs, in the console, on three real hosts. The steps follow each other. */

let cluster: RealCluster;
let browser: Browser;
let page: Page;
let faults: string[];
let door: Awaited<ReturnType<typeof openDoor>>;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'r', hosts: 3, memory: '1g', cpu: '4' });
  door = await openDoor(cluster.host(1));
  browser = await openBrowser();
  ({ page, faults } = await openPage(browser));
  await cluster.host(1).api('PUT', '/v1/groups/shop', { body: {} });
  await deployed(cluster.host(1), 'shop/web', { replicas: 4 });
  await cluster.host(1).api('PUT', '/v1/groups/shop/apps/web', { body: { rollout: { minHealthyMs: 300 } } });
  await signIn(page, door.url, await cluster.host(1).token());
}, 300_000);

afterAll(async () => {
  await browser?.close();
  door?.close();
  await cluster?.down();
}, 120_000);

const title = (): Locator => page.getByRole('heading', { level: 1 });
const dialog = (): Locator => page.getByRole('dialog');
const region = (name: string | RegExp): Locator => page.getByRole('region', { name });

async function press(action: string): Promise<void> {
  await page.getByRole('main').getByRole('button', { name: action, exact: true }).click();
  await dialog().getByRole('button', { name: action, exact: true }).click();
  await dialog().waitFor({ state: 'hidden' });
}

/** Numbers of the versions that run of an app, each once. */
const versionsOf = async (name: string): Promise<readonly number[]> =>
  [...new Set((await containersOf(cluster.host(2), name)).map(({ version }) => version))].sort();

it('a canary takes a new version, waits, and goes on with the others when it is told to', async () => {
  await page.goto(`${door.url}/#/apps/shop/web?tab=versions`);
  await page.getByRole('link', { name: 'Deploy', exact: true }).click();
  await page.getByLabel('Image').fill('shoal-test:2');
  await page.getByText('Rollout', { exact: true }).click();
  await page.getByLabel('Canaries').fill('1');
  await page.getByLabel('A new replica works for').fill('500ms');
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await region(/^Rollout: v1 to v2/)
    .getByText('waits for your decision')
    .waitFor();
  const containers = await containersOf(cluster.host(2), 'shop/web');
  expect(containers.filter(({ version }) => version === 2)).toHaveLength(1);
  await press('Continue');
  await title().getByText('succeeded').waitFor();
  await expect.poll(() => versionsOf('shop/web'), { timeout: 10_000 }).toEqual([2]);
});

it('a rollout is paused, and aborted: what ran before runs again', async () => {
  await page.goto(`${door.url}/#/deploy?group=shop&app=web`);
  await page.getByLabel('Image').fill('shoal-test:3');
  await page.getByText('Rollout', { exact: true }).click();
  await page.getByLabel('Replicas at once').fill('1');
  await page.getByLabel('A new replica works for').fill('4s');
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  const panel = region(/^Rollout: v2 to v3/);
  await panel.getByText('rolling out').waitFor();
  await press('Pause');
  await panel.getByText('paused', { exact: true }).waitFor();
  await press('Abort');
  await title()
    .getByText(/failed|cancelled/)
    .waitFor();
  await waitFor('the old version to run alone', async () => (await versionsOf('shop/web')).join() === '2' || undefined);
});

it('one step back: the version before the present one', async () => {
  await page.goto(`${door.url}/#/apps/shop/web`);
  await page.getByRole('button', { name: 'Roll back' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByLabel('Version').locator('option').first().textContent()).toBe('v1');
  await dialog.getByText('Rollout', { exact: true }).click();
  await dialog.getByLabel('Replicas at once').fill('some');
  await expect.poll(() => dialog.getByRole('button', { name: 'Roll back' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Replicas at once').fill('1');
  const sent = page.waitForRequest(/\/rollbacks$/);
  await dialog.getByRole('button', { name: 'Roll back' }).click();
  expect((await sent).postDataJSON()).toMatchObject({ to: 1, rollout: { batch: 1 } });
  await title().getByText('succeeded').waitFor();
  await expect.poll(() => versionsOf('shop/web'), { timeout: 10_000 }).toEqual([1]);
});

it('a drain moves what can move, names the volume that holds the rest, and is cancelled', async () => {
  await cluster.host(1).api('PATCH', '/v1/hosts/h2', { body: { labels: { data: 'here' } } });
  await shownByAll<Host>(cluster.hosts, '/v1/hosts/h2', ({ body }) => body.labels.data === 'here');
  await deployed(cluster.host(1), 'shop/db', {
    spec: {
      volumes: [{ name: 'data', target: '/data' }],
      constraints: [{ label: 'data', op: '==', values: ['here'] }],
    },
  });
  await page.goto(`${door.url}/#/hosts`);
  await page.getByRole('link', { name: 'h2', exact: true }).click();
  await press('Drain');
  await title().getByText('draining').waitFor();
  const drain = region('Drain');
  await drain.getByText('blocked').waitFor();
  await drain
    .getByText(/volume/i)
    .first()
    .waitFor();
  await drain.getByText('moved').first().waitFor();
  await waitFor('the app without a volume to have left', async () => {
    const left = await containersOf(cluster.host(1), 'shop/web');
    return left.every(({ hostName }) => hostName !== 'h2') || undefined;
  });
  await press('Cancel the drain');
  await title().getByText('alive').waitFor();
  await drain.waitFor({ state: 'hidden' });
});

it('what a drain made uneven is spread again: the plan with its reasons, then the moves', async () => {
  await page.goto(`${door.url}/#/hosts?tab=rebalance`);
  const plan = region(/^Containers that would move: [1-9]/);
  await plan.getByRole('cell').getByText('shop/web').first().waitFor();
  await press('Rebalance');
  await region('Earlier').getByText('succeeded').first().waitFor();
  await page.getByText('Nothing to move').waitFor();
});

it('a cluster is made by rules over labels, asked for its room, deployed to, and not deleted while it is used', async () => {
  await page.getByRole('link', { name: 'Clusters', exact: true }).click();
  await page.getByRole('button', { name: 'New cluster' }).click();
  await dialog().getByLabel('Name').fill('disks');
  await dialog().getByLabel('Rules over labels').fill('data=');
  await dialog().getByText("This can't be read").waitFor();
  await dialog().getByLabel('Rules over labels').fill('data==here');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'disks' }).click();
  await region(/^Room for [1-9]/)
    .getByRole('row')
    .filter({ hasText: 'h2' })
    .getByText('memory')
    .first()
    .waitFor();
  await page.goto(`${door.url}/#/deploy`);
  await page.getByLabel('Group').fill('shop');
  await page.getByLabel('App', { exact: true }).fill('cache');
  await page.getByLabel('Image').fill('shoal-test:1');
  await page.getByLabel('Memory').fill('32m');
  await page.getByLabel('Cluster').selectOption('disks');
  await page.getByText('Configuration files').click();
  await page.getByRole('button', { name: 'Add a file' }).click();
  await page.getByLabel('Path in the container').fill('/etc/cache.conf');
  await page.getByLabel('Content', { exact: true }).fill('size = 1\n');
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await title().getByText('succeeded').waitFor();
  const [container] = await containersOf(cluster.host(1), 'shop/cache');
  expect(container?.hostName).toBe('h2');
  const read = await cluster
    .host(2)
    .docker.getContainer(container?.engineId ?? '')
    .inspect();
  expect(read.Mounts.map(({ Destination }) => Destination)).toContain('/etc/cache.conf');
  await page.goto(`${door.url}/#/hosts?tab=clusters`);
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog().getByRole('button', { name: 'Delete' }).click();
  await dialog().getByRole('alert').getByText('is deployed in cluster').waitFor();
  await page.keyboard.press('Escape');
});

it('the next version begins with the files of the one before, and their contents', async () => {
  await page.goto(`${door.url}/#/deploy?group=shop&app=cache&cluster=disks`);
  await page.getByText('Configuration files').click();
  await page.getByText('Content as before, 9 B').waitFor();
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  const content = page.getByLabel('Content', { exact: true });
  await expect.poll(() => content.inputValue()).toBe('size = 1\n');
  await content.fill('size = 2\n');
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await title().getByText('succeeded').waitFor();
  await page.goto(`${door.url}/#/apps/shop/cache?tab=versions`);
  await region('v1 to v2').getByText('files').first().waitFor();
});

it('an image is seen while it travels to the other hosts', async () => {
  await makeImage(cluster.host(1), `${OWN}/team/big:1`, 24 * MB);
  for (const host of cluster.hosts) await cluster.script('limit', host.name, '20mbit');
  await page.goto(`${door.url}/#/images`);
  const pushed = dockerDoes(cluster, cluster.host(1), 'push', `${OWN}/team/big:1`);
  const moving = region('On the way between hosts').getByRole('row').filter({ hasText: 'MiB/s' });
  await moving.first().waitFor();
  await pushed;
  await region('Repositories').getByRole('link', { name: 'team/big' }).click();
  await page.getByRole('link', { name: '1', exact: true }).click();
  await press('Bring to all hosts');
  await title().getByText('succeeded').waitFor();
  for (const host of cluster.hosts) await cluster.script('limit', host.name, 'none');
});

it('a quota, a rule of retention, a registry with a login, a bound for layers: each is set and shown', async () => {
  await page.goto(`${door.url}/#/images?tab=namespaces`);
  await region('Namespaces').getByRole('row').filter({ hasText: 'team' }).getByRole('button').click();
  await dialog().getByLabel('Quota').fill('1g');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await page.getByText('of 1 GiB').waitFor();
  await page.getByRole('link', { name: 'Other registries' }).click();
  await page.getByRole('button', { name: 'Add a registry' }).click();
  await dialog().getByLabel('Registry').fill('registry.test:5000');
  await dialog().getByLabel('User').fill('ci');
  await dialog().getByLabel('Password or token').fill('hush');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await region(/^Registries/)
    .getByRole('cell', { name: 'ci', exact: true })
    .waitFor();
  await page.getByRole('link', { name: 'Stores and limits' }).click();
  await region(/^How fast/)
    .getByRole('button', { name: 'Edit' })
    .click();
  await dialog().getByLabel('To other hosts').fill('50m');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await page.getByText('50 MiB/s').waitFor();
  await press('Verify');
  await title().getByText('succeeded').waitFor();
  await page.goto(`${door.url}/#/images/team%2Fbig`);
  await page.getByRole('button', { name: 'Settings' }).click();
  await dialog().getByLabel('Keep the newest tags').fill('3');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await page.getByText('keeps the newest 3 tags').waitFor();
});

it('no script failed, and nothing broke the Content-Security-Policy', () => expect(faults).toEqual([]));
