/**
 * What a pure step may know of the world besides its event. No clock, no I/O and no randomness is reached any other way.
 */
export interface Context {
  /** Wall clock of this member, milliseconds since the Unix epoch. May be wrong by minutes, may jump. */
  readonly nowMs: number;
  /** Uniform in [0, 1); seeded in simulations. */
  readonly rng: () => number;
}

/** For the end of a `switch` over a union: fails to compile when a case is missing, throws when one slips through. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
