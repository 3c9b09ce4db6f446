import { ShoalError } from '../../protocol/errors.ts';
import type { ForwardedLine } from '../core/forward/line.ts';
import type { Collector, Collectors, CollectorTarget } from './collector.ts';

/** Collectors in memory, by their address. */
export class MemoryCollectors implements Collectors {
  readonly lines = new Map<string, ForwardedLine[]>();
  /** Addresses that take nothing. */
  readonly dead = new Set<string>();

  open({ url }: CollectorTarget): Collector {
    return {
      send: async (lines) => {
        if (this.dead.has(url)) throw new ShoalError('upstream-unavailable', `${url} does not answer.`);
        this.lines.set(url, [...(this.lines.get(url) ?? []), ...lines]);
      },
      close: () => {},
    };
  }
}
