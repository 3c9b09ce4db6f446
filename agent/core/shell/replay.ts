/** Some output of a process. */
export interface Output {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

const SMALL_BYTES = 4 * 1024;

/** The newest output of a session, by its place in all of it. Holds at most `maxBytes`, and the one chunk that is newest. */
export class Replay {
  readonly #maxBytes: number;
  #chunks: Output[] = [];
  #start = 0;
  #end = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Offset of the first byte that is still there. */
  get start(): number {
    return this.#start;
  }

  /** Offset after the last byte: how many there were. */
  get end(): number {
    return this.#end;
  }

  add({ stream, bytes }: Output): void {
    this.#append(stream, bytes);
    this.#end += bytes.length;
    while (this.#chunks.length > 1 && this.#end - this.#start > this.#maxBytes) {
      const first = this.#chunks.shift();
      if (first === undefined) break;
      this.#start += first.bytes.length;
    }
  }

  /** Echoes of single keys share a chunk: a million of them would take far more than their bytes. */
  #append(stream: Output['stream'], bytes: Uint8Array): void {
    const last = this.#chunks.at(-1);
    if (last?.stream !== stream || last.bytes.length + bytes.length > SMALL_BYTES) {
      this.#chunks.push({ stream, bytes });
      return;
    }
    const joined = new Uint8Array(last.bytes.length + bytes.length);
    joined.set(last.bytes);
    joined.set(bytes, last.bytes.length);
    this.#chunks[this.#chunks.length - 1] = { stream, bytes: joined };
  }

  /** What comes at an offset that is still there: at most so many bytes of one stream, undefined at the end. */
  at(offset: number, maxBytes: number): Output | undefined {
    let place = this.#start;
    for (const { stream, bytes } of this.#chunks) {
      const within = offset - place;
      if (within >= 0 && within < bytes.length) return { stream, bytes: bytes.subarray(within, within + maxBytes) };
      place += bytes.length;
    }
    return undefined;
  }
}
