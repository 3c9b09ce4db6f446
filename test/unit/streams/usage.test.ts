import { describe, expect, it } from 'vitest';
import {
  blkioBytes,
  cgroupDirectories,
  diskBytes,
  keyed,
  networkBytes,
} from '../../../agent/adapters/proc/usage-files.ts';
import { History } from '../../../agent/core/usage/history.ts';
import { sampleOf } from '../../../agent/core/usage/rates.ts';

const counters = (n: number) => ({
  cpuMicros: n,
  memoryBytes: n,
  receivedBytes: n,
  sentBytes: n,
  readBytes: n,
  writtenBytes: n,
});

describe('usage', () => {
  it.each([
    ['grows', 1_000_000, 3_000_000, 1_000, [2_000, 3_000_000, 2_000_000, 2_000_000, 2_000_000, 2_000_000]],
    ['begins anew', 5_000_000, 1_000_000, 1_000, [1_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000]],
    ['is looked at twice at once', 1, 2, 0, [0, 2, 0, 0, 0, 0]],
  ])('is a rate between two looks when it %s', (_, before, now, elapsedMs, expected) => {
    expect(sampleOf(counters(before), counters(now), elapsedMs)).toEqual(expected);
  });

  it('is kept for a day at falling resolution, each point the mean of its step', () => {
    const history = new History();
    const startMs = 300_000 * 1_000;
    const nowMs = startMs + 26 * 3_600_000;
    for (let at = startMs; at < nowMs; at += 5_000) history.add(at, [(at - startMs) / 5_000, 1, 2, 3, 4, 5]);
    const lengths = [5_000, 30_000, 300_000].map((stepMs) => history.columns(0, nowMs, stepMs).atMs.length);
    expect(lengths).toEqual([120, 240, 288]);
    const day = history.columns(nowMs - 24 * 3_600_000, nowMs);
    expect(day.stepMs).toBe(300_000);
    expect(day.atMs).toEqual([...day.atMs].sort((a, b) => a - b));
    const last = (nowMs - startMs) / 5_000 - 1;
    expect(day.values[0]?.at(-1)).toBeCloseTo(last - 29.5, 0);
    expect(history.columns(nowMs - 60_000, nowMs)).toMatchObject({ stepMs: 5_000 });
  });

  it("is read from the kernel's files", () => {
    const cgroups = cgroupDirectories('4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/x\n9:evil:/../../etc\n');
    expect(Object.fromEntries(cgroups)).toEqual({
      memory: 'memory/docker/abc',
      cpu: 'cpu/docker/abc',
      cpuacct: 'cpuacct/docker/abc',
      '': '/x',
    });
    const net = 'Inter-|\n face |\n lo: 9 0 0 0 0 0 0 0 9 0\neth0:  10 1 0 0 0 0 0 0 20 1 0\n';
    expect(networkBytes(net)).toEqual({ receivedBytes: 10, sentBytes: 20 });
    expect(blkioBytes('8:0 Read 1\n8:0 Write 2\n8:16 Read 3\nTotal 6\n')).toEqual({ readBytes: 4, writtenBytes: 2 });
    const disks = '8 0 sda 1 0 2 0 1 0 4 0\n8 1 sda1 1 0 2 0 1 0 4 0\n7 0 loop0 1 0 2 0 1 0 4 0\n';
    expect(diskBytes(disks)).toEqual({ readBytes: 1_024, writtenBytes: 2_048 });
    expect([keyed('MemTotal:  12 kB\n', 'MemTotal'), keyed('a 1\n', 'b')]).toEqual([12, 0]);
  });
});
