import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import type { Exec, ExecRequest } from '../../ports/engine.ts';
import { translate } from './errors.ts';
import { endExec } from './exec-end.ts';
import { StreamFrames } from './log-frames.ts';

/** The engine may tell of the end of the output a little before that of the process. */
const EXIT_LOOKS = 40;
const EXIT_LOOK_MS = 50;
/** What is told of a process whose exit code the engine never said. */
const UNKNOWN_EXIT = 255;

/** A process that the engine runs in a container, over a hijacked connection. */
export class DockerExec implements Exec {
  readonly #docker: Docker;
  readonly #exec: Docker.Exec;
  readonly #stream: Duplex;
  readonly #request: ExecRequest;

  private constructor(docker: Docker, exec: Docker.Exec, stream: Duplex, request: ExecRequest) {
    this.#docker = docker;
    this.#exec = exec;
    this.#stream = stream;
    this.#request = request;
    // Whoever reads or writes is told.
    stream.on('error', () => {});
  }

  static async start(
    docker: Docker,
    engineId: string,
    request: ExecRequest,
    abortSignal: AbortSignal,
  ): Promise<DockerExec> {
    const { command, user, tty, cols, rows } = request;
    const exec = await docker.getContainer(engineId).exec({
      Cmd: [...command],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty,
      ...(tty ? { Env: ['TERM=xterm-256color'] } : {}),
      ...(user === undefined ? {} : { User: user }),
      abortSignal,
    });
    await request.onCreated?.(exec.id);
    const stream = (await exec.start({ hijack: true, stdin: true, Tty: tty })) as Duplex;
    const started = new DockerExec(docker, exec, stream, request);
    if (abortSignal.aborted) {
      await started.kill();
      stream.destroy();
    } else if (tty) await started.resize(cols, rows);
    return started;
  }

  get id(): string {
    return this.#exec.id;
  }

  get output(): Exec['output'] {
    return this.#read();
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => (error ? reject(translate(error, 'change')) : resolve()));
    });
  }

  endInput(): void {
    this.#stream.end();
  }

  /** A process that is over has no size any more. */
  async resize(cols: number, rows: number): Promise<void> {
    await this.#exec.resize({ w: cols, h: rows }).catch(() => {});
  }

  async exitCode(): Promise<number> {
    for (let look = 0; look < EXIT_LOOKS; look++) {
      const { Running, ExitCode } = await this.#exec.inspect();
      if (!Running) return ExitCode ?? UNKNOWN_EXIT;
      await new Promise((resolve) => setTimeout(resolve, EXIT_LOOK_MS));
    }
    return UNKNOWN_EXIT;
  }

  async kill(): Promise<void> {
    try {
      await endExec(this.#docker, this.#exec);
    } catch {
      // Over already, or the engine is away: then nobody can.
    } finally {
      this.#stream.destroy();
    }
  }

  async *#read(): AsyncGenerator<{ readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }> {
    const frames = new StreamFrames();
    try {
      for await (const chunk of this.#stream.iterator({ destroyOnReturn: false })) {
        if (this.#request.tty) yield { stream: 'stdout', bytes: chunk };
        else yield* frames.push(chunk);
      }
    } catch (error) {
      throw translate(error, 'read');
    }
  }
}
