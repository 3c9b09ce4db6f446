/** The last lines of what happened, kept for the report of a failure. */
export class Trace {
  readonly #lines: (() => string)[] = [];
  readonly #size: number;
  #next = 0;

  constructor(size = 200) {
    this.#size = size;
  }

  /** Lines are made only when somebody reads them. */
  add(line: () => string): void {
    this.#lines[this.#next % this.#size] = line;
    this.#next += 1;
  }

  lines(): string[] {
    const from = Math.max(0, this.#next - this.#size);
    return Array.from({ length: this.#next - from }, (_, index) => this.#lines[(from + index) % this.#size]?.() ?? '');
  }
}
