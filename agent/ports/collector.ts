import type { ForwardedLine } from '../core/forward/line.ts';

/** A place to which lines of logs go. */
export interface CollectorTarget {
  /** `syslog+tcp://`, `syslog+tls://`, `http://` or `https://`. */
  readonly url: string;
  readonly header?: { readonly name: string; readonly value: string };
  readonly caPem?: string;
  /** Whether it has to prove who it is, with TLS. */
  readonly verify: boolean;
}

/** A way to a collector, opened with the first lines. */
export interface Collector {
  /**
   * Resolves when the collector has taken the lines; syslog never says so: there it is when they are on the wire.
   *
   * @throws ShoalError upstream-unavailable, upstream-denied
   */
  send(lines: readonly ForwardedLine[], signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Opens ways to collectors. */
export interface Collectors {
  open(target: CollectorTarget): Collector;
}
