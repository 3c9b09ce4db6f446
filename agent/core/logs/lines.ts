import { limits } from '../../../protocol/limits.ts';

/** A message as the engine noted it. */
export interface Message {
  readonly stream: 'stdout' | 'stderr';
  readonly at: string;
  readonly bytes: Uint8Array;
  readonly isLineEnd: boolean;
}

/** A line fit for JSON. */
export interface Line {
  readonly stream: 'stdout' | 'stderr';
  readonly at: string;
  readonly text: string;
  readonly isCut: boolean;
}

interface Partial {
  at: string;
  chunks: Uint8Array[];
  bytes: number;
  isCut: boolean;
}

const decoder = new TextDecoder();

/**
 * Puts the engine's messages together to lines. A long line is cut at `limits.logLineBytes` and the rest of it thrown away as it
 * comes; what is no UTF-8 becomes U+FFFD.
 */
export class LineJoiner {
  readonly #open: { stdout?: Partial; stderr?: Partial } = {};

  /** The line that this message ends, if it ends one. */
  take({ stream, at, bytes, isLineEnd }: Message): Line | undefined {
    const open = this.#open[stream];
    if (open === undefined && isLineEnd && bytes.length <= limits.logLineBytes) {
      return { stream, at, text: decode(bytes), isCut: false };
    }
    const line = open ?? { at, chunks: [], bytes: 0, isCut: false };
    const room = limits.logLineBytes - line.bytes;
    if (bytes.length > room) line.isCut = true;
    const kept = bytes.subarray(0, room);
    // A copy: a window would keep the whole chunk of the engine's answer.
    if (kept.length > 0) line.chunks.push(kept.slice());
    line.bytes += kept.length;
    this.#open[stream] = line;
    return isLineEnd ? this.#close(stream) : undefined;
  }

  /** What was written without a line end, at the end of the log. */
  rest(): Line[] {
    return (['stdout', 'stderr'] as const).flatMap((stream) => this.#close(stream) ?? []);
  }

  #close(stream: 'stdout' | 'stderr'): Line | undefined {
    const line = this.#open[stream];
    if (line === undefined) return undefined;
    delete this.#open[stream];
    const bytes = new Uint8Array(line.bytes);
    let at = 0;
    for (const chunk of line.chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return { stream, at: line.at, text: decode(bytes), isCut: line.isCut };
  }
}

const decode = (bytes: Uint8Array): string => decoder.decode(bytes).replace(/\r$/, '');
