import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../agent/ports/store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);

async function contents(store: Store, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const [key, value] of store.entries(prefix)) found.push(`${key}=${text(value)}`);
  return found;
}

/** What every Store keeps, run on each implementation. */
export function storeSuite(name: string, open: () => Promise<{ store: Store; dispose: () => Promise<void> }>): void {
  describe(name, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.dispose());

    it('gives back what was written, and nothing for a key that was not', async () => {
      await opened.store.write([{ type: 'put', key: 'a', value: bytes('1') }]);
      expect(text(await opened.store.get('a'))).toBe('1');
      expect(await opened.store.get('b')).toBeUndefined();
    });

    it('keeps bytes as they are, empty ones and those that are not UTF-8 too', async () => {
      const odd = Uint8Array.from([0, 255, 128, 10]);
      await opened.store.write([
        { type: 'put', key: 'odd', value: odd },
        { type: 'put', key: 'empty', value: new Uint8Array() },
      ]);
      expect([...((await opened.store.get('odd')) ?? [])]).toEqual([...odd]);
      expect((await opened.store.get('empty'))?.length).toBe(0);
    });

    it('lists the keys of a prefix, in the order of their UTF-8 bytes', async () => {
      // U+FF5E sorts after U+1F600 as UTF-16 and before it as UTF-8.
      const keys = ['p/\u{1F600}', 'p/\uff5e', 'p/b', 'p/a/x', 'p/a', 'q', 'p', 'o/z'];
      await opened.store.write(keys.map((key) => ({ type: 'put', key, value: bytes('v') })));
      const listed = (await contents(opened.store, 'p/')).map((entry) => entry.slice(0, -2));
      expect(listed).toEqual(['p/a', 'p/a/x', 'p/b', 'p/\uff5e', 'p/\u{1F600}']);
      expect((await contents(opened.store, '')).length).toBe(keys.length);
    });

    it('applies the changes of a batch in order', async () => {
      await opened.store.write([
        { type: 'put', key: 'a', value: bytes('1') },
        { type: 'put', key: 'b', value: bytes('1') },
      ]);
      await opened.store.write([
        { type: 'del', key: 'a' },
        { type: 'put', key: 'b', value: bytes('2') },
        { type: 'put', key: 'c', value: bytes('3') },
        { type: 'del', key: 'c' },
        { type: 'del', key: 'never-there' },
      ]);
      expect(await contents(opened.store, '')).toEqual(['b=2']);
    });

    it('takes an empty batch', async () => {
      await opened.store.write([]);
      expect(await contents(opened.store, '')).toEqual([]);
    });

    it('shows a listing as it was when it began', async () => {
      await opened.store.write(['a', 'b', 'c'].map((key) => ({ type: 'put', key, value: bytes('old') })));
      const listed: string[] = [];
      for await (const [key, value] of opened.store.entries('')) {
        if (listed.length === 0) await opened.store.write([{ type: 'put', key: 'c', value: bytes('new') }]);
        listed.push(`${key}=${text(value)}`);
      }
      expect(listed).toEqual(['a=old', 'b=old', 'c=old']);
    });

    it('does not share its bytes with its callers', async () => {
      const value = bytes('1');
      await opened.store.write([{ type: 'put', key: 'a', value }]);
      value[0] = 0;
      const read = await opened.store.get('a');
      read?.fill(0);
      expect(text(await opened.store.get('a'))).toBe('1');
    });

    it('refuses everything after close', async () => {
      await opened.store.close();
      await expect(opened.store.get('a')).rejects.toMatchObject({ code: 'not-ready' });
      await expect(opened.store.write([])).rejects.toMatchObject({ code: 'not-ready' });
      await expect(contents(opened.store, '')).rejects.toMatchObject({ code: 'not-ready' });
    });
  });
}
