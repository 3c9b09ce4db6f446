import { ShoalError } from '../../protocol/errors.ts';
import { sortedByKey } from '../core/order.ts';
import type { Clock } from './clock.ts';
import {
  type CreateContainer,
  type Engine,
  type EngineContainer,
  type EngineEvent,
  type EngineHealthcheck,
  type EngineImage,
  type EngineInfo,
  type Exec,
  type ExecRequest,
  type LogMessage,
  type LogRange,
  type PullProgress,
  SUBSCRIBED,
} from './engine.ts';
import { EventQueue } from './engine-event-queue.ts';
import { MemoryExec } from './engine-exec-memory.ts';
import { runScript, type Script } from './engine-script.ts';

/** Milliseconds that calls take, and what the registry has. */
export interface MemoryEngineOptions {
  readonly clock: Clock;
  /** On its disk. */
  readonly images?: readonly string[];
  /** Can be pulled. */
  readonly registry?: readonly string[];
  readonly createMs?: number;
  readonly startMs?: number;
  readonly pullMs?: number;
  /** Between what a list shows and its arrival. */
  readonly listMs?: number;
  /** The host's files, to be mounted; undefined when there is none. Without it there are none at all. */
  readonly readFile?: (path: string) => string | undefined;
}

interface Entry {
  readonly made: CreateContainer;
  container: EngineContainer;
  script: Script | undefined;
  cancelHealth: () => void;
  output: string;
  readonly messages: LogMessage[];
  /** Called when there is another message, or no more will come. */
  readonly logReaders: Set<() => void>;
  readonly execs: Set<MemoryExec>;
}

const CALL_DEADLINE_MS = 10_000;
const KILLED = 137;

/**
 * The engine's twin: containers that run tiny scripts under a virtual clock, and the faults that engines have. Its commands
 * are those of `engine-script.ts`; a container without a command runs for ever. A health check is a script too: its exit
 * code is the verdict.
 */
export class MemoryEngine implements Engine {
  readonly #clock: Clock;
  readonly #options: MemoryEngineOptions;
  readonly #images: Set<string>;
  readonly #entries = new Map<string, Entry>();
  readonly #streams = new Set<EventQueue>();
  #state: 'up' | 'down' | 'frozen' = 'up';
  #made = 0;
  #started = 0;
  #execs = 0;
  /** Calls by name since the start, for tests that count them. */
  readonly calls = new Map<string, number>();

  constructor(options: MemoryEngineOptions) {
    this.#clock = options.clock;
    this.#options = options;
    this.#images = new Set(options.images ?? []);
  }

  // Faults, and what people do by hand

  /** kill -9 of the engine: every container dies with it. */
  crash(): void {
    this.#state = 'down';
    for (const entry of this.#entries.values())
      if (entry.container.state === 'running') this.#end(entry, KILLED, false);
    for (const stream of this.#streams) stream.fail(unavailable());
    this.#streams.clear();
  }

  /** The engine process hangs: streams stay open and no call is answered. */
  freeze(): void {
    this.#state = 'frozen';
  }

  /** After a crash or a freeze. */
  recover(): void {
    this.#state = 'up';
  }

  /** The container's own process ends. */
  exit(engineId: string, exitCode: number, { isOomKilled = false } = {}): void {
    const entry = this.#get(engineId);
    if (isOomKilled) {
      entry.container = { ...entry.container, isOomKilled };
      this.#emit(entry, 'oom');
    }
    this.#end(entry, exitCode, true);
  }

  /** What the container's health check says from now on. */
  setHealth(engineId: string, health: 'healthy' | 'unhealthy'): void {
    const entry = this.#get(engineId);
    if (entry.container.health === health) return;
    entry.container = { ...entry.container, health };
    this.#emit(entry, 'health_status', { health });
  }

  /** What it holds, for tests that look from outside: also while it does not answer. */
  get containers(): readonly EngineContainer[] {
    return [...this.#entries.values()].map(({ container }) => container);
  }

  /** Event streams that somebody reads. */
  get readers(): number {
    return this.#streams.size;
  }

  // The port

  info(signal: AbortSignal): Promise<EngineInfo> {
    return this.#call('info', 0, signal, () => ({
      version: '20.10.24',
      apiVersion: '1.41',
      memoryBytes: 4 * 1024 ** 3,
      cores: 4,
      arch: 'x86_64',
      os: 'linux',
      kernel: '6.1.0',
      driver: 'overlay2',
    }));
  }

  async list(signal: AbortSignal): Promise<readonly EngineContainer[]> {
    const { listMs = 0 } = this.#options;
    const shown = await this.#call('list', 0, signal, () =>
      [...this.#entries.values()].map(({ container }) => container),
    );
    if (listMs > 0) await this.#wait(listMs, signal);
    return shown;
  }

  inspect(engineId: string, signal: AbortSignal): Promise<EngineContainer | undefined> {
    return this.#call('inspect', 0, signal, () => this.#entries.get(engineId)?.container);
  }

  async *events(signal: AbortSignal): AsyncIterable<EngineEvent> {
    await this.#call('events', 0, signal, () => undefined);
    const stream = new EventQueue();
    this.#streams.add(stream);
    const end = () => stream.end();
    signal.addEventListener('abort', end, { once: true });
    try {
      yield { engineId: '', action: SUBSCRIBED, atMs: this.#clock.nowMs(), labels: {} };
      for (let event = await stream.next(); event !== undefined; event = await stream.next()) yield event;
    } finally {
      this.#streams.delete(stream);
      signal.removeEventListener('abort', end);
    }
  }

  images(signal: AbortSignal): Promise<readonly string[]> {
    return this.#call('images', 0, signal, () => [...this.#images].sort());
  }

  findImage(reference: string, signal: AbortSignal): Promise<EngineImage | undefined> {
    return this.#call('findImage', 0, signal, () =>
      this.#images.has(reference) ? { hasHealthcheck: this.#healthOf(reference) !== undefined } : undefined,
    );
  }

  async pull(reference: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<void> {
    const totalBytes = 1_000_000;
    const halfMs = (this.#options.pullMs ?? 0) / 2;
    await this.#call('pull', halfMs, signal, () => {
      if (!this.#options.registry?.includes(reference)) {
        throw new ShoalError('image-not-found', `pull access denied for ${reference}, repository does not exist`);
      }
      onProgress({ bytes: totalBytes / 2, totalBytes });
    });
    await this.#call('pull', halfMs, signal, () => {
      onProgress({ bytes: totalBytes, totalBytes });
      this.#images.add(reference);
    });
  }

  create(made: CreateContainer, signal: AbortSignal): Promise<string> {
    return this.#call('create', this.#options.createMs ?? 0, signal, () => {
      const { name, image, labels, memoryBytes, cpuMilli, ports } = made;
      if (!this.#images.has(image)) throw new ShoalError('image-not-found', `No such image: ${image}`);
      const isTaken = [...this.#entries.values()].some((entry) => entry.container.name === name);
      if (isTaken) throw new ShoalError('conflict', `The container name "/${name}" is already in use`);
      this.#mount(made);
      this.#made += 1;
      const engineId = this.#made.toString(16).padStart(64, '0');
      const container: EngineContainer = {
        engineId,
        name,
        image,
        labels: sortedByKey(labels),
        state: 'created',
        health: 'none',
        hasHealthcheck: this.#checkOf(made) !== undefined,
        address: '',
        exitCode: 0,
        error: '',
        isOomKilled: false,
        memoryBytes,
        cpuMilli,
        ports: [...ports].sort((a, b) => a.host - b.host),
        createdAt: this.#now(),
        startedAt: '',
        finishedAt: '',
      };
      const entry: Entry = {
        made,
        container,
        script: undefined,
        cancelHealth: () => {},
        output: '',
        messages: [],
        logReaders: new Set(),
        execs: new Set(),
      };
      this.#entries.set(engineId, entry);
      this.#emit(entry, 'create');
      return engineId;
    });
  }

  start(engineId: string, signal: AbortSignal): Promise<void> {
    return this.#call('start', this.#options.startMs ?? 0, signal, () => {
      const entry = this.#get(engineId);
      if (entry.container.state === 'running') return;
      this.#refusePortsInUse(entry);
      const mounted = this.#mount(entry.made);
      const health = this.#checkOf(entry.made) === undefined ? 'none' : 'starting';
      this.#started += 1;
      entry.container = {
        ...entry.container,
        state: 'running',
        health,
        exitCode: 0,
        isOomKilled: false,
        startedAt: this.#now(),
        address: `10.0.${Math.floor(this.#started / 250) % 250}.${this.#started % 250}`,
      };
      entry.script = runScript(entry.made, this.#clock, {
        print: (text, stream) => this.#print(entry, text, stream),
        end: (exitCode) => this.#end(entry, exitCode, true),
        mounted: (path) => mounted.get(path),
      });
      this.#emit(entry, 'start');
      this.#probe(entry);
    });
  }

  stop(engineId: string, graceMs: number, signal: AbortSignal): Promise<void> {
    const ignoresTerm = this.#entries.get(engineId)?.script?.ignoresTerm === true;
    return this.#call('stop', ignoresTerm ? graceMs : 0, signal, () => {
      const entry = this.#get(engineId);
      if (entry.container.state !== 'running') return;
      this.#end(entry, ignoresTerm ? KILLED : 143, true);
      this.#emit(entry, 'stop');
    });
  }

  kill(engineId: string, killSignal: string, signal: AbortSignal): Promise<void> {
    return this.#call('kill', 0, signal, () => {
      const entry = this.#get(engineId);
      if (entry.container.state !== 'running') throw new ShoalError('conflict', `Container ${engineId} is not running`);
      const isTerm = /^(SIG)?TERM$/.test(killSignal);
      if (!(isTerm && entry.script?.ignoresTerm)) this.#end(entry, isTerm ? 143 : KILLED, true);
    });
  }

  remove(engineId: string, signal: AbortSignal): Promise<void> {
    return this.#call('remove', 0, signal, () => {
      const entry = this.#entries.get(engineId);
      if (entry === undefined) return;
      if (entry.container.state === 'running') this.#end(entry, KILLED, true);
      this.#entries.delete(engineId);
      this.#emit(entry, 'destroy');
    });
  }

  exec(engineId: string, request: ExecRequest, signal: AbortSignal): Promise<Exec> {
    return this.#call('exec', 0, signal, () => {
      const entry = this.#get(engineId);
      if (entry.container.state !== 'running') throw new ShoalError('conflict', `Container ${engineId} is not running`);
      const exec = new MemoryExec(request, `exec${++this.#execs}`);
      entry.execs.add(exec);
      return exec;
    }).then(async (exec) => {
      await request.onCreated?.(exec.id);
      return exec;
    });
  }

  endExec(execId: string, signal: AbortSignal): Promise<void> {
    return this.#call('endExec', 0, signal, () => {
      for (const { execs } of this.#entries.values())
        for (const exec of execs) if (exec.id === execId) void exec.kill();
    });
  }

  logsTail(engineId: string, lines: number, signal: AbortSignal): Promise<string> {
    return this.#call('logsTail', 0, signal, () =>
      this.#get(engineId)
        .output.split('\n')
        .slice(-lines - 1)
        .join('\n')
        .trim(),
    );
  }

  async *logs(engineId: string, range: LogRange, signal: AbortSignal): AsyncIterable<readonly LogMessage[]> {
    const entry = await this.#call('logs', 0, signal, () => this.#get(engineId));
    const { since = '', until = '~', follow, tail } = range;
    const isWanted = ({ at, stream }: LogMessage) =>
      at >= since && at <= until && (range.stream === undefined || stream === range.stream);
    const old = entry.messages.filter(isWanted);
    yield tail === undefined ? old : old.slice(old.length - Math.min(tail, old.length));
    let read = entry.messages.length;
    while (follow && !signal.aborted && this.#entries.has(engineId) && entry.container.state === 'running') {
      const fresh = entry.messages.slice(read).filter(isWanted);
      read = entry.messages.length;
      if (fresh.length > 0) yield fresh;
      else await this.#nextMessage(entry, signal);
    }
    if (follow) yield entry.messages.slice(read).filter(isWanted);
  }

  #nextMessage({ logReaders }: Entry, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        logReaders.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      logReaders.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #print(entry: Entry, text: string, stream: LogMessage['stream']): void {
    entry.output += text;
    // Each message is later than the one before, as the engine's nanoseconds make it.
    const at = this.#now().replace('Z', `${String(entry.messages.length % 1_000_000).padStart(6, '0')}Z`);
    entry.messages.push({ stream, at, bytes: Buffer.from(text.replace(/\n$/, '')), isLineEnd: text.endsWith('\n') });
    for (const wake of [...entry.logReaders]) wake();
  }

  async #call<T>(name: string, tookMs: number, signal: AbortSignal, act: () => T): Promise<T> {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    if (tookMs > 0) await this.#wait(tookMs, signal);
    if (signal.aborted) throw new ShoalError('cancelled', 'the call was cancelled');
    if (this.#state === 'frozen') {
      await this.#wait(CALL_DEADLINE_MS, signal);
      throw new ShoalError('timeout', 'the Docker engine did not answer within 10 s');
    }
    if (this.#state === 'down') throw unavailable();
    return act();
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        cancel();
        reject(new ShoalError('cancelled', 'the call was cancelled'));
      };
      const cancel = this.#clock.after(ms, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  #end(entry: Entry, exitCode: number, isTold: boolean): void {
    if (entry.container.state !== 'running') return;
    entry.script?.cancel();
    entry.cancelHealth();
    entry.container = { ...entry.container, state: 'exited', exitCode, address: '', finishedAt: this.#now() };
    for (const wake of [...entry.logReaders]) wake();
    for (const exec of entry.execs) void exec.kill();
    if (isTold) this.#emit(entry, 'die', { exitCode });
  }

  /** The check that the engine runs in it: its own, or that of its image. */
  #checkOf({ health, image }: CreateContainer): EngineHealthcheck | undefined {
    return health === 'none' ? undefined : (health ?? this.#healthOf(image));
  }

  /** An image whose name ends in `-checked` brings a check that is always good. */
  #healthOf(image: string): EngineHealthcheck | undefined {
    if (!image.endsWith('-checked')) return undefined;
    return { command: ['true'], intervalMs: 1_000, timeoutMs: 1_000, retries: 3, startPeriodMs: 0 };
  }

  /** Runs the health check every interval. */
  #probe(entry: Entry): void {
    const check = this.#checkOf(entry.made);
    if (check === undefined) return;
    let failures = 0;
    entry.cancelHealth = this.#clock.every(check.intervalMs, () => {
      const isGood = check.command.at(-1) === 'true' || check.command.at(-1) === 'exit 0';
      failures = isGood ? 0 : failures + 1;
      if (isGood) this.setHealth(entry.container.engineId, 'healthy');
      else if (failures >= check.retries) this.setHealth(entry.container.engineId, 'unhealthy');
    });
  }

  /** What the files read now, by their path in the container. */
  #mount({ files }: CreateContainer): ReadonlyMap<string, string> {
    const mounted = new Map<string, string>();
    for (const { source, target } of files) {
      const content = this.#options.readFile?.(source);
      if (content === undefined) throw new ShoalError('create-failed', `bind source path does not exist: ${source}`);
      mounted.set(target, content);
    }
    return mounted;
  }

  #refusePortsInUse(entry: Entry): void {
    const isUsed = (port: { host: number; protocol: string }) =>
      [...this.#entries.values()].some(
        ({ container }) =>
          container.state === 'running' &&
          container.ports.some((p) => p.host === port.host && p.protocol === port.protocol),
      );
    const taken = entry.made.ports.find(isUsed);
    if (taken !== undefined)
      throw new ShoalError('create-failed', `Bind for 0.0.0.0:${taken.host} failed: port is already allocated`);
  }

  #get(engineId: string): Entry {
    const entry = this.#entries.get(engineId);
    if (entry === undefined) throw new ShoalError('not-found', `No such container: ${engineId}`);
    return entry;
  }

  #emit(entry: Entry, action: string, extra: Pick<EngineEvent, 'exitCode' | 'health'> = {}): void {
    const { engineId, labels } = entry.container;
    for (const stream of this.#streams) stream.push({ engineId, action, atMs: this.#clock.nowMs(), labels, ...extra });
  }

  #now(): string {
    return new Date(this.#clock.nowMs()).toISOString();
  }
}

const unavailable = () => new ShoalError('engine-unavailable', 'connect ECONNREFUSED /var/run/docker.sock');
