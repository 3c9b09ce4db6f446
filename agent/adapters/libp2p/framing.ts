/** Bytes a length prefix may take: enough for 256 MiB. */
const PREFIX_BYTES = 4;

/** `bytes` behind their length as an unsigned LEB128 varint. */
export function withLength(bytes: Uint8Array): Uint8Array {
  const prefix: number[] = [];
  let rest = bytes.length;
  for (; rest >= 0x80; rest >>>= 7) prefix.push((rest & 0x7f) | 0x80);
  prefix.push(rest);
  const framed = new Uint8Array(prefix.length + bytes.length);
  framed.set(prefix);
  framed.set(bytes, prefix.length);
  return framed;
}

/** Cuts a byte stream into its length-prefixed frames. Of no use any more once it has thrown. */
export class FrameReader {
  readonly #maxBytes: number;
  #prefixBytes = 0;
  #length = 0;
  /** The frame being filled, once its length is known and it did not come in one chunk. */
  #frame: Uint8Array | undefined;
  #filled = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The frames that this chunk completes. They may be windows into the chunk.
   *
   * @throws RangeError as soon as a frame is announced that is longer than allowed
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      at = this.#frame === undefined ? this.#readPrefix(chunk, at, frames) : this.#fill(this.#frame, chunk, at, frames);
    }
    return frames;
  }

  #readPrefix(chunk: Uint8Array, start: number, frames: Uint8Array[]): number {
    const byte = chunk[start] ?? 0;
    const at = start + 1;
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#prefixBytes++);
    const isLast = byte < 0x80;
    if (this.#length > this.#maxBytes || (!isLast && this.#prefixBytes === PREFIX_BYTES)) {
      throw new RangeError(`a frame may have at most ${this.#maxBytes} bytes`);
    }
    if (!isLast) return at;
    const end = at + this.#length;
    if (end > chunk.length) {
      this.#frame = new Uint8Array(this.#length);
      return at;
    }
    this.#complete(chunk.subarray(at, end), frames);
    return end;
  }

  #fill(frame: Uint8Array, chunk: Uint8Array, start: number, frames: Uint8Array[]): number {
    const end = Math.min(chunk.length, start + frame.length - this.#filled);
    frame.set(chunk.subarray(start, end), this.#filled);
    this.#filled += end - start;
    if (this.#filled === frame.length) this.#complete(frame, frames);
    return end;
  }

  #complete(frame: Uint8Array, frames: Uint8Array[]): void {
    frames.push(frame);
    this.#frame = undefined;
    this.#filled = 0;
    this.#prefixBytes = 0;
    this.#length = 0;
  }
}
