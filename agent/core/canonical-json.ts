import { sortedByKey } from './order.ts';

/**
 * JSON text that is the same for equal values, whatever order their members were set in: keys sorted by UTF-16 code units,
 * no white space (as RFC 8785 does; numbers and strings are written by JSON.stringify, which that RFC is built on).
 * What is compared, hashed, signed or gossiped is written this way, so that nothing travels when nothing changed.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, sortMembers);
}

function sortMembers(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return sortedByKey(value as Record<string, unknown>);
}
