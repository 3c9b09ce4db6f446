import type { Screen } from '../outside.ts';

const ESC = '\u001b[';
// biome-ignore lint/suspicious/noControlCharactersInRegex: SGR colour sequences start with ESC
const COLOUR = /\u001b\[[0-9;]*m/y;

/** Cuts a line to `columns` visible characters; colour sequences take no room and stay whole. */
export function fitLine(line: string, columns: number): string {
  let shown = '';
  let width = 0;
  for (let at = 0; at < line.length; ) {
    COLOUR.lastIndex = at;
    const colour = COLOUR.exec(line)?.[0];
    if (colour !== undefined) {
      shown += colour;
      at += colour.length;
      continue;
    }
    const character = String.fromCodePoint(line.codePointAt(at) ?? 32);
    if (width < columns) shown += character;
    width++;
    at += character.length;
  }
  return shown;
}

/** Some lines at the end of a terminal that are drawn again in place. Lines that stay unchanged are not written again. */
export class LiveArea {
  readonly #screen: Screen;
  #shown: readonly string[] = [];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** How many lines fit: one stays free for the cursor. */
  get height(): number {
    return Math.max(3, this.#screen.rows() - 1);
  }

  draw(lines: readonly string[]): void {
    const columns = Math.max(20, this.#screen.columns());
    const next = lines.slice(0, this.height).map((line) => fitLine(line, columns - 1));
    let text = this.#shown.length === 0 ? '' : `${ESC}${this.#shown.length}A`;
    for (const [at, line] of next.entries()) {
      text += line === this.#shown[at] ? '\r\n' : `\r${ESC}2K${line}\r\n`;
    }
    const surplus = this.#shown.length - next.length;
    if (surplus > 0) text += `\r${ESC}0J`;
    this.#shown = next;
    this.#screen.write(`${ESC}?25l${text}${ESC}?25h`);
  }

  /** Leaves what is drawn and goes on below it. */
  release(): void {
    this.#shown = [];
  }
}
