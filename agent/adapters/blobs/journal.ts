import type { FileHandle } from 'node:fs/promises';
import { limits } from '../../../protocol/limits.ts';
import { pieceCountOf } from '../../core/images/pieces.ts';
import { writeFully } from './file-bytes.ts';

const HEAD = /^shoal-partial 1 (\d{1,15}) (\d{1,15})$/;
const PIECE = /^(\d{1,6}) ([0-9a-f]{64})$/;
const SYNCED = /^synced (\d{1,6})$/;

/** What a journal tells of a partial blob. */
export interface JournalRecord {
  readonly sizeBytes: number;
  readonly addedAtMs: number;
  readonly isPinned: boolean;
  /** SHA-256 of each piece that was written, lower-case hex. */
  readonly pieces: ReadonlyMap<number, string>;
  /** Of these, those whose bytes were synced before the journal said so. */
  readonly vouched: ReadonlySet<number>;
  /** Where the journal goes on: a line that was torn is written over. */
  readonly endBytes: number;
  readonly pieceLines: number;
}

/** A journal that vouches for these pieces. */
export function journalText({
  sizeBytes,
  addedAtMs,
  isPinned,
  pieces,
}: Pick<JournalRecord, 'sizeBytes' | 'addedAtMs' | 'isPinned' | 'pieces'>): string {
  const lines = [`shoal-partial 1 ${sizeBytes} ${addedAtMs}`];
  if (isPinned) lines.push('pinned');
  for (const [piece, sha256] of pieces) lines.push(`${piece} ${sha256}`);
  if (pieces.size > 0) lines.push(`synced ${pieces.size}`);
  return `${lines.join('\n')}\n`;
}

/** Reads as far as the lines are whole; undefined when not even the head is. */
export function parseJournal(text: string): JournalRecord | undefined {
  const end = text.indexOf('\n');
  const [, sizeText, addedText] = HEAD.exec(text.slice(0, Math.max(0, end))) ?? [];
  const sizeBytes = Number(sizeText);
  if (addedText === undefined || sizeBytes > limits.blobBytes) return undefined;
  const count = pieceCountOf(sizeBytes);
  const lines: (readonly [piece: number, sha256: string])[] = [];
  let [endBytes, isPinned, vouchedLines] = [end + 1, false, 0];
  for (let next = text.indexOf('\n', endBytes); next >= 0; next = text.indexOf('\n', endBytes)) {
    const line = text.slice(endBytes, next);
    const [, piece, sha256] = PIECE.exec(line) ?? [];
    const [, synced] = SYNCED.exec(line) ?? [];
    if (sha256 !== undefined && Number(piece) < count) lines.push([Number(piece), sha256]);
    else if (synced !== undefined && Number(synced) <= lines.length) vouchedLines = Number(synced);
    else if (line === 'pinned' || line === 'unpinned') isPinned = line === 'pinned';
    else break;
    endBytes = next + 1;
  }
  const vouched = new Set(lines.slice(0, vouchedLines).map(([piece]) => piece));
  return {
    sizeBytes,
    addedAtMs: Number(addedText),
    isPinned,
    pieces: new Map(lines),
    vouched,
    endBytes,
    pieceLines: lines.length,
  };
}

/**
 * The lines of one partial blob's journal, appended one after the other. A line that failed is written over by the next, so a
 * disk that was full leaves nothing torn in between.
 */
export class Journal {
  #endBytes: number;
  #pieceLines: number;
  #last: Promise<void> = Promise.resolve();

  constructor(endBytes: number, pieceLines: number) {
    this.#endBytes = endBytes;
    this.#pieceLines = pieceLines;
  }

  /** Lines of pieces so far: what a sync that begins now can vouch for. */
  get pieceLines(): number {
    return this.#pieceLines;
  }

  async piece(file: FileHandle, piece: number, sha256: string): Promise<void> {
    await this.#append(file, `${piece} ${sha256}\n`, () => {
      this.#pieceLines++;
    });
  }

  /** The bytes behind the first `pieceLines` lines of pieces are on the disk. */
  synced(file: FileHandle, pieceLines: number): Promise<void> {
    return this.#append(file, `synced ${pieceLines}\n`);
  }

  pinned(file: FileHandle, isPinned: boolean): Promise<void> {
    return this.#append(file, isPinned ? 'pinned\n' : 'unpinned\n');
  }

  #append(file: FileHandle, line: string, onWritten?: () => void): Promise<void> {
    const written = this.#last.then(async () => {
      const bytes = Buffer.from(line, 'latin1');
      await writeFully(file, bytes, this.#endBytes);
      this.#endBytes += bytes.length;
      onWritten?.();
    });
    this.#last = written.catch(() => undefined);
    return written;
  }
}
