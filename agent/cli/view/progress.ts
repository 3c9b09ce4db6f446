import { count } from './format.ts';

const BAR_CELLS = 16;

/** How far bytes are on their way. */
export interface ByteProgress {
  readonly bytes: number;
  /** 0 while unknown. */
  readonly totalBytes: number;
  /** Hosts they come from now. */
  readonly peers?: number;
}

/** `####............`. */
export function bar({ bytes, totalBytes }: ByteProgress, isUnicode: boolean): string {
  const filled = Math.min(BAR_CELLS, Math.floor((bytes / totalBytes) * BAR_CELLS));
  const [full, empty] = isUnicode ? ['█', '░'] : ['#', '.'];
  return full.repeat(filled) + empty.repeat(BAR_CELLS - filled);
}

/** `34/120 MB`, in units of the total. */
export function amount({ bytes, totalBytes }: ByteProgress): string {
  const mega = (value: number) =>
    value >= 10_000_000 || value === 0 ? Math.round(value / 1e6) : (value / 1e6).toFixed(1);
  return `${mega(bytes)}/${totalBytes === 0 ? '?' : mega(totalBytes)} MB`;
}

/** ` from 3 hosts`; empty when they come from none. */
export const sources = ({ peers = 0 }: ByteProgress): string => (peers === 0 ? '' : ` from ${count(peers, 'host')}`);

/** Four times as often as that, lines would only repeat themselves. */
export const quarter = ({ bytes, totalBytes }: ByteProgress): number =>
  totalBytes > 0 ? Math.floor((4 * bytes) / totalBytes) : 0;
