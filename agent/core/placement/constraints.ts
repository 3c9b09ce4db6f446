import type { Constraint } from '../../../protocol/schemas/common.ts';

export type Match =
  | { readonly ok: true }
  | { readonly ok: false; readonly constraint: Constraint; readonly detail: string };

/**
 * Whether labels fit every constraint; otherwise the first one that does not, with a sentence.
 * `==` and `in` need the label to have one of the values; `!=` also fits a host without the label.
 */
export function match(labels: Readonly<Record<string, string>>, constraints: readonly Constraint[]): Match {
  for (const constraint of constraints) {
    const value = Object.hasOwn(labels, constraint.label) ? labels[constraint.label] : undefined;
    const isListed = value !== undefined && constraint.values.includes(value);
    if (isListed !== (constraint.op === '!=')) continue;
    const has = value === undefined ? 'the host has no such label' : `the host has ${shown(value)}`;
    return { ok: false, constraint, detail: `needs ${describe(constraint)}, ${has}` };
  }
  return { ok: true };
}

/** A constraint as people write it: `disk == ssd`, `zone in (a, b)`. */
function describe({ label, op, values }: Constraint): string {
  const [only] = values;
  const operator = op === 'in' || values.length > 1 ? (op === '!=' ? 'not in' : 'in') : op;
  const list = operator === 'in' || operator === 'not in' ? `(${values.map(shown).join(', ')})` : shown(only ?? '');
  return `${label} ${operator} ${list}`.slice(0, 512);
}

const shown = (value: string): string => (value === '' ? '""' : value.slice(0, 64));
