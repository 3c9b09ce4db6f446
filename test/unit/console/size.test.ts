import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

const BUDGET_BYTES = 60 * 1024;

/** Shows that the console opens quickly over a slow link: what the first screen needs stays small, the rest comes later. */
it('loads at most 60 kB, compressed, before the first screen, and nothing inline', async () => {
  const configFile = join(import.meta.dirname, '../../../console/vite.config.ts');
  const built = await build({ configFile, build: { write: false }, logLevel: 'silent' });
  const { output } = (Array.isArray(built) ? built[0] : built) as {
    output: readonly {
      type: string;
      fileName: string;
      isEntry?: boolean;
      code?: string;
      source?: string | Uint8Array;
    }[];
  };
  const first = output.filter(
    ({ type, isEntry, fileName }) => isEntry === true || (type === 'asset' && !fileName.endsWith('.map')),
  );
  const bytes = first.map(({ code, source }) => gzipSync(code ?? source ?? '').length).reduce((a, b) => a + b, 0);
  expect(first.map(({ fileName }) => fileName.replace(/-[\w-]{8}\./, '.')).sort()).toEqual([
    'assets/index.css',
    'assets/index.js',
    'index.html',
  ]);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(BUDGET_BYTES);
  const html = String(first.find(({ fileName }) => fileName === 'index.html')?.source);
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style|style=|https?:/);
});
