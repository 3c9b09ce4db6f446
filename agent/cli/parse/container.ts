import type { Constraint } from '../../../protocol/schemas/common.ts';
import type { Affinity, PortSpec, Spread, VersionSpec } from '../../../protocol/schemas/version.ts';
import { usage } from '../failure.ts';
import { parseName, parsePair } from './values.ts';

type VolumeSpec = NonNullable<VersionSpec['volumes']>[number];

function port(text: string, whole: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value < 1 || value > 65_535) {
    throw usage(`'${whole}' is not a port: write it as CONTAINER or HOST:CONTAINER, with /udp if need be`);
  }
  return value;
}

/** `80`, `80/udp`, `8080:80/tcp`. Without a host port the host that runs the container picks a free one. */
export function parsePort(text: string): PortSpec {
  const [numbers = '', protocol = 'tcp', ...rest] = text.split('/');
  if ((protocol !== 'tcp' && protocol !== 'udp') || rest.length > 0) {
    throw usage(`'${text}' is not a port: the protocol is tcp or udp`);
  }
  const parts = numbers.split(':');
  if (parts.length > 2) throw usage(`'${text}': a port cannot be bound to one address; write HOST:CONTAINER`);
  if (numbers.includes('-')) throw usage(`'${text}': ranges are not supported; give -p once for each port`);
  const [first = '', second] = parts;
  return second === undefined
    ? { container: port(first, text), protocol }
    : { host: port(first, text), container: port(second, text), protocol };
}

/** `NAME:/path`, `NAME:/path:ro`. Only named volumes: a path of the host would tie the app to that host unseen. */
export function parseVolume(text: string): VolumeSpec {
  const [name = '', target, mode = 'rw', ...rest] = text.split(':');
  if (name.startsWith('/') || name.startsWith('.')) {
    throw usage(`'${text}': directories of a host cannot be mounted; name a volume, like data:/var/lib/data`);
  }
  if (target === undefined || !target.startsWith('/') || rest.length > 0 || (mode !== 'ro' && mode !== 'rw')) {
    throw usage(`'${text}' is not a volume: write it as NAME:/path or NAME:/path:ro`);
  }
  return { name: parseName(name, 'volume'), target, ...(mode === 'ro' ? { readOnly: true } : {}) };
}

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9._/-]*[a-zA-Z0-9])?';
const COMPARISON = new RegExp(`^(${LABEL})\\s*(==|!=|>=|<=|>|<)\\s*(.+)$`);
const MEMBERSHIP = new RegExp(`^(${LABEL})\\s+in\\s+\\(?([^()]+)\\)?$`);

const OPERATORS: readonly Constraint['op'][] = ['==', '!=', 'in', '>=', '<=', '>', '<'];

/** `zone==a`, `zone!=a`, `zone in (a,b)`; `==` and `!=` take several values separated by commas too. */
export function parseConstraint(text: string): Constraint {
  const comparison = COMPARISON.exec(text.trim());
  const membership = MEMBERSHIP.exec(text.trim());
  const [, label, op, list] = comparison ?? [undefined, membership?.[1], 'in', membership?.[2]];
  const values = (list ?? '').split(',').map((value) => value.trim());
  const known = OPERATORS.find((operator) => operator === op);
  if (label === undefined || known === undefined || values.includes('')) {
    throw usage(`'${text}' is not a constraint: write it as zone==a, zone!=a, 'zone in (a,b)' or 'cores>=16'`);
  }
  return { label, op: known, values };
}

/** `KEY=VALUE`, or `KEY` alone to pass on the variable of this shell. */
export function parseEnv(text: string, shell: Readonly<Record<string, string | undefined>>): readonly [string, string] {
  if (text.includes('=')) return parsePair(text, 'variable');
  const value = shell[text];
  if (value === undefined) throw usage(`variable ${text} is not set in this shell: write ${text}=VALUE, or export it`);
  return [text, value];
}

/** Lines `KEY=VALUE`; empty lines and lines that start with `#` are skipped. Values are taken as they stand, as Docker does. */
export function parseEnvFile(
  text: string,
  shell: Readonly<Record<string, string | undefined>>,
): readonly (readonly [string, string])[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => parseEnv(line, shell));
}

/** `with=db`, `apart=shop/batch`, with `!` behind it when a host that does not fit is to be refused: `apart=batch!`. */
export function parseAffinity(text: string): Affinity {
  const [, rule, app, must] = /^(with|apart)=([a-z0-9/-]+)(!?)$/.exec(text) ?? [];
  if ((rule !== 'with' && rule !== 'apart') || app === undefined) {
    throw usage(`'${text}' is no affinity: write it as with=APP or apart=GROUP/APP, with ! behind it if it is a must`);
  }
  return { app, rule, ...(must === '!' ? { required: true } : {}) };
}

/** `zone`, or with weights `class:big=3,small=1`. */
export function parseSpread(text: string): Spread {
  const [label = '', ...rest] = text.split(':');
  if (rest.length === 0) return { label };
  const weights = rest
    .join(':')
    .split(',')
    .map((pair) => parsePair(pair, 'weight'));
  const wrong = weights.find(([, weight]) => !(Number(weight) > 0));
  if (wrong !== undefined) throw usage(`'${wrong[1]}' is no weight: it is a number above 0`);
  return { label, weights: Object.fromEntries(weights.map(([value, weight]) => [value, Number(weight)])) };
}
