/** A duration in its two largest units at most: `12s`, `3m 4s`, `5h`, `8d`. The same in every language. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes}m ${seconds % 60}s`;
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

/** Age of an RFC 3339 time; empty when it is none. */
export function formatAge(timestamp: string, nowMs: number): string {
  const atMs = Date.parse(timestamp);
  return Number.isNaN(atMs) ? '' : formatDuration(nowMs - atMs);
}

/** The whole time for people, in their zone. */
export function formatMoment(timestamp: string, locale: string): string {
  const at = new Date(timestamp);
  return Number.isNaN(at.getTime())
    ? timestamp
    : at.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'medium' });
}
