const KiB = 1024;
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes for people: `256 MiB`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= KiB && unit < units.length - 1) {
    value /= KiB;
    unit += 1;
  }
  const digits = value >= 100 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Thousandths of a core as cores: `0.25`, `4`. */
export const formatCores = (milli: number): string => String(Math.round(milli / 10) / 100);

/** Reads `512m`, `1.5 GiB` or plain bytes; undefined when it is none of them. */
export function parseBytes(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(text);
  if (match === null) return undefined;
  const power = ['', 'k', 'm', 'g', 't'].indexOf((match[2] ?? '').toLowerCase());
  return Math.round(Number(match[1]) * KiB ** power);
}

/** The shortest text that `parseBytes` reads as the same. */
export function writeBytes(bytes: number): string {
  const power = [4, 3, 2, 1].find((p) => bytes > 0 && bytes % KiB ** p === 0) ?? 0;
  return `${bytes / KiB ** power}${['', 'k', 'm', 'g', 't'][power]}`;
}

/** Reads `0.5` cores as thousandths; undefined when it is no number. */
export function parseCores(text: string): number | undefined {
  return /^\s*\d+(\.\d+)?\s*$/.test(text) ? Math.round(Number(text) * 1_000) : undefined;
}

const durationUnits = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** Reads `500ms`, `2s`, `5m`, `1h`, or seconds, as milliseconds; undefined when it is none of them. */
export function parseDuration(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)?\s*$/.exec(text);
  const [, unitMs = 1_000] = durationUnits.find(([unit]) => unit === match?.[2]) ?? [];
  return match === null ? undefined : Math.round(Number(match[1]) * unitMs);
}

/** The shortest text that `parseDuration` reads as the same. */
export function writeDuration(ms: number): string {
  const [unit, unitMs] = durationUnits.find(([, each]) => ms >= each && ms % each === 0) ?? ['s', 1_000];
  return `${ms / unitMs}${unit}`;
}
