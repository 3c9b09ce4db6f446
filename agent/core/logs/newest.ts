/** Keeps the newest so many, within so many characters. */
export class Newest<T> {
  readonly #countMax: number;
  readonly #charsMax: number;
  readonly #sizeOf: (item: T) => number;
  #items: T[] = [];
  #first = 0;
  #chars = 0;

  constructor(countMax: number, charsMax: number, sizeOf: (item: T) => number) {
    this.#countMax = countMax;
    this.#charsMax = charsMax;
    this.#sizeOf = sizeOf;
  }

  add(item: T): void {
    this.#items.push(item);
    this.#chars += this.#sizeOf(item);
    while (this.#items.length - this.#first > this.#countMax || this.#chars > this.#charsMax) {
      const dropped = this.#items[this.#first];
      if (dropped === undefined) break;
      this.#first += 1;
      this.#chars -= this.#sizeOf(dropped);
    }
    // Not at each one: that would move all the others each time.
    if (this.#first > 1_024 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
  }

  get items(): readonly T[] {
    return this.#items.slice(this.#first);
  }
}
