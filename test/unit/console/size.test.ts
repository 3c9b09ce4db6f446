import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

const BUDGET_BYTES = 60_000;

/** Shows that the console opens quickly over a slow link: what the first screen needs stays small, the rest comes later. */
it('loads at most 60 kB, compressed, before the first screen, and nothing inline', async () => {
  const configFile = join(import.meta.dirname, '../../../console/vite.config.ts');
  const built = await build({ configFile, build: { write: false }, logLevel: 'silent' });
  const { output } = (Array.isArray(built) ? built[0] : built) as {
    output: readonly {
      type: string;
      fileName: string;
      isEntry?: boolean;
      imports?: readonly string[];
      code?: string;
      source?: string | Uint8Array;
    }[];
  };
  const page = output.find(({ fileName }) => fileName === 'index.html');
  const html = String(page?.source);
  // What the page names, and what that needs at once; `import()` comes later.
  const names = new Set(['index.html']);
  for (const [, name = ''] of html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)) names.add(name);
  for (const name of names)
    for (const needed of output.find((one) => one.fileName === name)?.imports ?? []) names.add(needed);
  const first = output.filter(({ fileName }) => names.has(fileName));
  const bytes = first.map(({ code, source }) => gzipSync(code ?? source ?? '').length).reduce((a, b) => a + b, 0);
  expect(names.size).toBeGreaterThan(2);
  for (const heavy of ['shell', 'metrics', 'logs', 'deploy']) {
    expect([...names].filter((name) => name.startsWith(`assets/${heavy}-`))).toEqual([]);
    expect(output.some(({ fileName }) => fileName.startsWith(`assets/${heavy}-`))).toBe(true);
  }
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(BUDGET_BYTES);
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style|style=|https?:/);
});
