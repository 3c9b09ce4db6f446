import type { Constraint } from '../../protocol/schemas/common.ts';
import type { Affinity, Spread, VersionSpec } from '../../protocol/schemas/version.ts';

/** Rules as one types them, in the words of the command line; each reader says undefined for what it can't read. */

type Volume = NonNullable<VersionSpec['volumes']>[number];
type Port = NonNullable<VersionSpec['ports']>[number];

/** Lines that say something, without the blanks around them. */
export const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Reads every line; undefined when one can't be read. */
export const eachLine =
  <T>(read: (line: string) => T | undefined) =>
  (text: string): T[] | undefined => {
    const found = lines(text).map(read);
    return found.some((one) => one === undefined) ? undefined : found.filter((one) => one !== undefined);
  };

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9._/-]*[a-zA-Z0-9])?';
const comparison = new RegExp(`^(${LABEL})\\s*(==|!=|>=|<=|>|<)\\s*(.+)$`);
const membership = new RegExp(`^(${LABEL})\\s+in\\s+\\(?([^()]+)\\)?$`);
const operators: readonly Constraint['op'][] = ['==', '!=', 'in', '>=', '<=', '>', '<'];

/** `zone==a`, `arch!=arm64`, `zone in (a,b)`, `cores>=16`. */
export function readConstraint(line: string): Constraint | undefined {
  const among = membership.exec(line);
  const [, label, op, list] = among === null ? (comparison.exec(line) ?? []) : [undefined, among[1], 'in', among[2]];
  const known = operators.find((operator) => operator === op);
  const values = (list ?? '').split(',').map((value) => value.trim());
  return label === undefined || known === undefined || values.includes('') ? undefined : { label, op: known, values };
}

export const writeConstraint = ({ label, op, values }: Constraint): string =>
  op === 'in' ? `${label} in (${values.join(',')})` : `${label}${op}${values.join(',')}`;

/** `with=db`, `apart=shop/batch`; with `!` behind it a must. */
export function readAffinity(line: string): Affinity | undefined {
  const [, rule, app, must] = /^(with|apart)=([a-z0-9/-]+)(!?)$/.exec(line) ?? [];
  if ((rule !== 'with' && rule !== 'apart') || app === undefined) return undefined;
  return { app, rule, ...(must === '!' ? { required: true } : {}) };
}

export const writeAffinity = ({ rule, app, required }: Affinity): string => `${rule}=${app}${required ? '!' : ''}`;

/** `zone`, or with weights `class:big=3,small=1`. */
export function readSpread(line: string): Spread | undefined {
  const [label = '', ...rest] = line.split(':');
  if (rest.length === 0) return { label };
  const weights = rest
    .join(':')
    .split(',')
    .map((pair): readonly [string, number] => {
      const at = pair.lastIndexOf('=');
      return [pair.slice(0, Math.max(0, at)).trim(), at < 1 ? Number.NaN : Number(pair.slice(at + 1))];
    });
  return weights.every(([, weight]) => weight > 0) ? { label, weights: Object.fromEntries(weights) } : undefined;
}

export const writeSpread = ({ label, weights }: Spread): string =>
  weights === undefined
    ? label
    : `${label}:${Object.entries(weights)
        .map((pair) => pair.join('='))
        .join(',')}`;

/** `data:/var/lib/data`, with `:ro` behind it read-only. */
export function readVolume(line: string): Volume | undefined {
  const [, name, target, mode] = /^([a-z0-9-]+):(\/[^:]*)(?::(ro|rw))?$/.exec(line) ?? [];
  if (name === undefined || target === undefined) return undefined;
  return { name, target, ...(mode === 'ro' ? { readOnly: true } : {}) };
}

export const writeVolume = ({ name, target, readOnly }: Volume): string =>
  `${name}:${target}${readOnly === true ? ':ro' : ''}`;

/** `80`, `8080:80`, `53/udp`. */
export function readPort(text: string): Port | undefined {
  const match = /^(?:(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/.exec(text);
  if (match === null) return undefined;
  return {
    ...(match[1] === undefined ? {} : { host: Number(match[1]) }),
    container: Number(match[2]),
    ...(match[3] === 'udp' ? { protocol: 'udp' as const } : {}),
  };
}

export const writePort = ({ host, container, protocol }: Port): string =>
  `${host === undefined ? '' : `${host}:`}${container}${protocol === 'udp' ? '/udp' : ''}`;

/** One `NAME=value` a line. */
export function readEnv(text: string): Record<string, string> | undefined {
  const pairs = text.split('\n').filter((line) => line.trim() !== '');
  if (pairs.some((line) => line.indexOf('=') < 1)) return undefined;
  return Object.fromEntries(
    pairs.map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1)]),
  );
}

export const readWhole = (text: string): number | undefined =>
  /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : undefined;
