import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';

/** A browser without a window. Root has no sandbox to start it in; it sees nothing but this repository's own pages. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

export type Theme = 'light' | 'dark';

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: Theme;
  readonly locale?: string;
}

/** A page that fails the test, in the end, when a script of it failed or something broke the Content-Security-Policy. */
export async function openPage(
  browser: Browser,
  { width = 1_280, height = 900, theme = 'light', locale = 'en' }: PageOptions = {},
): Promise<{ readonly page: Page; readonly faults: string[] }> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme, locale });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text());
  });
  return { page, faults };
}

/** Types the token, as a person does. */
export async function signIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('API token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('live', { exact: true }).waitFor();
}
