import { describe, expect, it } from 'vitest';
import { diffVersions } from '../../../agent/core/model/version-diff.ts';
import type { Version } from '../../../protocol/schemas/version.ts';

const MiB = 1024 ** 2;
const digest = (digit: string) => digit.repeat(64);

const version = (number: number, change: Partial<Version> & { spec: Version['spec'] }): Version => ({
  group: 'shop',
  app: 'web',
  appUid: 'ap_1',
  number,
  memoryBytes: 64 * MiB,
  specHash: String(number),
  createdAt: '2030-01-01T00:00:00.000Z',
  createdBy: 'admin',
  ...change,
});

describe('the difference between two versions', () => {
  it('names each variable, label and file, the image with its digest, and the memory that it comes to', () => {
    const from = version(2, {
      resolvedImage: `library/nginx@sha256:${digest('1')}`,
      spec: {
        image: 'nginx:1',
        env: { SAME: 'x', LEVEL: 'info', OLD: '' },
        labels: { 'team/owner': 'a' },
        ports: [{ container: 80 }],
        files: [
          { path: '/etc/a.conf', sha256: digest('a'), sizeBytes: 1, mode: '0444' },
          { path: '/etc/same', sha256: digest('b'), sizeBytes: 1, mode: '0444' },
        ],
      },
    });
    const to = version(3, {
      memoryBytes: 128 * MiB,
      resolvedImage: `library/nginx@sha256:${digest('2')}`,
      spec: {
        image: 'nginx:2',
        env: { NEW: 'y', LEVEL: 'debug', SAME: 'x' },
        ports: [{ container: 80 }, { container: 81 }],
        files: [
          { path: '/etc/a.conf', sha256: digest('c'), sizeBytes: 2, mode: '0444' },
          { path: '/etc/same', sha256: digest('b'), sizeBytes: 1, mode: '0444' },
          { path: '/x', sha256: digest('b'), sizeBytes: 1, mode: '0400' },
        ],
      },
    });
    expect(diffVersions(from, to)).toEqual({
      group: 'shop',
      app: 'web',
      from: 2,
      to: 3,
      changes: [
        { path: '/env/LEVEL', from: 'info', to: 'debug' },
        { path: '/env/NEW', to: 'y' },
        { path: '/env/OLD', from: '' },
        {
          path: '/files/~1etc~1a.conf',
          from: { sha256: digest('a'), sizeBytes: 1, mode: '0444' },
          to: { sha256: digest('c'), sizeBytes: 2, mode: '0444' },
        },
        { path: '/files/~1x', to: { sha256: digest('b'), sizeBytes: 1, mode: '0400' } },
        { path: '/image', from: 'nginx:1', to: 'nginx:2' },
        { path: '/labels/team~1owner', from: 'a' },
        { path: '/memoryBytes', from: 64 * MiB, to: 128 * MiB },
        { path: '/ports', from: [{ container: 80 }], to: [{ container: 80 }, { container: 81 }] },
        {
          path: '/resolvedImage',
          from: `library/nginx@sha256:${digest('1')}`,
          to: `library/nginx@sha256:${digest('2')}`,
        },
      ],
    });
  });

  it('is empty between a version and itself, and does not depend on the order in which things are written', () => {
    const one = version(1, { spec: { image: 'x', env: { A: '1', B: '2' } } });
    const other = version(2, { spec: { env: { B: '2', A: '1' }, image: 'x' } });
    expect(diffVersions(one, other).changes).toEqual([]);
  });

  it('shows what is there without saying anything', () => {
    const one = version(1, { spec: { image: 'x' } });
    const other = version(2, { spec: { image: 'x', env: {}, command: [] } });
    expect(diffVersions(one, other).changes).toEqual([
      { path: '/command', to: [] },
      { path: '/env', to: {} },
    ]);
  });
});
