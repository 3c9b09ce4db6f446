const KiB = 1024;
const SIZES = [
  { unit: 'T', bytes: KiB ** 4 },
  { unit: 'G', bytes: KiB ** 3 },
  { unit: 'M', bytes: KiB ** 2 },
  { unit: 'K', bytes: KiB },
] as const;

/** Bytes as `256M` or `1.5G`: what the memory flags understand. */
export function formatBytes(bytes: number): string {
  const size = SIZES.find((candidate) => bytes >= candidate.bytes);
  if (size === undefined) return `${bytes}B`;
  const value = bytes / size.bytes;
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)}${size.unit}`;
}

/** Thousandths of a core as cores. */
export const formatCpu = (milli: number): string => String(Math.round(milli) / 1_000);

/** A duration in its two largest units at most: `12s`, `3m4s`, `5h`, `8d`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes}m${seconds % 60}s`;
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

/** Age of an RFC 3339 time; empty when there is none. */
export function formatAge(timestamp: string | undefined, nowMs: number): string {
  const atMs = Date.parse(timestamp ?? '');
  return Number.isNaN(atMs) ? '' : formatDuration(nowMs - atMs);
}

/** The first digits of a hash, as many as tell contents and commits apart by eye. */
export const shortHex = (hex: string | undefined): string => (hex ?? '').slice(0, 12);

/** Text of the network made safe for a terminal: no control characters, so nothing can move the cursor or hide a line. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '').replaceAll('\t', ' ');
}

/** The same JSON with such characters as escapes; JSON.stringify escapes only some of them. */
export const printableJson = (json: string): string =>
  json.replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });

/** One line of text made safe. */
export const printableLine = (text: string): string => printable(text).replaceAll('\n', ' ');

/** `1 host`, `3 hosts`. */
export const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;
