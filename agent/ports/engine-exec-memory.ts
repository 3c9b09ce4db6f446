import type { Exec, ExecRequest } from './engine.ts';

type Output = Exec['output'] extends AsyncIterable<infer T> ? T : never;

const KILLED = 129;
const FLOOD_BYTES = 16 * 1024;

/**
 * A process of the engine's twin: `cat` gives back its input, `yes` writes without end, `sh` gives its input back too until it
 * is told `exit CODE`; anything else prints itself and is done.
 */
export class MemoryExec implements Exec {
  readonly id: string;
  readonly #request: ExecRequest;
  readonly #queue: Output[] = [];
  #wake = () => {};
  #exit: number | undefined;
  /** Columns and rows, as last set. */
  size: readonly [number, number];

  constructor(request: ExecRequest, id = 'exec') {
    this.id = id;
    this.#request = request;
    this.size = [request.cols, request.rows];
    const [verb] = request.command;
    if (verb === 'cat' || verb === 'sh' || verb === 'yes') return;
    this.#print(`${request.command.join(' ')}\n`);
    this.#end(0);
  }

  get output(): AsyncIterable<Output> {
    return this.#read();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#exit !== undefined) return;
    const text = Buffer.from(bytes).toString();
    const code = /^exit (\d+)/m.exec(text)?.[1];
    if (this.#request.command[0] === 'sh' && code !== undefined) this.#end(Number(code));
    else this.#print(text);
  }

  endInput(): void {
    this.#end(0);
  }

  async resize(cols: number, rows: number): Promise<void> {
    this.size = [cols, rows];
  }

  async exitCode(): Promise<number> {
    return this.#exit ?? KILLED;
  }

  async kill(): Promise<void> {
    this.#end(KILLED);
  }

  async *#read(): AsyncGenerator<Output> {
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) yield next;
      else if (this.#exit !== undefined) return;
      else if (this.#request.command[0] === 'yes') {
        yield { stream: 'stdout', bytes: Buffer.alloc(FLOOD_BYTES, 'y\n') };
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #print(text: string): void {
    this.#queue.push({ stream: 'stdout', bytes: Buffer.from(text) });
    this.#wake();
  }

  #end(exitCode: number): void {
    this.#exit ??= exitCode;
    this.#wake();
  }
}
