import { describe, expect, it } from 'vitest';
import { isKey, keys, parseKey } from '../../../agent/core/catalog/keys.ts';
import type { Digest } from '../../../protocol/digest.ts';
import type { HostId, OperationId } from '../../../protocol/ids.ts';
import { isRepository, REPOSITORY_LENGTH_MAX } from '../../../protocol/image-reference.ts';
import { anna, NOW_MS, stamp } from './records.ts';

const loser = stamp(NOW_MS);
const cases = [
  { key: keys.group('shop'), parsed: { kind: 'group', group: 'shop' } },
  { key: keys.app('shop', 'web'), parsed: { kind: 'app', group: 'shop', app: 'web' } },
  { key: keys.version('shop', 'web', 12), parsed: { kind: 'version', group: 'shop', app: 'web', number: 12 } },
  { key: keys.cluster('edge'), parsed: { kind: 'cluster', cluster: 'edge' } },
  { key: keys.operation('op_1' as OperationId), parsed: { kind: 'operation', id: 'op_1' } },
  { key: keys.event('ev_1'), parsed: { kind: 'event', id: 'ev_1' } },
  { key: keys.token('tk_1'), parsed: { kind: 'token', id: 'tk_1' } },
  { key: keys.credential('c1'), parsed: { kind: 'credential', id: 'c1' } },
  { key: keys.member(anna), parsed: { kind: 'member', hostId: anna } },
  { key: keys.eviction(anna), parsed: { kind: 'eviction', hostId: anna } },
  { key: keys.host(anna), parsed: { kind: 'host', hostId: anna } },
  { key: keys.history('apps/shop/web', loser), parsed: { kind: 'history', of: 'apps/shop/web', loser } },
];

describe('keys', () => {
  it.each(cases)('$key is a key and is taken apart again', ({ key, parsed }) => {
    expect(isKey(key)).toBe(true);
    expect(parseKey(key)).toEqual(parsed);
  });

  it.each([
    'apps/shop',
    'apps/a/b/c',
    'versions/a/b/12',
    'versions/a/b/x',
    'groups/',
    'groups/a/b',
    'later/a',
    '',
    'history/x',
  ])('%j is nothing this version knows', (key) => {
    expect(parseKey(key)).toEqual({ kind: 'unknown' });
  });

  it('hold the longest repository with its longest tag and digest, also in a history', () => {
    const repository = `${'r'.repeat(100)}.corp:5000/${'a'.repeat(REPOSITORY_LENGTH_MAX - 111)}`;
    expect(isRepository(repository)).toBe(true);
    expect(repository).toHaveLength(REPOSITORY_LENGTH_MAX);
    const sha512 = `sha512:${'f'.repeat(128)}` as Digest;
    const host = `${'1'.repeat(80)}` as HostId;
    for (const key of [
      keys.repository(repository),
      keys.tag(repository, 't'.repeat(128)),
      keys.manifest(repository, sha512),
    ]) {
      expect(isKey(key)).toBe(true);
      expect(isKey(keys.history(key, stamp(NOW_MS, host)))).toBe(true);
    }
    expect(isKey(keys.upstream('registry.corp:5000'))).toBe(true);
  });

  it('order versions by number', () => {
    const numbers = [1, 2, 10, 99, 100, 1_000];
    const sorted = numbers.map((number) => keys.version('g', 'a', number)).toSorted();
    expect(sorted).toEqual(numbers.map((number) => keys.version('g', 'a', number)));
  });

  it('hide what a client chose as idempotency key', () => {
    const key = keys.idempotency('admin', ' /../\n€');
    expect(isKey(key)).toBe(true);
    expect(key).not.toBe(keys.idempotency('other', ' /../\n€'));
    expect(parseKey(key)).toMatchObject({ kind: 'idempotency' });
  });
});
