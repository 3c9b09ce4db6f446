import { existsSync } from 'node:fs';
import { MessageChannel, Worker } from 'node:worker_threads';
import { ShoalError } from '../protocol/errors.ts';
import { callerOf } from './adapters/thread/caller.ts';
import { receiveLog } from './adapters/thread/log-wire.ts';
import { remoteBlobs } from './adapters/thread/remote-blobs.ts';
import { serve } from './adapters/thread/serve.ts';
import {
  backendMethods,
  type ImageThreadControl,
  type ImageThreadData,
  type ImageThreadPlaces,
  type ImageThreadPorts,
  type ImageThreadSettings,
  threadMethods,
} from './image-thread-contract.ts';
import type { Blobs } from './ports/blobs.ts';
import type { Log } from './ports/log.ts';
import type { RegistryBackend } from './services/images/registry-backend.ts';

/** Transfers end within it, or are ended. */
const STOP_MS = 10_000;
const CRASHED = 1;
/** As patient as the watchdog of the main thread: half a minute. */
const PING_MS = 5_000;
const UNANSWERED_MAX = 6;

/** In the bundle this code may lie in a chunk or beside the thread's entry; in a checkout the entry is TypeScript. */
const PLACES = ['./image-thread.ts', './image-thread.js', '../image-thread.js'];

/**
 * Bytes of pieces are outside of this heap. A small nursery, for little of what is made here lives longer than a request, and
 * the process is to stay small at rest.
 */
const HEAP = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 3 };

export interface ImageThreadOptions extends ImageThreadSettings {
  readonly log: Log;
  /** Called when the thread ends by itself. By default the process ends: its service manager starts it anew. */
  readonly onCrash?: (error: Error) => void;
  /** Another file than the thread's own, for tests. */
  readonly entry?: URL;
}

export interface ImageThread {
  readonly blobs: Blobs;
  readonly piecePort: number;
  readonly registryAddress: ImageThreadPlaces['registry'];
  readonly mirrorAddress: ImageThreadPlaces['mirror'];
  /** Answers the registry's questions from now on; until then its requests wait. Once. */
  serveBackend(backend: RegistryBackend): void;
  /** The registry takes no more requests. */
  stopServing(): Promise<void>;
  /** Ends requests, then transfers, then the store, then the thread. */
  stop(): Promise<void>;
}

/**
 * Starts the thread in which all bytes of images are handled.
 *
 * @throws ShoalError conflict or invalid-request when it can't listen (naming the setting), not-stored when the directory can't
 * be used
 */
export async function startImageThread(options: ImageThreadOptions): Promise<ImageThread> {
  const { log, onCrash, entry = ownEntry(), ...settings } = options;
  const { here, there } = makePorts();
  const worker = startWorker(entry, { settings, ports: there });
  const ended = Promise.withResolvers<never>();
  let crashed: (error: Error) => void = ended.reject;
  let cause: unknown;
  worker.once('error', (error) => {
    cause = error;
  });
  worker.once('exit', (code) => crashed(new Error(`the image thread ended with ${code}`, { cause })));
  const finishLog = receiveLog(here.log, log);
  const control = callerOf<ImageThreadControl>(here.control, threadMethods);
  let stopWatching = () => {};
  const end = async () => {
    stopWatching();
    crashed = () => {};
    finishLog();
    for (const port of Object.values(here)) port.close();
    await worker.terminate();
  };
  let stopping: Promise<void> | undefined;
  let places: ImageThreadPlaces;
  try {
    // The ports of a thread that ends are closed a little before it has ended.
    const start = control.start().catch((error) => (isClosed(error) ? ended.promise : Promise.reject(error)));
    places = await Promise.race([start, ended.promise]);
  } catch (error) {
    await end();
    throw error;
  }
  crashed = onCrash ?? ((error) => endProcess(error, log));
  stopWatching = watch(control, () => crashed(new Error('the image thread hangs')));
  return {
    blobs: remoteBlobs({ ...here, piecePort: places.piecePort }),
    piecePort: places.piecePort,
    registryAddress: places.registry,
    mirrorAddress: places.mirror,
    serveBackend: (backend) => serve(here.backend, backend, backendMethods, log),
    stopServing: () => control.stopServing(),
    stop: () => {
      stopping ??= within(STOP_MS, control.stop())
        .catch((error) => log.warn({ error }, 'the image thread did not stop well'))
        .then(end);
      return stopping;
    },
  };
}

function makePorts(): { readonly here: ImageThreadPorts; readonly there: ImageThreadPorts } {
  const channel = () => new MessageChannel();
  const pairs = { control: channel(), blobs: channel(), upstream: channel(), backend: channel(), log: channel() };
  const { control, blobs, upstream, backend, log } = pairs;
  return {
    here: {
      control: control.port1,
      blobs: blobs.port1,
      upstream: upstream.port1,
      backend: backend.port1,
      log: log.port1,
    },
    there: {
      control: control.port2,
      blobs: blobs.port2,
      upstream: upstream.port2,
      backend: backend.port2,
      log: log.port2,
    },
  };
}

function ownEntry(): URL {
  const entry = PLACES.map((place) => new URL(place, import.meta.url)).find((place) => existsSync(place));
  if (entry === undefined) throw new Error('the entry of the image thread is missing');
  return entry;
}

function startWorker(entry: URL, data: ImageThreadData): Worker {
  return new Worker(entry, {
    name: 'images',
    // Not the flags of the process: some don't go with a worker.
    execArgv: [],
    workerData: data,
    transferList: Object.values(data.ports),
    resourceLimits: HEAP,
  });
}

/** Missed answers are counted, not time: a host that was frozen as a whole finds both threads equally late. */
function watch(control: Pick<ImageThreadControl, 'ping'>, onHang: () => void): () => void {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered >= UNANSWERED_MAX) return onHang();
    unanswered += 1;
    control.ping().then(
      () => {
        unanswered = 0;
      },
      // It ends with the thread, and that has its own handler.
      () => {},
    );
  }, PING_MS);
  timer.unref();
  return () => clearInterval(timer);
}

const isClosed = (error: unknown): boolean => error instanceof ShoalError && error.code === 'not-ready';

/** Half an agent is no agent; containers don't notice. */
function endProcess(error: Error, log: Log): void {
  log.error({ error }, 'the image thread has crashed; ending the process');
  process.exit(CRASHED);
}

async function within(timeoutMs: number, promise: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new ShoalError('timeout', `not done within ${timeoutMs} ms`)), timeoutMs);
  try {
    await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
