import type { LogMessage } from '../../ports/engine.ts';

const HEADER_BYTES = 8;
/** The engine cuts lines at 16 KiB. */
const FRAME_BYTES_MAX = 1024 * 1024;
const NEWLINE = 10;
const SPACE = 32;
const STDERR = 2;
/** `2026-01-31T12:00:00.123456789Z` */
const TIME_CHARS = 30;

/** Cuts a stream of the engine into its frames (Docker Engine API, "Stream format"). */
export class StreamFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws RangeError when it is not such a stream */
  push(chunk: Buffer): { readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer }[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: { stream: 'stdout' | 'stderr'; bytes: Buffer }[] = [];
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const length = bytes.readUInt32BE(at + 4);
      if ((bytes[at] ?? 255) > STDERR || bytes.readUIntBE(at + 1, 3) !== 0 || length > FRAME_BYTES_MAX) {
        throw new RangeError('the stream of the engine is not framed');
      }
      const end = at + HEADER_BYTES + length;
      if (end > bytes.length) break;
      frames.push({
        stream: bytes[at] === STDERR ? 'stderr' : 'stdout',
        bytes: bytes.subarray(at + HEADER_BYTES, end),
      });
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

/** Cuts the stream of an engine's log answer, asked for with timestamps, into its messages. */
export class LogFrameReader {
  readonly #frames = new StreamFrames();

  /** @throws RangeError when it is not such a stream */
  push(chunk: Buffer): LogMessage[] {
    return this.#frames.push(chunk).map(({ stream, bytes }) => messageOf(stream, bytes));
  }
}

function messageOf(stream: LogMessage['stream'], frame: Buffer): LogMessage {
  const split = frame.indexOf(SPACE);
  const isLineEnd = frame.at(-1) === NEWLINE;
  const time = frame.toString('latin1', 0, split);
  return {
    stream,
    at: time.length === TIME_CHARS ? time : inNanoseconds(time),
    bytes: frame.subarray(split + 1, isLineEnd ? -1 : undefined),
    isLineEnd,
  };
}

/** Some log drivers leave out zeros at the end. */
function inNanoseconds(time: string): string {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.');
  return `${seconds}.${fraction.slice(0, 9).padEnd(9, '0')}Z`;
}

/** A moment as the engine's queries want it: seconds since the epoch, with nanoseconds. */
export function engineTime(moment: string): string {
  const [, fraction = ''] = /\.(\d+)Z$/.exec(moment) ?? [];
  return `${Math.floor(Date.parse(moment) / 1_000)}.${fraction.slice(0, 9).padEnd(9, '0')}`;
}

/**
 * The text of an engine's log answer: frames of `[stream, 0, 0, 0, length as 4 bytes big-endian]` and that many bytes
 * (Docker Engine API, "Stream format"); raw bytes when the container has a terminal.
 */
export function textOfLog(bytes: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const isFramed = at + HEADER_BYTES <= bytes.length && (bytes[at] ?? 255) <= 2 && bytes.readUIntBE(at + 1, 3) === 0;
    if (!isFramed) return bytes.toString('utf8');
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Text fit to be shown: no escape sequences and no control characters besides line ends and tabs. */
export const printable = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
