import { limits } from '../../../protocol/limits.ts';
import { usage } from '../failure.ts';

const KiB = 1024;
/** Slower than that, layers would not arrive at all. Bytes a second. */
const RATE_MIN = 64 * KiB;
const sizeUnits: Readonly<Record<string, number>> = { '': 1, k: KiB, m: KiB ** 2, g: KiB ** 3, t: KiB ** 4 };
const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `256m`, `1.5g`, `512MiB` or plain bytes. Units are binary, as Docker's are. */
function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  const unit = sizeUnits[match?.[2]?.toLowerCase() ?? ''];
  if (match === null || unit === undefined) throw usage(`'${text}' is not a size: write it like 256m or 1.5g`);
  const bytes = Math.round(Number(match[1]) * unit);
  if (!Number.isSafeInteger(bytes)) throw usage(`${text} is too much`);
  return bytes;
}

/** As `parseBytes`, within what a container may have. */
export function parseMemory(text: string): number {
  const bytes = parseBytes(text);
  if (bytes < limits.memoryBytesMin) throw usage(`${text} is too little memory: Docker needs at least 6m`);
  if (bytes > limits.memoryBytesMax) throw usage(`${text} is more memory than any host has`);
  return bytes;
}

/** A bound, or the word that says there is none; commander would make null an empty text. */
export type Bound = number | 'none';

/** The bound as the API takes it. */
export const boundOrNull = (bound: Bound): number | null => (bound === 'none' ? null : bound);

/** As `parseBytes`, or `none`. */
export const parseQuota = (text: string): Bound => (text === 'none' ? text : parseBytes(text));

/** Bytes a second, like `50m` or `50m/s`, or `none`. */
export function parseRate(text: string): Bound {
  if (text === 'none') return text;
  const bytes = parseBytes(text.replace(/\/s$/, ''));
  if (bytes < RATE_MIN) throw usage(`${text} is too slow: at least 64k`);
  return bytes;
}

/** Cores as `0.5` or `2`, or thousandths of a core as `500m`. Returns thousandths. */
export function parseCpu(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(text.trim());
  if (match === null) throw usage(`'${text}' is not a number of cores: write it like 0.5, 2 or 500m`);
  const milli = Math.round(Number(match[1]) * (match[2] === 'm' ? 1 : 1_000));
  if (milli < 1 || milli > 4_096_000) throw usage(`${text} cores: must be between 0.001 and 4096`);
  return milli;
}

/** `500ms`, `30s`, `5m`, `1h30m`, `7d`. Returns milliseconds. */
export function parseDuration(text: string): number {
  const trimmed = text.trim();
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(trimmed)) {
    throw usage(`'${text}' is not a duration: write it with a unit, like 30s, 5m or 1h30m`);
  }
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (durationUnits[unit ?? ''] ?? 0);
  }
  return Math.round(total);
}

/** Makes a parser of whole numbers within bounds; `what` names them in the error. */
export function wholeNumber(what: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw usage(`'${text}' is not a ${what}: it must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

export const parseReplicas = wholeNumber('number of replicas', 0, limits.replicas);
const parseVersionNumber = wholeNumber('version number', 1, limits.versionsPerApp);

/** `3`, or `v3` as it is shown. */
export const parseVersion = (text: string): number => parseVersionNumber(text.replace(/^v/, ''));

/** `KEY=VALUE`; the value may be empty and may contain `=`. */
export function parsePair(text: string, what: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`'${text}' is not a ${what}: write it as KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function parseName(text: string, what: string): string {
  if (!NAME.test(text)) {
    throw usage(`'${text}' cannot name a ${what}: use lower-case letters, digits and inner dashes, at most 63`);
  }
  return text;
}

/** `GROUP/APP`. */
export function parseApp(text: string): { readonly group: string; readonly app: string } {
  const [group, app, ...rest] = text.split('/');
  if (group === undefined || app === undefined || rest.length > 0) {
    throw usage(`'${text}' does not name an app: write it as GROUP/APP, like shop/web`);
  }
  return { group: parseName(group, 'group'), app: parseName(app, 'app') };
}
