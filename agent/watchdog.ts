import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** An event loop that stands still this long will not come back; the service manager starts the agent anew. Milliseconds. */
const HUNG_MS = 30_000;
const CHECKS = 10;

/**
 * Runs in a thread of its own, so that it lives on when the event loop hangs. It counts its own checks instead of reading a
 * clock: a host that was frozen as a whole finds both threads equally late, and nobody is killed.
 */
const watcher = `
const { workerData } = require('node:worker_threads');
const beats = new Int32Array(workerData.shared);
let seen = -1;
let missed = 0;
setInterval(() => {
  const now = Atomics.load(beats, 0);
  missed = now === seen ? missed + 1 : 0;
  seen = now;
  if (missed >= workerData.checks) {
    require('node:fs').writeSync(2, JSON.stringify({ level: 60, msg: 'the event loop hangs; ending the process' }) + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }
}, workerData.periodMs);
`;

/** Ends this process when its event loop hangs. Containers don't notice. Resolves, once it watches, with the function that calls it off. */
export async function startWatchdog(hungMs: number = HUNG_MS): Promise<() => Promise<void>> {
  const periodMs = hungMs / CHECKS;
  const shared = new SharedArrayBuffer(4);
  const beats = new Int32Array(shared);
  const worker = new Worker(watcher, {
    eval: true,
    // Not the flags of the process: some don't go with a worker.
    execArgv: [],
    workerData: { shared, periodMs, checks: CHECKS },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  await once(worker, 'online');
  worker.unref();
  const timer = setInterval(() => Atomics.add(beats, 0, 1), periodMs / 2).unref();
  return async () => {
    clearInterval(timer);
    await worker.terminate();
  };
}
