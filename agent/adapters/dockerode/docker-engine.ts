import { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import { ShoalError } from '../../../protocol/errors.ts';
import { isImageReference } from '../../../protocol/image-reference.ts';
import { compareText } from '../../core/order.ts';
import {
  type CreateContainer,
  type Engine,
  type EngineContainer,
  type EngineEvent,
  type EngineImage,
  type EngineInfo,
  type Exec,
  type ExecRequest,
  type LogMessage,
  type LogRange,
  type PullProgress,
  SUBSCRIBED,
} from '../../ports/engine.ts';
import { canonical, hasHealthcheck } from './canonical.ts';
import { createOptions, seconds } from './create-options.ts';
import { cancelled, withDeadline } from './deadline.ts';
import { type Doing, translate } from './errors.ts';
import { engineEventOf, eventFilter } from './events.ts';
import { DockerExec } from './exec.ts';
import { endExec } from './exec-end.ts';
import { jsonLines } from './json-lines.ts';
import { engineTime, LogFrameReader, printable, textOfLog } from './log-frames.ts';
import { failureOf, PullMeter } from './pull-progress.ts';

const READ_MS = 10_000;
/** Creating and starting wait for disks and for each other. */
const MAKE_MS = 60_000;
/** On top of a stop's grace. */
const STOP_EXTRA_MS = 10_000;
/** A pull may take hours, but not this long without a byte: the engine itself has no such limit. */
const PULL_SILENCE_MS = 60_000;
const INSPECTS_AT_ONCE = 8;
const LOG_TAIL_BYTES = 8 * 1024;
const LOG_LINES_MAX = 1_000;

/** A Docker engine behind its unix socket, by dockerode. Engines from API 1.41 (20.10) on. */
export class DockerEngine implements Engine {
  readonly #docker: Docker;

  /** @param socketPath of the engine, e.g. /var/run/docker.sock */
  constructor(socketPath: string) {
    // A connection per call: one kept from before a restart of the engine would fail the next call.
    const options = { socketPath, agent: new ShyAgent({ keepAlive: false }) };
    this.#docker = new Docker(options);
  }

  async info(signal: AbortSignal): Promise<EngineInfo> {
    const docker = this.#docker;
    const [info, version] = await Promise.all([
      this.#read(signal, cancellable(docker.info.bind(docker))),
      this.#read(signal, cancellable(docker.version.bind(docker))),
    ]);
    return {
      version: info.ServerVersion,
      apiVersion: version.ApiVersion,
      memoryBytes: info.MemTotal,
      cores: info.NCPU,
      arch: info.Architecture,
      os: info.OSType,
      kernel: info.KernelVersion,
      driver: info.Driver,
    };
  }

  async list(signal: AbortSignal): Promise<readonly EngineContainer[]> {
    const listed = await this.#read(signal, (abortSignal) => this.#docker.listContainers({ all: true, abortSignal }));
    const found: EngineContainer[] = [];
    const queue = listed.map((container) => container.Id);
    const inspectNext = async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        // Gone between the list and the look.
        const container = await this.inspect(id, signal);
        if (container !== undefined) found.push(container);
      }
    };
    await Promise.all(Array.from({ length: INSPECTS_AT_ONCE }, inspectNext));
    return found.sort((a, b) => compareText(a.engineId, b.engineId));
  }

  async inspect(engineId: string, signal: AbortSignal): Promise<EngineContainer | undefined> {
    try {
      const container = this.#docker.getContainer(engineId);
      return canonical(await this.#read(signal, (abortSignal) => container.inspect({ abortSignal })));
    } catch (error) {
      return undefinedIf('not-found', error);
    }
  }

  async *events(signal: AbortSignal): AsyncIterable<EngineEvent> {
    const abort = new AbortController();
    const end = () => abort.abort();
    signal.addEventListener('abort', end, { once: true });
    try {
      // The signal given to the library ends the stream later, so the deadline of opening it has one of its own.
      const stream = await withDeadline({ timeoutMs: READ_MS, doing: 'read', signal }, () =>
        this.#docker.getEvents({ filters: eventFilter, abortSignal: abort.signal }),
      );
      yield { engineId: '', action: SUBSCRIBED, atMs: Date.now(), labels: {} };
      for await (const line of jsonLines(stream as Readable)) {
        const event = engineEventOf(line);
        if (event !== undefined) yield event;
      }
      throw new ShoalError('engine-unavailable', 'the event stream ended');
    } catch (error) {
      if (!signal.aborted) throw translate(error, 'read');
    } finally {
      signal.removeEventListener('abort', end);
      abort.abort();
    }
  }

  async images(signal: AbortSignal): Promise<readonly string[]> {
    const images = await this.#read(signal, (abortSignal) => this.#docker.listImages({ abortSignal }));
    const references = images.flatMap((image) => [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])]);
    // Untagged images are listed as `<none>:<none>`.
    return [...new Set(references)].filter((reference) => !reference.includes('<none>')).sort();
  }

  async findImage(reference: string, signal: AbortSignal): Promise<EngineImage | undefined> {
    // It becomes part of a path. The engine redirects a path like `x//y`, and the library would leave the socket for it.
    if (!isImageReference(reference)) return undefined;
    try {
      const { Config: config } = await this.#read(signal, (abortSignal) => this.#inspectImage(reference, abortSignal));
      return { hasHealthcheck: hasHealthcheck(config?.Healthcheck?.Test) };
    } catch (error) {
      return undefinedIf('not-found', error);
    }
  }

  async pull(reference: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw cancelled();
    const abort = new AbortController();
    const end = () => abort.abort();
    signal.addEventListener('abort', end, { once: true });
    const silence = setTimeout(end, PULL_SILENCE_MS);
    try {
      const stream = (await this.#docker.pull(reference, { abortSignal: abort.signal })) as Readable;
      abort.signal.addEventListener('abort', () => stream.destroy(), { once: true });
      const meter = new PullMeter();
      for await (const event of jsonLines(stream)) {
        silence.refresh();
        const failure = failureOf(event);
        if (failure !== undefined) throw new ShoalError('image-not-found', failure);
        const progress = meter.take(event);
        if (progress !== undefined) onProgress(progress);
      }
      abort.signal.throwIfAborted();
    } catch (error) {
      if (signal.aborted) throw cancelled();
      if (abort.signal.aborted) throw new ShoalError('timeout', `no progress with the pull of ${reference} for 60 s`);
      throw translate(error, 'pull');
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', end);
    }
  }

  async create(container: CreateContainer, signal: AbortSignal): Promise<string> {
    const made = await this.#call('create', MAKE_MS, signal, (abortSignal) =>
      this.#docker.createContainer({ ...createOptions(container), abortSignal }),
    );
    return made.id;
  }

  async start(engineId: string, signal: AbortSignal): Promise<void> {
    const container = this.#docker.getContainer(engineId);
    await this.#call('start', MAKE_MS, signal, (abortSignal) => container.start({ abortSignal }).catch(wasSo));
  }

  async stop(engineId: string, graceMs: number, signal: AbortSignal): Promise<void> {
    const container = this.#docker.getContainer(engineId);
    const t = seconds(graceMs);
    await this.#call('change', graceMs + STOP_EXTRA_MS, signal, (abortSignal) =>
      container.stop({ t, abortSignal }).catch(wasSo),
    );
  }

  async kill(engineId: string, killSignal: string, signal: AbortSignal): Promise<void> {
    const container = this.#docker.getContainer(engineId);
    await this.#call('change', READ_MS, signal, (abortSignal) => container.kill({ signal: killSignal, abortSignal }));
  }

  async remove(engineId: string, signal: AbortSignal): Promise<void> {
    const container = this.#docker.getContainer(engineId);
    try {
      await this.#call('change', MAKE_MS, signal, (abortSignal) =>
        container.remove({ force: true, v: true, abortSignal }),
      );
    } catch (error) {
      // `conflict`: somebody else is removing it this moment.
      if (!(error instanceof ShoalError && (error.code === 'not-found' || error.code === 'conflict'))) throw error;
    }
  }

  async *logs(engineId: string, range: LogRange, signal: AbortSignal): AsyncIterable<readonly LogMessage[]> {
    const abort = new AbortController();
    const end = () => abort.abort();
    signal.addEventListener('abort', end, { once: true });
    try {
      const stream = await withDeadline({ timeoutMs: READ_MS, doing: 'read', signal }, () =>
        this.#openLog(engineId, range, abort.signal),
      );
      const frames = new LogFrameReader();
      for await (const chunk of stream) {
        const messages = frames.push(chunk as Buffer);
        if (messages.length > 0) yield messages;
      }
    } catch (error) {
      if (!signal.aborted) throw translate(error, 'read');
    } finally {
      signal.removeEventListener('abort', end);
      abort.abort();
    }
  }

  async exec(engineId: string, request: ExecRequest, signal: AbortSignal): Promise<Exec> {
    return this.#call('change', READ_MS, signal, (abortSignal) =>
      DockerExec.start(this.#docker, engineId, request, abortSignal),
    );
  }

  async endExec(execId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#call('change', READ_MS, signal, () => endExec(this.#docker, this.#docker.getExec(execId)));
    } catch (error) {
      undefinedIf('not-found', error);
    }
  }

  async logsTail(engineId: string, lines: number, signal: AbortSignal): Promise<string> {
    const container = this.#docker.getContainer(engineId);
    const tail = Math.min(lines, LOG_LINES_MAX);
    const bytes = await this.#read(signal, (abortSignal) =>
      container.logs({ follow: false, stdout: true, stderr: true, tail, abortSignal }),
    );
    return printable(textOfLog(bytes)).trim().slice(-LOG_TAIL_BYTES);
  }

  /** The library's own call has the whole log in memory unless it follows. */
  #openLog(engineId: string, { follow, since, until, tail, stream }: LogRange, abortSignal: AbortSignal) {
    const options = {
      follow,
      stdout: stream !== 'stderr',
      stderr: stream !== 'stdout',
      timestamps: true,
      ...(since === undefined ? {} : { since: engineTime(since) }),
      ...(until === undefined ? {} : { until: engineTime(until) }),
      ...(tail === undefined ? {} : { tail }),
    };
    const call = {
      path: `/containers/${encodeURIComponent(engineId)}/logs?`,
      method: 'GET',
      isStream: true,
      abortSignal,
      statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
      options,
    };
    return new Promise<Readable>((resolve, reject) => {
      this.#docker.modem.dial(call, (error: unknown, answer: unknown) =>
        error ? reject(error) : resolve(answer as Readable),
      );
    });
  }

  /** The library's own call has no signal, and a frozen engine would keep its connection open. */
  #inspectImage(reference: string, abortSignal: AbortSignal): Promise<Partial<Docker.ImageInspectInfo>> {
    const call = {
      path: `/images/${encodeURI(reference)}/json`,
      method: 'GET',
      abortSignal,
      statusCodes: { 200: true, 404: 'no such image', 500: 'server error' },
    };
    return new Promise((resolve, reject) => {
      this.#docker.modem.dial(call, (error: unknown, found: unknown) =>
        error ? reject(error) : resolve((found ?? {}) as Partial<Docker.ImageInspectInfo>),
      );
    });
  }

  #read<T>(signal: AbortSignal, call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#call('read', READ_MS, signal, call);
  }

  #call<T>(
    doing: Doing,
    timeoutMs: number,
    signal: AbortSignal,
    call: (abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return withDeadline({ timeoutMs, doing, signal }, call);
  }
}

/**
 * docker-modem renders the options of every request, agent, sockets and all, for a debug line that nobody reads: several
 * milliseconds for each call. This agent shows nothing of itself.
 */
class ShyAgent extends Agent {
  [inspect.custom](): string {
    return 'Agent';
  }
}

function undefinedIf(code: ShoalError['code'], error: unknown): undefined {
  if (error instanceof ShoalError && error.code === code) return undefined;
  throw error;
}

/** The typings know some calls only without options. */
const cancellable =
  <T>(call: () => Promise<T>) =>
  (abortSignal: AbortSignal): Promise<T> =>
    (call as (options: { abortSignal: AbortSignal }) => Promise<T>)({ abortSignal });

const NOT_MODIFIED = 304;

/** Started already, stopped already: as good as done. */
function wasSo(error: unknown): void {
  if (!(error instanceof Error && 'statusCode' in error && error.statusCode === NOT_MODIFIED)) throw error;
}
