const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes for people: at most one decimal, binary units, e.g. `512 MiB`, `1.2 GiB`. Rounds down, so that "free" is never flattered. */
export function humanBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Math.floor(value * 10) / 10} ${units[unit]}`;
}

/** Thousandths of a core for people: `0.5 cores`, `1 core`. */
export function humanCores(cpuMilli: number): string {
  const cores = Math.round(Math.max(0, cpuMilli) / 10) / 100;
  return `${cores} ${cores === 1 ? 'core' : 'cores'}`;
}

/** `1 replica`, `3 replicas`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
