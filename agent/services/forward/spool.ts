import type { ForwardedLine } from '../../core/forward/line.ts';
import { SEGMENT_BYTES, type Segment, Segments } from '../../core/forward/segments.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Folder } from '../../ports/folder.ts';
import type { Store } from '../../ports/store.ts';
import { decodeJson, encodeJson } from '../catalog/record-body.ts';

/** Lines are on the disk so soon. Milliseconds. */
const FLUSH_MS = 500;
const FLUSH_BYTES = 256 * 1024;
/** What is sent at once. */
const BATCH_BYTES = 256 * 1024;
const BATCH_LINES = 1_000;

/** How far a place has come, on disk: what was sent, and which lines of each container are in the spool. */
interface Mark {
  readonly segment: number;
  readonly bytes: number;
  readonly containers: Readonly<Record<string, string>>;
}

/** Lines to send, and where they are in the spool. */
export interface Batch {
  readonly lines: readonly ForwardedLine[];
  readonly segment: number;
  readonly bytes: number;
  readonly count: number;
}

export interface SpoolParts {
  readonly name: string;
  readonly folder: Folder;
  readonly store: Store;
  readonly clock: Clock;
  readonly maxBytes: number;
  /** So many lines went because there were too many. */
  readonly onLost: (lines: number) => void;
  /** There is something to send. */
  readonly onLines: () => void;
}

/** Lines of this host that wait for a collector, on disk: bounded, the oldest go. A crash may repeat lines of its last second. */
export class Spool {
  readonly #parts: SpoolParts;
  readonly #written = new Map<string, string>();
  #segments: Segments;
  #text: string[] = [];
  #chars = 0;
  #positions = new Map<string, string>();
  #cancelFlush: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(parts: SpoolParts, found: readonly Segment[]) {
    this.#parts = parts;
    this.#segments = new Segments(parts.maxBytes, found);
  }

  static async open(parts: SpoolParts): Promise<Spool> {
    const { folder, store, name } = parts;
    const found: Segment[] = [];
    for (const file of await folder.list()) {
      const number = numberOf(name, file.name);
      if (number !== undefined)
        found.push({ number, sizeBytes: file.sizeBytes, lines: await linesOf(folder, file.name) });
    }
    const spool = new Spool(parts, found);
    const mark = readMark(await store.get(keyOf(name)));
    spool.#segments.resume(mark.segment, mark.bytes);
    for (const [id, at] of Object.entries(mark.containers)) spool.#written.set(id, at);
    return spool;
  }

  /** Forgets all of a place that logs go to no more. */
  static async remove({ name, folder, store }: Pick<SpoolParts, 'name' | 'folder' | 'store'>): Promise<void> {
    for (const file of await folder.list()) if (numberOf(name, file.name) !== undefined) await folder.remove(file.name);
    await store.write([{ type: 'del', key: keyOf(name) }]);
  }

  get waitingBytes(): number {
    return this.#segments.waitingBytes + this.#chars;
  }

  /** The newest line of a container that is in the spool, or was. */
  position(containerId: string): string | undefined {
    return this.#positions.get(containerId) ?? this.#written.get(containerId);
  }

  /** Forgets where containers were that are gone. */
  retain(containerIds: ReadonlySet<string>): void {
    for (const id of this.#written.keys()) if (!containerIds.has(id)) this.#written.delete(id);
  }

  /** Resolves when there is room for more. */
  async add(containerId: string, lines: readonly ForwardedLine[]): Promise<void> {
    for (const line of lines) {
      const text = `${JSON.stringify(line)}\n`;
      this.#text.push(text);
      this.#chars += text.length;
    }
    const last = lines.at(-1);
    if (last !== undefined) this.#positions.set(containerId, last.at);
    if (this.#chars >= FLUSH_BYTES) await this.flush();
    else this.#cancelFlush ??= this.#parts.clock.after(FLUSH_MS, () => void this.flush());
  }

  /** The oldest lines that were not sent; undefined when there are none. */
  async next(): Promise<Batch | undefined> {
    for (;;) {
      const oldest = this.#segments.oldest;
      if (oldest === undefined || this.#segments.waitingBytes === 0) return undefined;
      const { folder, name } = this.#parts;
      const bytes = await folder.read(fileOf(name, oldest.number), this.#segments.sentBytes, BATCH_BYTES);
      const batch = batchOf(oldest.number, bytes);
      if (batch.lines.length > 0) return batch;
      // Nothing in it is a line: the rest of what a crash left.
      await this.sent({ ...batch, bytes: oldest.sizeBytes });
    }
  }

  async sent({ segment, bytes, count }: Batch): Promise<void> {
    const { folder, name } = this.#parts;
    const done = this.#segments.sent(segment, bytes, count);
    if (done !== undefined) await folder.remove(fileOf(name, done));
    await this.#mark();
  }

  /** One write at a time, in order. */
  flush(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const [text, count, positions] = [this.#text.join(''), this.#text.length, this.#positions];
    [this.#text, this.#chars, this.#positions] = [[], 0, new Map()];
    this.#writing = this.#writing.then(() => this.#write(Buffer.from(text), count, positions));
    return this.#writing;
  }

  async #write(bytes: Buffer, count: number, positions: ReadonlyMap<string, string>): Promise<void> {
    for (const [id, at] of positions) this.#written.set(id, at);
    if (count === 0) return;
    const { folder, name, onLost, onLines } = this.#parts;
    try {
      const segment = this.#segments.room();
      await folder.append(fileOf(name, segment.number), bytes);
      segment.sizeBytes += bytes.length;
      segment.lines += count;
      for (const { number, lostLines } of this.#segments.overflow()) {
        onLost(lostLines);
        await folder.remove(fileOf(name, number));
      }
      await this.#mark();
    } catch {
      // A disk that takes nothing: these lines can't wait.
      onLost(count);
    }
    onLines();
  }

  async #mark(): Promise<void> {
    const mark: Mark = {
      segment: this.#segments.oldest?.number ?? 0,
      bytes: this.#segments.sentBytes,
      containers: Object.fromEntries(this.#written),
    };
    await this.#parts.store.write([{ type: 'put', key: keyOf(this.#parts.name), value: encodeJson(mark) }]);
  }
}

const keyOf = (name: string): string => `forward/${name}`;
const fileOf = (name: string, number: number): string => `${name}.${String(number).padStart(9, '0')}.ndjson`;

function numberOf(name: string, file: string): number | undefined {
  const [of, number, ending] = file.split('.');
  return of === name && ending === 'ndjson' && /^\d{9}$/.test(number ?? '') ? Number(number) : undefined;
}

async function linesOf(folder: Folder, file: string): Promise<number> {
  let lines = 0;
  for (let at = 0; ; at += SEGMENT_BYTES) {
    const bytes = await folder.read(file, at, SEGMENT_BYTES);
    for (const byte of bytes) if (byte === 10) lines += 1;
    if (bytes.length < SEGMENT_BYTES) return lines;
  }
}

/** Whole lines only, as many as may go at once. What is no line is passed over. */
function batchOf(segment: number, bytes: Uint8Array): Batch {
  const lines: ForwardedLine[] = [];
  let [at, count] = [0, 0];
  while (count < BATCH_LINES) {
    const end = bytes.indexOf(10, at);
    if (end < 0) break;
    const line = parseLine(Buffer.from(bytes.subarray(at, end)).toString());
    if (line !== undefined) lines.push(line);
    [at, count] = [end + 1, count + 1];
  }
  return { lines, segment, bytes: at, count };
}

/** Our own file: what parses is a line. */
function parseLine(text: string): ForwardedLine | undefined {
  try {
    return JSON.parse(text) as ForwardedLine;
  } catch {
    return undefined;
  }
}

function readMark(bytes: Uint8Array | undefined): Mark {
  const none: Mark = { segment: 0, bytes: 0, containers: {} };
  if (bytes === undefined) return none;
  try {
    return decodeJson<Mark>(bytes, (value) => typeof value === 'object' && value !== null, 'mark');
  } catch {
    return none;
  }
}
