/** Input of a shell that may not have arrived yet: after a broken connection it is sent again. */
export class TypedInput {
  #chunks: Uint8Array[] = [];
  #start = 0;
  #heldBytes = 0;
  /** There will be no more. */
  isEnded = false;

  /** How much has not arrived, as far as is known. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  add(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#heldBytes += bytes.length;
  }

  /** All before `offset` is there. */
  arrived(offset: number): void {
    while (this.#start < offset) {
      const first = this.#chunks[0];
      if (first === undefined) return;
      const bytes = Math.min(first.length, offset - this.#start);
      if (bytes === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(bytes);
      this.#start += bytes;
      this.#heldBytes -= bytes;
    }
  }

  get rest(): readonly Uint8Array[] {
    return this.#chunks;
  }
}
