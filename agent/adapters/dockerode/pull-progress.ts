import type { PullProgress } from '../../ports/engine.ts';

/**
 * Adds up the layers of a pull. The engine tells each layer's bytes as they arrive, but its size only once it has begun, so
 * the total grows for a while.
 */
export class PullMeter {
  readonly #layers = new Map<string, PullProgress>();

  /** Takes one event of the engine; answers the sums when they changed. */
  take(event: Record<string, unknown>): PullProgress | undefined {
    const { id, status, progressDetail } = event;
    if (typeof id !== 'string') return undefined;
    const known = this.#layers.get(id);
    if (status === 'Download complete' && known !== undefined) {
      this.#layers.set(id, { ...known, bytes: known.totalBytes });
    } else if (status === 'Downloading' && typeof progressDetail === 'object' && progressDetail !== null) {
      const { current, total } = progressDetail as { current?: unknown; total?: unknown };
      this.#layers.set(id, { bytes: count(current), totalBytes: Math.max(count(total), count(current)) });
    } else {
      return undefined;
    }
    let bytes = 0;
    let totalBytes = 0;
    for (const layer of this.#layers.values()) {
      bytes += layer.bytes;
      totalBytes += layer.totalBytes;
    }
    return { bytes, totalBytes };
  }
}

const count = (value: unknown): number => (Number.isSafeInteger(value) ? Math.max(0, Number(value)) : 0);

/** The reason in an event that says that the pull failed; the stream itself ends as if all were well. */
export function failureOf(event: Record<string, unknown>): string | undefined {
  return typeof event.error === 'string' ? event.error : undefined;
}
