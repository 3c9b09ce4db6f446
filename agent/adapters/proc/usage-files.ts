/*
 * Texts of the kernel's files (proc(5), cgroups(7), Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst) as numbers. What is missing
 * counts as nothing: kernels differ in what they offer.
 */

const SECTOR_BYTES = 512;

/** Directories of a process's cgroups below /sys/fs/cgroup, by controller; the unified hierarchy is ``. From /proc/PID/cgroup. */
export function cgroupDirectories(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, names, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (names === undefined || path === undefined || path.split('/').includes('..')) continue;
    if (names === '') found.set('', path);
    else for (const name of names.split(',')) found.set(name, `${name}${path}`);
  }
  return found;
}

/** A line `KEY N` of a flat keyed file. */
export function keyed(text: string, key: string): number {
  return numberOf(new RegExp(`^${key}:?\\s+(\\d+)`, 'm').exec(text)?.[1]);
}

export const numberOf = (text: string | undefined): number => (text === undefined ? 0 : Number(text.trim()) || 0);

/** Received and sent bytes of all interfaces but the loopback. From /proc/PID/net/dev. */
export function networkBytes(text: string): { readonly receivedBytes: number; readonly sentBytes: number } {
  let [receivedBytes, sentBytes] = [0, 0];
  for (const line of text.split('\n')) {
    const [, name, rest = ''] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || name === 'lo') continue;
    const numbers = rest.split(/\s+/);
    receivedBytes += numberOf(numbers[0]);
    sentBytes += numberOf(numbers[8]);
  }
  return { receivedBytes, sentBytes };
}

/** Sums of `blkio.throttle.io_service_bytes`: lines `8:0 Read 4096`. */
export function blkioBytes(text: string): { readonly readBytes: number; readonly writtenBytes: number } {
  return { readBytes: sum(text, /^\S+ Read (\d+)$/gm), writtenBytes: sum(text, /^\S+ Write (\d+)$/gm) };
}

/** Sums of `io.stat`: lines `8:0 rbytes=1 wbytes=2 ...`. */
export function ioStatBytes(text: string): { readonly readBytes: number; readonly writtenBytes: number } {
  return { readBytes: sum(text, /\brbytes=(\d+)/g), writtenBytes: sum(text, /\bwbytes=(\d+)/g) };
}

/** Of whole disks: partitions would count twice. From /proc/diskstats. */
export function diskBytes(text: string): { readonly readBytes: number; readonly writtenBytes: number } {
  let [readBytes, writtenBytes] = [0, 0];
  for (const line of text.split('\n')) {
    const [, , name = '', , , read, , , , written] = line.trim().split(/\s+/);
    if (!/^(sd[a-z]+|vd[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/.test(name)) continue;
    readBytes += numberOf(read) * SECTOR_BYTES;
    writtenBytes += numberOf(written) * SECTOR_BYTES;
  }
  return { readBytes, writtenBytes };
}

/** Time that all cores were busy, in ticks of 10 ms. From /proc/stat. */
export function busyTicks(text: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = (/^cpu\s+(.*)$/m.exec(text)?.[1] ?? '')
    .split(/\s+/)
    .map(Number);
  return user + nice + system + irq + softIrq + steal;
}

function sum(text: string, pattern: RegExp): number {
  let total = 0;
  for (const [, value] of text.matchAll(pattern)) total += numberOf(value);
  return total;
}
