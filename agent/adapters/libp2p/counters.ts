import type { TransportStats } from '../../ports/transport.ts';

/** The transport's counters while they grow. */
export type Counters = { -readonly [K in keyof TransportStats]: TransportStats[K] };

export const newCounters = (): Counters => ({
  sentBytes: 0,
  receivedBytes: 0,
  droppedMessages: 0,
  rejectedFrames: 0,
  rejectedPeers: 0,
});
