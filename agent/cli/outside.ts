/** A place that text goes to. */
export interface Screen {
  write(text: string | Uint8Array): void;
  /** Resolves when it has room for more, for who writes without end. Absent: always. */
  hasRoom?(): Promise<void>;
  readonly isTty: boolean;
  /** Width in characters, now. */
  columns(): number;
  /** Height in lines, now. */
  rows(): number;
}

/** Everything the client touches besides files and HTTP, handed in so that a test needs no process. */
export interface Outside {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Data. */
  readonly out: Screen;
  /** Talk: hints, progress, errors. */
  readonly err: Screen;
  readonly in: NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
  /** Calls back when the terminal has another size, until the returned function is called. Absent: never. */
  onResize?(callback: () => void): () => void;
  /** Calls back on Ctrl-C until the returned function is called. */
  onInterrupt(callback: () => void): () => void;
}

/** Reads all of standard input, at most `maxBytes`. */
export async function readInput(input: Outside['in'], maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) throw new RangeError(`standard input is longer than ${maxBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
