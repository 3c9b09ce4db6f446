/** A rule of the system that did not hold in a simulation. */
class InvariantViolation extends Error {
  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.name = 'InvariantViolation';
  }
}

/** Throws when a rule does not hold; the detail is only made then. */
export function invariant(holds: boolean, rule: string, detail: () => string): void {
  if (!holds) throw new InvariantViolation(rule, detail());
}

/** Watches numbers that may only grow, each under its own name. */
export class NeverFalls {
  readonly #rule: string;
  readonly #seen = new Map<string, number>();

  constructor(rule: string) {
    this.#rule = rule;
  }

  see(name: string, value: number): void {
    const before = this.#seen.get(name) ?? Number.NEGATIVE_INFINITY;
    invariant(value >= before, this.#rule, () => `${name} fell from ${before} to ${value}`);
    this.#seen.set(name, value);
  }
}
