import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** The lag is looked at this often: ten times a second costs nothing, a hundred times shows at rest. Milliseconds. */
const LAG_RESOLUTION_MS = 100;

/** One number of the agent's process. */
export interface ProcessMetric {
  readonly name: string;
  readonly help: string;
  readonly isTotal: boolean;
  readonly read: () => number | Promise<number>;
}

/**
 * What an operator graphs of the agent's process, under the names of prom-client's default metrics. Those also time every
 * garbage collection, which took 3 % of what an agent computes during a deploy.
 */
export function processMetrics(): readonly ProcessMetric[] {
  let lag: ReturnType<typeof monitorEventLoopDelay> | undefined;
  // Nobody scrapes, nobody measures.
  const measured = () => {
    if (lag === undefined) {
      lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
      lag.enable();
    }
    return lag;
  };
  /** What the timer comes late by, in seconds. */
  const lagAt = (percentile: number): number => {
    const nanoseconds = measured().percentile(percentile);
    return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - LAG_RESOLUTION_MS / 1_000) : 0;
  };
  const gauge = (name: string, help: string, read: ProcessMetric['read']) => ({ name, help, isTotal: false, read });
  return [
    {
      name: 'process_cpu_seconds_total',
      help: 'CPU time of the agent, user and system',
      isTotal: true,
      read: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      },
    },
    gauge(
      'process_start_time_seconds',
      'Start of the agent since the Unix epoch',
      () => performance.timeOrigin / 1_000,
    ),
    gauge('process_resident_memory_bytes', 'Resident memory of the agent', () => process.memoryUsage.rss()),
    gauge('process_open_fds', 'Open file descriptors', async () => (await readdir('/proc/self/fd')).length),
    gauge('nodejs_heap_size_used_bytes', 'Heap of the main thread in use', () => process.memoryUsage().heapUsed),
    gauge('nodejs_external_memory_bytes', 'Memory outside of the heap', () => process.memoryUsage().external),
    gauge('nodejs_eventloop_lag_p50_seconds', 'Median of the event loop lag since the last look', () => lagAt(50)),
    gauge('nodejs_eventloop_lag_p99_seconds', 'p99 of the event loop lag since the last look', () => {
      const p99 = lagAt(99);
      measured().reset();
      return p99;
    }),
  ];
}
