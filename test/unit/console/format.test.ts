import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCores,
  parseBytes,
  parseCores,
  parseDuration,
  writeBytes,
  writeDuration,
} from '../../../console/format/quantity.ts';
import { formatAge, formatDuration, formatMoment } from '../../../console/format/time.ts';

const KiB = 1024;

describe('quantities', () => {
  it.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [KiB, '1 KiB'],
    [1.5 * KiB, '1.5 KiB'],
    [256 * KiB ** 2, '256 MiB'],
    [123.4 * KiB ** 3, '123 GiB'],
    [KiB ** 6, '1024 PiB'],
  ])('%s bytes are %s', (bytes, words) => expect(formatBytes(bytes)).toBe(words));

  it.each([
    ['512m', 512 * KiB ** 2],
    ['1.5 GiB', 1.5 * KiB ** 3],
    [' 7 ', 7],
    ['2T', 2 * KiB ** 4],
    ['', undefined],
    ['-1', undefined],
    ['1e9', undefined],
    ['12 cats', undefined],
  ])('"%s" is read as %s', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it('what is written for a form is read as the same', () => {
    for (const bytes of [1, 1_000, KiB, 6 * KiB ** 2, 3 * KiB ** 3, KiB ** 3 + 1]) {
      expect(parseBytes(writeBytes(bytes))).toBe(bytes);
    }
  });

  it('thousandths of cores are cores and back', () => {
    expect(formatCores(250)).toBe('0.25');
    expect(formatCores(4_000)).toBe('4');
    expect(parseCores('0.25')).toBe(250);
    expect(parseCores('half')).toBeUndefined();
  });
});

describe('times', () => {
  it.each([
    [-5_000, '0s'],
    [12_000, '12s'],
    [184_000, '3m 4s'],
    [45 * 60_000, '45m'],
    [47 * 3_600_000, '47h'],
    [8 * 86_400_000, '8d'],
  ])('%s ms are %s', (ms, words) => expect(formatDuration(ms)).toBe(words));

  it('what is no time has no age, and is shown as it stands', () => {
    expect(formatAge('soon', 0)).toBe('');
    expect(formatMoment('soon', 'en')).toBe('soon');
  });
});

it('times are typed as one writes them, and written as they are read', () => {
  for (const ms of [0, 1, 500, 2_000, 90_000, 300_000, 3_600_000, 86_400_000]) {
    expect(parseDuration(writeDuration(ms))).toBe(ms);
  }
  expect(parseDuration('1.5')).toBe(1_500);
  expect(parseDuration('soon')).toBeUndefined();
});
