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

/** Somebody who looks at a session: the bytes it was sent and says it has shown. */
interface Viewer {
  readonly stream: Duplex;
  sent: number;
  acked: number;
  /** Bytes of its input: come, and taken by the process. */
  input: number;
  taken: number;
}

/**
 * A process in a container and those who look at it. Output is read from the engine only so far ahead of what the foremost
 * viewer has shown, so a flood of it costs no memory, and nothing is lost while nobody looks. A viewer that falls behind the replay
 * buffer goes on at its start.
 */
export class ShellSession {
  readonly #exec: Exec;
  readonly #replay = new Replay(limits.shellReplayBytes);
  readonly #viewers = new Set<Viewer>();
  readonly #nowMs: () => number;
  #foremost = 0;
  #wake = () => {};
  #exitCode: number | undefined;
  #isClosing = false;
  /** Monotonic. Milliseconds. */
  usedAtMs: number;

  constructor(exec: Exec, nowMs: () => number) {
    this.#exec = exec;
    this.#nowMs = nowMs;
    this.usedAtMs = nowMs();
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Reads the output until the process is over. Resolves with its exit code. */
  async run(): Promise<number> {
    try {
      for await (const output of this.#exec.output) {
        this.#replay.add(output);
        this.usedAtMs = this.#nowMs();
        for (const viewer of this.#viewers) this.#send(viewer);
        while (!this.#isClosing && this.#replay.end - this.#foremost >= limits.shellWindowBytes) await this.#acked();
      }
      this.#exitCode = await this.#exec.exitCode();
    } catch (error) {
      this.#fail(error instanceof ShoalError ? error : new ShoalError('internal', 'The shell cannot be read.'));
      this.#exitCode = 255;
    }
    for (const viewer of this.#viewers) this.#send(viewer);
    return this.#exitCode;
  }

  /** Shows the output from `offset` on to somebody, and takes what they type. */
  attach(stream: Duplex, offset: number): void {
    if (this.#viewers.size >= limits.shellViewers) {
      end(stream, new ShoalError('rate-limited', `A shell has at most ${limits.shellViewers} viewers.`));
      return;
    }
    const start = Math.min(Math.max(offset, this.#replay.start), this.#replay.end);
    const viewer: Viewer = { stream, sent: start, acked: start, input: 0, taken: 0 };
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
    this.#send(viewer);
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
    else if (frame.type === 'resize') void this.#exec.resize(frame.cols, frame.rows);
  }

  #type(viewer: Viewer, bytes: Uint8Array): void {
    viewer.input += bytes.length;
    if (viewer.input - viewer.taken > 2 * limits.shellInputBytes) {
      throw new ShoalError('too-large', 'More input than the process takes.');
    }
    this.#exec.write(bytes).then(
      () => {
        viewer.taken += bytes.length;
        write(viewer, { type: 'inputAck', offset: viewer.taken });
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
    if (this.#exitCode === undefined || viewer.sent < this.#replay.end) return;
    write(viewer, { type: 'exit', code: this.#exitCode });
    viewer.stream.end();
    this.#viewers.delete(viewer);
  }

  #fail(error: ShoalError): void {
    for (const { stream } of this.#viewers) stream.write(framed(problemFrame(error)));
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
  stream.on('error', () => {}).end(framed(problemFrame(error)));
}

const problemFrame = (error: ShoalError): Uint8Array =>
  encodeShellFrame({ type: 'problem', text: JSON.stringify(problemOfError(error)) });
