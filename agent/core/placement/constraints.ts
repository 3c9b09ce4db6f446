import type { FieldFault } from '../../../protocol/errors.ts';
import type { Constraint } from '../../../protocol/schemas/common.ts';

export type Match =
  | { readonly ok: true }
  | { readonly ok: false; readonly constraint: Constraint; readonly detail: string };

/**
 * Whether labels fit every constraint; otherwise the first one that does not, with a sentence.
 * `==` and `in` need the label to have one of the values; `!=` also fits a host without the label; a comparison needs a number.
 */
export function match(labels: Readonly<Record<string, string>>, constraints: readonly Constraint[]): Match {
  for (const constraint of constraints) {
    const value = Object.hasOwn(labels, constraint.label) ? labels[constraint.label] : undefined;
    if (fits(value, constraint)) continue;
    const has = value === undefined ? 'the host has no such label' : `the host has ${shown(value)}`;
    return { ok: false, constraint, detail: `needs ${describe(constraint)}, ${has}` };
  }
  return { ok: true };
}

function fits(value: string | undefined, { op, values }: Constraint): boolean {
  if (op === '==' || op === 'in') return value !== undefined && values.includes(value);
  if (op === '!=') return value === undefined || !values.includes(value);
  const [actual, wanted] = [Number(value ?? Number.NaN), Number(values[0] ?? Number.NaN)];
  switch (op) {
    case '<':
      return actual < wanted;
    case '<=':
      return actual <= wanted;
    case '>':
      return actual > wanted;
    case '>=':
      return actual >= wanted;
  }
}

/** Pointers to what is wrong with constraints beyond their schema: a comparison takes one number. */
export function constraintFaults(constraints: readonly Constraint[], pointer: string): FieldFault[] {
  return constraints.flatMap(({ op, values }, index): FieldFault[] => {
    const isComparison = op === '<' || op === '<=' || op === '>' || op === '>=';
    const [value = '', ...more] = values;
    if (!isComparison || (more.length === 0 && value.trim() !== '' && Number.isFinite(Number(value)))) return [];
    return [{ pointer: `${pointer}/${index}/values`, detail: `${op} compares with one number` }];
  });
}

/** A constraint as people write it: `disk == ssd`, `zone in (a, b)`. */
function describe({ label, op, values }: Constraint): string {
  const [only] = values;
  const operator = op === 'in' || values.length > 1 ? (op === '!=' ? 'not in' : 'in') : op;
  const list = operator === 'in' || operator === 'not in' ? `(${values.map(shown).join(', ')})` : shown(only ?? '');
  return `${label} ${operator} ${list}`.slice(0, 512);
}

const shown = (value: string): string => (value === '' ? '""' : value.slice(0, 64));
