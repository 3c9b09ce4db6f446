import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RealHost } from '../../../test/framework/real-host.ts';
import { waitFor } from '../../../test/framework/wait.ts';

/** USER_HZ: the kernel counts a process' CPU time in hundredths of a second. */
const MS_PER_TICK = 10;
const ALIVE_MS = 1_000;

/** What `scripts/cluster` knows about a host: a record is "PID STARTTIME" of its agent, as this machine sees it. */
const stateOf = (host: RealHost): string =>
  dirname((host.docker.modem as unknown as { readonly socketPath: string }).socketPath);

/** Process id of a host's agent. */
export const agentPid = (host: RealHost): number =>
  Number.parseInt(readFileSync(join(stateOf(host), 'agent'), 'utf8'), 10);

/** CPU time that a process has used so far, its threads included. Milliseconds, in steps of 10. */
export function cpuMs(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** Fields of proc_pid_stat(5) from the third on: the second, a name in parentheses, may contain anything. */
const statOf = (pid: number): readonly string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');

/** Resident memory, and the share of it that would come free with the process (proportional set size). Bytes. */
export function memoryOf(pid: number): { readonly rssBytes: number; readonly pssBytes: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
  return { rssBytes: bytes('Rss'), pssBytes: bytes('Pss') };
}

const PAGE_BYTES = 4_096;

/** Resident memory, without the walk through all pages that `memoryOf` costs: for looks while something else is timed. Bytes. */
export const rssBytesOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;

/** Bytes that went through the cable of the host that a process runs on so far, each way. */
export function cable(pid: number): { readonly receivedBytes: number; readonly sentBytes: number } {
  const text = readFileSync(`/proc/${pid}/net/dev`, 'utf8');
  const [receivedBytes = 0, , , , , , , , sentBytes = 0] = (/eth0:(.*)/.exec(text)?.[1] ?? '')
    .trim()
    .split(/\s+/)
    .map(Number);
  return { receivedBytes, sentBytes };
}

/** Both ways together. */
export function cableBytes(pid: number): number {
  const { receivedBytes, sentBytes } = cable(pid);
  return receivedBytes + sentBytes;
}

/** When the kernel started a process. Milliseconds since the epoch, in steps of 10. */
export function startedAtMs(pid: number): number {
  const ticks = Number(statOf(pid)[19]);
  const upMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
  return Date.now() - upMs + ticks * MS_PER_TICK;
}

/** Waits until every one of the hosts sees every other one alive, for a second on end. */
export async function whole(hosts: readonly RealHost[]): Promise<void> {
  let sinceMs = Number.POSITIVE_INFINITY;
  await waitFor(
    'all hosts to be alive in the eyes of all',
    async () => {
      const views = await Promise.all(
        hosts.map((host) => host.api<{ items: { status: string }[] }>('GET', '/v1/hosts')),
      );
      const isWhole = views.every(
        ({ body: { items } }) => items.length === hosts.length && items.every(({ status }) => status === 'alive'),
      );
      const nowMs = performance.now();
      sinceMs = isWhole ? Math.min(sinceMs, nowMs) : Number.POSITIVE_INFINITY;
      return nowMs - sinceMs >= ALIVE_MS;
    },
    60_000,
  );
}
