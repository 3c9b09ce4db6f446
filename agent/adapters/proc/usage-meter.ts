import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UsageCounters, UsageMeter } from '../../ports/usage-meter.ts';
import {
  blkioBytes,
  busyTicks,
  cgroupDirectories,
  diskBytes,
  ioStatBytes,
  keyed,
  networkBytes,
  numberOf,
} from './usage-files.ts';

const CGROUPS = '/sys/fs/cgroup';
const MICROS_PER_TICK = 10_000;
const NANOS_PER_MICRO = 1_000;
const KiB = 1024;

/** Reads the kernel's own files: no call of the engine, which would cost it a millisecond for each container. */
export const createUsageMeter = (): UsageMeter => ({ host, container });

async function host(): Promise<UsageCounters> {
  const memory = read('/proc/meminfo');
  return {
    cpuMicros: busyTicks(read('/proc/stat')) * MICROS_PER_TICK,
    memoryBytes: Math.max(0, keyed(memory, 'MemTotal') - keyed(memory, 'MemAvailable')) * KiB,
    ...networkBytes(read('/proc/net/dev')),
    ...diskBytes(read('/proc/diskstats')),
  };
}

async function container(pid: number): Promise<UsageCounters | undefined> {
  await nextTurn(); // many containers hold nobody up
  const cgroups = read(`/proc/${pid}/cgroup`);
  if (cgroups === '') return undefined;
  const directories = cgroupDirectories(cgroups);
  const unified = directories.get('');
  const isUnified = !directories.has('memory') && unified !== undefined;
  const use = isUnified ? fromUnified(`${CGROUPS}${unified}`) : fromControllers(directories);
  return { ...use, ...networkBytes(read(`/proc/${pid}/net/dev`)) };
}

type Use = Omit<UsageCounters, 'receivedBytes' | 'sentBytes'>;

/** cgroup v1: a hierarchy for each controller. */
function fromControllers(directories: ReadonlyMap<string, string>): Use {
  const file = (controller: string, name: string) => read(`${CGROUPS}/${directories.get(controller)}/${name}`);
  const inactive = keyed(file('memory', 'memory.stat'), 'total_inactive_file');
  return {
    cpuMicros: numberOf(file('cpuacct', 'cpuacct.usage')) / NANOS_PER_MICRO,
    memoryBytes: Math.max(0, numberOf(file('memory', 'memory.usage_in_bytes')) - inactive),
    ...blkioBytes(file('blkio', 'blkio.throttle.io_service_bytes')),
  };
}

/** cgroup v2. */
function fromUnified(directory: string): Use {
  const file = (name: string) => read(`${directory}/${name}`);
  return {
    cpuMicros: keyed(file('cpu.stat'), 'usage_usec'),
    memoryBytes: Math.max(0, numberOf(file('memory.current')) - keyed(file('memory.stat'), 'inactive_file')),
    ...ioStatBytes(file('io.stat')),
  };
}

/** Empty when there is none, or not any more. Not by the thread pool: the kernel has it in memory, and four hops would cost more than the read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
