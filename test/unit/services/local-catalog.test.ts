import { describe, expect, it } from 'vitest';
import { keys, prefixes } from '../../../agent/core/catalog/keys.ts';
import { CatalogMember, hostIdOf } from './member.ts';

const group = { name: 'team', createdAt: '2030-01-01T00:00:00Z' };

describe('LocalCatalog', () => {
  it('reads what was written, with a revision that changes with it', async () => {
    const { catalog, put } = bound(new CatalogMember());
    await put(keys.group('team'), group);
    const first = catalog.get(keys.group('team'));
    expect(first?.value).toEqual(group);
    await put(keys.group('team'), { ...group, description: 'us' });
    expect(catalog.get(keys.group('team'))?.revision).not.toBe(first?.revision);
    expect(catalog.list(prefixes.groups)).toHaveLength(1);
  });

  it('keeps fields that this version does not know', async () => {
    const { catalog, receive } = bound(new CatalogMember());
    await receive(keys.group('team'), { ...group, colour: 'green' });
    expect(catalog.get(keys.group('team'))?.value).toMatchObject({ colour: 'green' });
  });

  it.each([
    { name: 'a value of another shape', key: keys.group('team'), value: { name: 7 } },
    { name: 'a value that belongs under another key', key: keys.group('team'), value: { ...group, name: 'other' } },
    { name: 'a value of a family that this version does not know', key: 'stars/sirius', value: { name: 'sirius' } },
  ])('treats $name as absent, but keeps the record, counts it and says so once', async ({ key, value }) => {
    const member = new CatalogMember();
    const { catalog } = member;
    await member.receive(key, value);
    for (const _ of [1, 2, 3]) {
      expect(catalog.get(key)).toBeUndefined();
      expect(catalog.list(`${key.split('/')[0]}/`)).toEqual([]);
    }
    expect(catalog.record(key)?.value).toBe(JSON.stringify(value));
    expect(catalog.unreadable).toBe(1);
    expect(member.logged).toEqual(['a catalog record does not fit and is ignored']);
  });

  it('takes an eviction for one, whatever it says', async () => {
    const { catalog, receive } = bound(new CatalogMember());
    await receive(keys.eviction(hostIdOf('bad')), { nonsense: true });
    expect(catalog.get(keys.eviction(hostIdOf('bad')))).toBeDefined();
  });

  it('writes nothing that it could not read again', () => {
    const { catalog } = new CatalogMember();
    const wish = () => catalog.draft([{ key: keys.group('team'), value: { name: 7 } }]);
    expect(wish).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });

  it('refuses a value that is too large by its own code', () => {
    const { catalog } = new CatalogMember();
    const large = { requestHash: 'x', result: { body: 'x'.repeat(300_000), replayed: false }, keys: [] };
    const wish = () => catalog.draft([{ key: keys.idempotency('admin', 'k'), value: large }]);
    expect(wish).toThrow(expect.objectContaining({ code: 'too-large' }));
  });

  it('tells who listens of the keys that changed, until they stop listening', async () => {
    const { catalog, put } = bound(new CatalogMember());
    const heard: string[] = [];
    const stop = catalog.onChange((changed) => heard.push(...changed));
    await put(keys.group('team'), group);
    stop();
    await put(keys.group('team'), undefined);
    expect(heard).toEqual([keys.group('team')]);
  });
});

/** Methods that can be taken apart from their member. */
const bound = (member: CatalogMember) => ({
  catalog: member.catalog,
  put: (key: string, value: object | undefined) => member.put(key, value),
  receive: (key: string, value: object) => member.receive(key, value),
});
