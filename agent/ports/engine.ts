/** What the engine says of itself. */
export interface EngineInfo {
  readonly version: string;
  readonly apiVersion: string;
  readonly memoryBytes: number;
  readonly cores: number;
  readonly arch: string;
  readonly os: string;
  readonly kernel: string;
  /** Storage driver, e.g. overlay2. */
  readonly driver: string;
}

/** A container as the engine has it, canonical: labels and ports sorted, sizes in bytes, times in RFC 3339. */
export interface EngineContainer {
  readonly engineId: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  /** A health check is configured, by whoever made it or by its image, and not switched off. */
  readonly hasHealthcheck: boolean;
  /** Its IP address on a network of the host; empty when it has none, or does not run. */
  readonly address: string;
  readonly exitCode: number;
  /** The engine's own error, e.g. an executable that was not found; empty if none. */
  readonly error: string;
  readonly isOomKilled: boolean;
  /** 0 when it has no limit. */
  readonly memoryBytes: number;
  readonly cpuMilli: number;
  readonly ports: readonly { readonly container: number; readonly host: number; readonly protocol: 'tcp' | 'udp' }[];
  readonly createdAt: string;
  /** Empty when it never started. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Its first process, as the host numbers it; absent unless it runs. */
  readonly pid?: number;
}

/** A check that the engine runs in a container. */
export interface EngineHealthcheck {
  readonly command: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
}

/** What an image that the engine has brings along. */
export interface EngineImage {
  /** It has a health check that the engine runs. */
  readonly hasHealthcheck: boolean;
}

export interface CreateContainer {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  readonly cpuMilli: number;
  readonly ports: readonly { readonly container: number; readonly host: number; readonly protocol: 'tcp' | 'udp' }[];
  readonly volumes: readonly { readonly name: string; readonly target: string; readonly readOnly: boolean }[];
  /** Files of this host, by absolute path, that are mounted read-only. Each start mounts what is there then. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  /** `none` switches off what the image says. */
  readonly health?: 'none' | EngineHealthcheck;
  readonly stopSignal?: string;
  readonly stopGraceMs: number;
  /** Per-container log bound on disk. Bytes. */
  readonly logMaxBytes: number;
}

/** Something happened to a container. The first event of a stream is {@link SUBSCRIBED}. */
export interface EngineEvent {
  readonly engineId: string;
  /** create, start, die, oom, health_status, destroy, stop, update, pause, unpause, or {@link SUBSCRIBED}. */
  readonly action: string;
  readonly atMs: number;
  /** For container events: its labels, so that ours are told from others' without a call. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of `die`. */
  readonly exitCode?: number;
  /** Of `health_status`. */
  readonly health?: EngineContainer['health'];
}

/** Says that the stream is open: a list made from now on and the events after it leave no gap. Has no engine id. */
export const SUBSCRIBED = 'subscribed';

export interface PullProgress {
  readonly bytes: number;
  /** 0 while unknown. */
  readonly totalBytes: number;
}

/** Which part of a container's output. Times are RFC 3339 UTC, to the nanosecond. */
export interface LogRange {
  readonly follow: boolean;
  readonly since?: string;
  readonly until?: string;
  /** Newest messages. */
  readonly tail?: number;
  readonly stream?: 'stdout' | 'stderr';
}

/** What the engine noted at once: a line with its end, or a part of one that is longer than the engine's buffer. */
export interface LogMessage {
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 UTC with nine digits of a second, so that texts sort as times do. */
  readonly at: string;
  readonly bytes: Uint8Array;
  readonly isLineEnd: boolean;
}

/** What to run in a container that runs. */
export interface ExecRequest {
  readonly command: readonly string[];
  readonly user?: string;
  /** Else pipes, with stdout and stderr apart. */
  readonly tty: boolean;
  readonly cols: number;
  readonly rows: number;
  /** Told the process's id before it starts, so that whoever dies meanwhile can find it again. */
  readonly onCreated?: (execId: string) => Promise<void>;
}

/** A process in a container. Ending the stream of its output does not end it: `kill` does. */
export interface Exec {
  readonly id: string;
  /** What it writes; it is stopped by who does not read on. Ends with the process, or with an error when the engine goes away. Read once. */
  readonly output: AsyncIterable<{ readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }>;
  /** Resolves when the engine has taken it. */
  write(bytes: Uint8Array): Promise<void>;
  /** Its stdin is at its end. */
  endInput(): void;
  resize(cols: number, rows: number): Promise<void>;
  /** To be asked once the output has ended. */
  exitCode(): Promise<number>;
  /** Hangs up: the process and what runs in its terminal end. One that does not mind is killed two seconds later. */
  kill(): Promise<void>;
}

/**
 * A Docker engine. Every method takes a signal and has a deadline of its own (a frozen engine accepts and never answers).
 * Errors are ShoalErrors: `engine-unavailable`, `not-found`, `conflict`, `image-not-found`, `create-failed`, `timeout`, and
 * `cancelled` when the caller's own signal ended the call.
 */
export interface Engine {
  info(signal: AbortSignal): Promise<EngineInfo>;
  /** Every container, running or not, managed or not. */
  list(signal: AbortSignal): Promise<readonly EngineContainer[]>;
  /** undefined when it does not exist (any more). */
  inspect(engineId: string, signal: AbortSignal): Promise<EngineContainer | undefined>;
  /** {@link SUBSCRIBED}, then container events from then on; ends with an error when the engine goes away, without one when aborted. */
  events(signal: AbortSignal): AsyncIterable<EngineEvent>;
  /** Local image references (tags and digests), sorted. */
  images(signal: AbortSignal): Promise<readonly string[]>;
  /** undefined when the engine does not have it. */
  findImage(reference: string, signal: AbortSignal): Promise<EngineImage | undefined>;
  pull(reference: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<void>;
  /** Returns the engine id. */
  create(container: CreateContainer, signal: AbortSignal): Promise<string>;
  start(engineId: string, signal: AbortSignal): Promise<void>;
  /** Resolves when it has stopped; killed after the grace time. Already stopped is fine. */
  stop(engineId: string, graceMs: number, signal: AbortSignal): Promise<void>;
  kill(engineId: string, killSignal: string, signal: AbortSignal): Promise<void>;
  /** Removes it, running or not, with its anonymous volumes. Absent is fine. Named volumes stay. */
  remove(engineId: string, signal: AbortSignal): Promise<void>;
  /**
   * Its output in the order of writing, some messages at a time; the engine waits while nobody asks for more. With `follow` it
   * goes on until the container stops.
   */
  logs(engineId: string, range: LogRange, signal: AbortSignal): AsyncIterable<readonly LogMessage[]>;
  /** Starts a process in a container. @throws ShoalError not-found, conflict when it does not run */
  exec(engineId: string, request: ExecRequest, signal: AbortSignal): Promise<Exec>;
  /** Ends such a process by its id, as `kill` does. One that is over, or unknown to the engine, is fine. */
  endExec(execId: string, signal: AbortSignal): Promise<void>;
  /** The last lines of its output, at most 8 KiB, control characters removed. */
  logsTail(engineId: string, lines: number, signal: AbortSignal): Promise<string>;
}
