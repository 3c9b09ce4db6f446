/** Time and chance, so that services can be run under a virtual clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Milliseconds of a clock that never jumps. */
  monotonicMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** Calls back once after `delayMs`; returns the cancel function. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back every `periodMs`; returns the cancel function. */
  every(periodMs: number, callback: () => void): () => void;
}
