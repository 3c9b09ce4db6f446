import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { castEvent, castHeader } from '../../core/shell/asciicast.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Folder } from '../../ports/folder.ts';

/** What was shown is on the disk so soon. Milliseconds. */
const FLUSH_MS = 500;
const FLUSH_BYTES = 64 * 1024;
/** Kept for the mark at the end. */
const END_BYTES = 1_024;

export interface RecorderParts {
  readonly folder: Folder;
  readonly clock: Clock;
  readonly file: string;
  readonly tty: boolean;
  /** The recording has grown by so many bytes. */
  readonly onGrown: (bytes: number) => void;
  /** It ends here though the shell goes on. */
  readonly onCut: (why: string) => void;
}

/** Writes one recording: output, sizes, and how it ended. What is typed is not written down: it may hold passwords. */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #decoder = new TextDecoder();
  readonly #startedMs: number;
  #text = '';
  #bytes = 0;
  #isCut = false;
  #cancelFlush: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#startedMs = parts.clock.monotonicMs();
  }

  /** @throws ShoalError not-stored */
  async begin(about: { cols: number; rows: number; command: string; title: string }): Promise<void> {
    const { folder, clock, file, onGrown } = this.#parts;
    const { cols: width, rows: height, command, title } = about;
    const header = Buffer.from(castHeader({ width, height, startedAtMs: clock.nowMs(), command, title }));
    await folder.put(file, header);
    this.#bytes = header.length;
    onGrown(header.length);
  }

  async output(bytes: Uint8Array): Promise<void> {
    // Without a terminal nothing turns a line end into the start of the next line.
    const text = this.#decoder.decode(bytes, { stream: true });
    await this.#add('o', this.#parts.tty ? text : text.replace(/\r?\n/g, '\r\n'));
  }

  async resize(cols: number, rows: number): Promise<void> {
    await this.#add('r', `${cols}x${rows}`);
  }

  async end(code: number): Promise<void> {
    if (!this.#isCut) this.#text += this.#event('m', `exit ${code}`);
    await this.#flush();
  }

  async #add(code: 'o' | 'r', data: string): Promise<void> {
    if (this.#isCut || data === '') return;
    const line = this.#event(code, data);
    if (this.#bytes + this.#text.length + line.length > limits.recordingBytes - END_BYTES) {
      this.#cut(`it has ${limits.recordingBytes} bytes, the most it may have`);
      return;
    }
    this.#text += line;
    if (this.#text.length >= FLUSH_BYTES) await this.#flush();
    else this.#cancelFlush ??= this.#parts.clock.after(FLUSH_MS, () => void this.#flush());
  }

  #event(code: 'o' | 'r' | 'm', data: string): string {
    return castEvent(this.#parts.clock.monotonicMs() - this.#startedMs, code, data);
  }

  #cut(why: string): void {
    this.#text += this.#event('m', `the rest is not recorded: ${why}`);
    this.#isCut = true;
    void this.#flush();
    this.#parts.onCut(why);
  }

  /** One write at a time, in order. */
  #flush(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    this.#writing = this.#writing.then(() => this.#write(bytes));
    return this.#writing;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    const { folder, file, onGrown, onCut } = this.#parts;
    try {
      await folder.append(file, bytes);
      this.#bytes += bytes.length;
      onGrown(bytes.length);
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      if (!this.#isCut) onCut('the disk takes no more');
      this.#isCut = true;
    }
  }
}
