import type { Duplex } from 'node:stream';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { problemOfError } from '../../../protocol/problem.ts';
import { decodeShellFrame, encodeShellFrame, type ShellFrame } from '../../../protocol/shell-frames.ts';
import { Replay } from '../../core/shell/replay.ts';
import type { Exec } from '../../ports/engine.ts';
import { FrameCutter, framed } from './frame-stream.ts';

/** One frame of output. */
const OUTPUT_BYTES = 32 * 1024;
/** Of a process that did not end by itself. */
const UNKNOWN_EXIT = 255;

/** Clients whose input is remembered, so that one that comes back knows what arrived. */
const INPUTS_MAX = 32;

/** Bytes of a client's input: come, and taken by the process. */
interface Input {
  come: number;
  taken: number;
}

/** Somebody who looks at a session: the bytes it was sent and says it has shown. */
interface Viewer {
  readonly stream: Duplex;
  readonly client: string | undefined;
  readonly input: Input;
  sent: number;
  acked: number;
}

/** How a session ended. */
type End = { readonly code: number } | { readonly error: ShoalError };

/** Writes down what a session shows. Each call resolves when there is room for more. */
interface ShellRecorder {
  output(bytes: Uint8Array): Promise<void>;
  resize(cols: number, rows: number): Promise<void>;
}

export interface ShellSessionParts {
  readonly exec: Exec;
  /** Monotonic. */
  readonly nowMs: () => number;
  readonly recorder?: ShellRecorder | undefined;
  /** What ended the process besides itself, if anything did. */
  readonly whyEnded?: (code: number | undefined) => Promise<ShoalError | undefined>;
}

/**
 * A process in a container and those who look at it. Output is read from the engine only so far ahead of what the foremost
 * viewer has shown, so a flood of it costs no memory, and nothing is lost while nobody looks. A viewer that falls behind the replay
 * buffer goes on at its start.
 */
export class ShellSession {
  readonly #exec: Exec;
  readonly #parts: ShellSessionParts;
  readonly #inputs = new Map<string, Input>();
  readonly #replay = new Replay(limits.shellReplayBytes);
  readonly #viewers = new Set<Viewer>();
  readonly #nowMs: () => number;
  #foremost = 0;
  #wake = () => {};
  #end: End | undefined;
  #isClosing = false;
  /** Monotonic. Milliseconds. */
  usedAtMs: number;

  constructor(parts: ShellSessionParts) {
    this.#parts = parts;
    this.#exec = parts.exec;
    this.#nowMs = parts.nowMs;
    this.usedAtMs = parts.nowMs();
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  get exitCode(): number | undefined {
    if (this.#end === undefined) return undefined;
    return 'code' in this.#end ? this.#end.code : UNKNOWN_EXIT;
  }

  /** Shown before anything that the process writes. */
  announce(text: string): void {
    this.#replay.add({ stream: 'stdout', bytes: Buffer.from(text) });
  }

  /** Reads the output until the process is over. Resolves with its exit code. */
  async run(): Promise<number> {
    this.#end = await this.#read();
    for (const viewer of this.#viewers) this.#send(viewer);
    return this.exitCode ?? UNKNOWN_EXIT;
  }

  async #read(): Promise<End> {
    const { recorder, whyEnded } = this.#parts;
    try {
      for await (const output of this.#exec.output) {
        this.#replay.add(output);
        this.usedAtMs = this.#nowMs();
        for (const viewer of this.#viewers) this.#send(viewer);
        await recorder?.output(output.bytes);
        while (!this.#isClosing && this.#replay.end - this.#foremost >= limits.shellWindowBytes) await this.#acked();
      }
      const code = await this.#exec.exitCode();
      const error = this.#isClosing ? undefined : await whyEnded?.(code);
      return error === undefined ? { code } : { error };
    } catch (cause) {
      // Whoever hangs up cuts the output off, which may be before its end was read.
      const hungUp = this.#isClosing ? await this.#exec.exitCode().catch(() => undefined) : undefined;
      if (hungUp !== undefined) return { code: hungUp };
      const known = cause instanceof ShoalError ? cause : undefined;
      const error = (await whyEnded?.(undefined)) ?? known;
      return { error: error ?? new ShoalError('internal', 'The shell cannot be read.', { cause }) };
    }
  }

  /**
   * Shows the output from `offset` on to somebody, and takes what they type.
   *
   * @param client a name that whoever comes back gives again: it is told how much of its input arrived
   */
  attach(stream: Duplex, offset: number, client?: string): void {
    for (const known of this.#viewers) {
      // Its earlier connection, which may not know yet that it is broken: input must not come by both.
      if (client === undefined || known.client !== client) continue;
      this.#viewers.delete(known);
      known.stream.destroy();
    }
    if (this.#viewers.size >= limits.shellViewers) {
      end(stream, new ShoalError('rate-limited', `A shell has at most ${limits.shellViewers} viewers.`));
      return;
    }
    const start = Math.min(Math.max(offset, this.#replay.start), this.#replay.end);
    const viewer: Viewer = { stream, client, input: this.#inputOf(client), sent: start, acked: start };
    const cutter = new FrameCutter();
    this.#viewers.add(viewer);
    this.usedAtMs = this.#nowMs();
    stream.on('error', () => {});
    stream.once('close', () => this.#viewers.delete(viewer));
    stream.once('end', () => stream.destroy());
    stream.on('data', (chunk: Buffer) => {
      try {
        for (const frame of cutter.push(chunk)) this.#take(viewer, decodeShellFrame(frame));
      } catch (error) {
        end(stream, error instanceof ShoalError ? error : new ShoalError('invalid-request', 'This is no shell frame.'));
      }
    });
    write(viewer, { type: 'attached', offset: start });
    if (client !== undefined) write(viewer, { type: 'inputAck', offset: viewer.input.come });
    this.#send(viewer);
  }

  #inputOf(client: string | undefined): Input {
    const known = client === undefined ? undefined : this.#inputs.get(client);
    const input = known ?? { come: 0, taken: 0 };
    if (client === undefined || known !== undefined) return input;
    const [oldest] = this.#inputs.keys();
    if (oldest !== undefined && this.#inputs.size >= INPUTS_MAX) this.#inputs.delete(oldest);
    this.#inputs.set(client, input);
    return input;
  }

  /** Ends the process. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake();
    await this.#exec.kill();
  }

  /** Lets go of everybody. */
  dismiss(): void {
    for (const { stream } of this.#viewers) stream.end();
  }

  #take(viewer: Viewer, frame: ShellFrame | undefined): void {
    if (frame === undefined) throw new ShoalError('invalid-request', 'This is no shell frame.');
    this.usedAtMs = this.#nowMs();
    if (frame.type === 'ack') {
      viewer.acked = Math.min(Math.max(viewer.acked, frame.offset), viewer.sent);
      this.#foremost = Math.max(this.#foremost, viewer.acked);
      this.#wake();
      this.#send(viewer);
    } else if (frame.type === 'input') this.#type(viewer, frame.bytes);
    else if (frame.type === 'inputEnd') this.#exec.endInput();
    else if (frame.type === 'resize') {
      void this.#exec.resize(frame.cols, frame.rows);
      void this.#parts.recorder?.resize(frame.cols, frame.rows);
    }
  }

  #type(viewer: Viewer, bytes: Uint8Array): void {
    const { input } = viewer;
    if (input.come + bytes.length - input.taken > 2 * limits.shellInputBytes) {
      throw new ShoalError('too-large', 'More input than the process takes.');
    }
    input.come += bytes.length;
    this.#exec.write(bytes).then(
      () => {
        input.taken += bytes.length;
        write(viewer, { type: 'inputAck', offset: input.taken });
      },
      // The process is over; its exit code says so.
      () => {},
    );
  }

  /** What the viewer has room for; at the end of all, the exit code. */
  #send(viewer: Viewer): void {
    if (viewer.sent < this.#replay.start) {
      viewer.sent = this.#replay.start;
      viewer.acked = viewer.sent;
      write(viewer, { type: 'attached', offset: viewer.sent });
    }
    for (;;) {
      const room = Math.min(OUTPUT_BYTES, limits.shellWindowBytes - (viewer.sent - viewer.acked));
      const output = room <= 0 ? undefined : this.#replay.at(viewer.sent, room);
      if (output === undefined) break;
      viewer.sent += output.bytes.length;
      write(viewer, { type: output.stream === 'stderr' ? 'errorOutput' : 'output', bytes: output.bytes });
    }
    if (this.#end === undefined || viewer.sent < this.#replay.end) return;
    write(viewer, 'code' in this.#end ? { type: 'exit', code: this.#end.code } : problemOf(this.#end.error));
    viewer.stream.end();
    this.#viewers.delete(viewer);
  }

  #acked(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Acknowledgements bound what waits here: a window for each viewer. */
function write({ stream }: Viewer, frame: ShellFrame): void {
  if (stream.writable) stream.write(framed(encodeShellFrame(frame)));
}

function end(stream: Duplex, error: ShoalError): void {
  stream.removeAllListeners('data');
  stream.on('error', () => {}).end(framed(encodeShellFrame(problemOf(error))));
}

const problemOf = (error: ShoalError): ShellFrame => ({ type: 'problem', text: JSON.stringify(problemOfError(error)) });
