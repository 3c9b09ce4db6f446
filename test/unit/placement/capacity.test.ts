import { describe, expect, it } from 'vitest';
import { memoryCapacity } from '../../../agent/core/placement/capacity.ts';
import { humanBytes, humanCores } from '../../../agent/core/placement/sizes.ts';
import { MiB } from './fixtures.ts';

const host = { totalBytes: 8_192 * MiB, reserveBytes: 512 * MiB, unlimitedBytes: 256 * MiB };

describe('allocatable memory', () => {
  it.each([
    { name: 'leaves out the reserve', unmanaged: [], allocatableMiB: 7_680 },
    { name: 'leaves out the limit of an unmanaged container', unmanaged: [[true, 1_024]], allocatableMiB: 6_656 },
    { name: 'counts the default for one without a limit', unmanaged: [[true, 0]], allocatableMiB: 7_424 },
    { name: 'does not count one that is stopped', unmanaged: [[false, 1_024]], allocatableMiB: 7_680 },
    { name: 'is never negative', unmanaged: [[true, 9_000]], allocatableMiB: 0 },
  ] as const)('$name', ({ unmanaged, allocatableMiB }) => {
    const containers = unmanaged.map(([running, limitMiB]) => ({ running, memoryBytes: limitMiB * MiB }));
    const { allocatableBytes } = memoryCapacity({ ...host, unmanaged: containers });
    expect(allocatableBytes / MiB).toBe(allocatableMiB);
  });
});

describe('numbers for people', () => {
  it.each([
    [-1, '0 B'],
    [1_023, '1023 B'],
    [512 * MiB, '512 MiB'],
    [1_228.8 * MiB, '1.2 GiB'],
    [1_023.99 * MiB, '1023.9 MiB'],
  ])('%d bytes are %s, never rounded up', (bytes, text) => expect(humanBytes(bytes)).toBe(text));

  it.each([
    [500, '0.5 cores'],
    [1_000, '1 core'],
    [1_250, '1.25 cores'],
  ])('%d thousandths are %s', (cpuMilli, text) => expect(humanCores(cpuMilli)).toBe(text));
});
