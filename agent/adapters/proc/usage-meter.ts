import { readFile } from 'node:fs/promises';
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
  const [stat, memory, network, disks] = await Promise.all(
    ['stat', 'meminfo', 'net/dev', 'diskstats'].map((file) => read(`/proc/${file}`)),
  );
  return {
    cpuMicros: busyTicks(stat ?? '') * MICROS_PER_TICK,
    memoryBytes: Math.max(0, keyed(memory ?? '', 'MemTotal') - keyed(memory ?? '', 'MemAvailable')) * KiB,
    ...networkBytes(network ?? ''),
    ...diskBytes(disks ?? ''),
  };
}

async function container(pid: number): Promise<UsageCounters | undefined> {
  const cgroups = await read(`/proc/${pid}/cgroup`);
  if (cgroups === '') return undefined;
  const directories = cgroupDirectories(cgroups);
  const unified = directories.get('');
  const isUnified = !directories.has('memory') && unified !== undefined;
  const [use, network] = await Promise.all([
    isUnified ? fromUnified(`${CGROUPS}${unified}`) : fromControllers(directories),
    read(`/proc/${pid}/net/dev`),
  ]);
  return { ...use, ...networkBytes(network) };
}

type Use = Omit<UsageCounters, 'receivedBytes' | 'sentBytes'>;

/** cgroup v1: a hierarchy for each controller. */
async function fromControllers(directories: ReadonlyMap<string, string>): Promise<Use> {
  const file = (controller: string, name: string) => read(`${CGROUPS}/${directories.get(controller)}/${name}`);
  const [cpu, memory, stat, io] = await Promise.all([
    file('cpuacct', 'cpuacct.usage'),
    file('memory', 'memory.usage_in_bytes'),
    file('memory', 'memory.stat'),
    file('blkio', 'blkio.throttle.io_service_bytes'),
  ]);
  return {
    cpuMicros: numberOf(cpu) / NANOS_PER_MICRO,
    memoryBytes: Math.max(0, numberOf(memory) - keyed(stat, 'total_inactive_file')),
    ...blkioBytes(io),
  };
}

/** cgroup v2. */
async function fromUnified(directory: string): Promise<Use> {
  const [cpu, memory, stat, io] = await Promise.all(
    ['cpu.stat', 'memory.current', 'memory.stat', 'io.stat'].map((name) => read(`${directory}/${name}`)),
  );
  return {
    cpuMicros: keyed(cpu ?? '', 'usage_usec'),
    memoryBytes: Math.max(0, numberOf(memory) - keyed(stat ?? '', 'inactive_file')),
    ...ioStatBytes(io ?? ''),
  };
}

/** Empty when there is none, or not any more. */
const read = (path: string): Promise<string> => readFile(path, 'latin1').catch(() => '');
