import { ShoalError } from '../../../protocol/errors.ts';

const PREFIX_BYTES = 4;
/** One frame between members. */
const FRAME_BYTES_MAX = 128 * 1024;

/** A frame behind its length, four bytes big-endian. */
export function framed(frame: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + frame.length);
  bytes.writeUInt32BE(frame.length);
  bytes.set(frame, PREFIX_BYTES);
  return bytes;
}

/** Cuts a stream of bytes into its frames. */
export class FrameCutter {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws ShoalError too-large as soon as a frame is announced that is too long */
  push(chunk: Buffer): Uint8Array[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Uint8Array[] = [];
    let at = 0;
    while (at + PREFIX_BYTES <= bytes.length) {
      const length = bytes.readUInt32BE(at);
      if (length > FRAME_BYTES_MAX) throw new ShoalError('too-large', 'A frame of a shell is too long.');
      const end = at + PREFIX_BYTES + length;
      if (end > bytes.length) break;
      frames.push(bytes.subarray(at + PREFIX_BYTES, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}
