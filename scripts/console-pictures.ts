import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createApi } from '../agent/api/server.ts';
import { readConsoleFiles } from '../agent/console-files.ts';
import { silentLog } from '../agent/ports/log.ts';
import { openBrowser, openPage, signIn, type Theme } from '../test/framework/browser.ts';
import { SyntheticMesh } from '../test/framework/synthetic-mesh.ts';
import { rollOut, stock } from '../test/framework/synthetic-stock.ts';
import { ADMIN_TOKEN } from '../test/unit/api/fake-platform.ts';

// Takes pictures of every screen of the built console in both themes and three widths, on a synthetic mesh, so that people can look
// at them: node scripts/console-pictures.ts [DIRECTORY] [SCREEN...]

const widths = [360, 768, 1_280, 2_200];
const [target = join(dirname(import.meta.dirname), 'console-pictures'), ...chosen] = process.argv.slice(2);
const platform = new SyntheticMesh({ hosts: 12, containersPerHost: 8, apps: 14 });
const container = platform.allContainers[0]?.id ?? '';
const screens: Readonly<Record<string, string>> = {
  overview: '#/overview',
  topology: '#/topology',
  map: '#/topology?view=hosts',
  apps: '#/apps',
  app: '#/apps/shop/web',
  rollout: '#/apps/shop/api',
  logs: '#/apps/shop/web/logs',
  'app-metrics': '#/apps/shop/search/metrics',
  'app-metrics-many': '#/apps/shop/web/metrics?range=24h',
  versions: '#/apps/shop/web?tab=versions',
  deploy: '#/deploy',
  hosts: '#/hosts',
  host: '#/hosts/h001',
  groups: '#/apps?tab=groups',
  forwarding: '#/apps?tab=forwarding',
  recordings: '#/apps?tab=recordings',
  clusters: '#/hosts?tab=clusters',
  capacity: '#/hosts?tab=capacity',
  rebalance: '#/hosts?tab=rebalance',
  'container-logs': `#/containers/${container}/logs`,
  shell: `#/containers/${container}/shell`,
  terminal: `#/containers/${container}/shell?session=sh_${'0'.repeat(26)}`,
  replay: `#/containers/${container}/shell?recording=sh_${'0'.repeat(26)}`,
  metrics: `#/containers/${container}/metrics?range=6h`,
  images: '#/images',
  namespaces: '#/images?tab=namespaces',
  registries: '#/images?tab=registries',
  upkeep: '#/images?tab=upkeep',
  repository: '#/images/shop%2Fweb',
  image: '#/images/shop%2Fweb/1.4.0',
  operations: '#/operations',
  events: '#/events',
  access: '#/access',
};

stock(platform);
rollOut(platform, 'shop', 'api');
const api = await createApi({ platform, log: silentLog, console: await readConsoleFiles() });
const url = await api.listen({ host: '127.0.0.1', port: 0 });
const browser = await openBrowser();
mkdirSync(target, { recursive: true });
for (const theme of ['light', 'dark'] satisfies Theme[]) {
  for (const width of widths) {
    const { page, faults } = await openPage(browser, { width, theme, height: width > 2_000 ? 1_100 : 800 });
    await signIn(page, url, ADMIN_TOKEN);
    for (const [name, place] of Object.entries(screens)) {
      if (chosen.length > 0 && !chosen.includes(name)) continue;
      await page.goto(`${url}/${place}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      while ((await page.getByText('Loading', { exact: true }).count()) > 0) await page.waitForTimeout(20);
      if (name.endsWith('logs')) await page.locator('.log-row').first().waitFor();
      if (name === 'deploy') for (const fold of await page.locator('details.fold summary').all()) await fold.click();
      await page.screenshot({ path: join(target, `${name}-${width}-${theme}.png`), fullPage: name === 'deploy' });
    }
    for (const fault of faults) process.stderr.write(`${width} ${theme}: ${fault}\n`);
    await page.close();
  }
}
await browser.close();
await api.close();
