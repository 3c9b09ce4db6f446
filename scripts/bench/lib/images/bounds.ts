const BITS = 8;
/** Payload of a full packet over what the limit counts of it: 1448 of 1514 bytes at an MTU of 1500. */
export const GOODPUT = 1448 / 1514;

/** Bandwidth, each way, in Mbit/s. */
export interface Links {
  readonly originMbit: number;
  readonly hostMbit: readonly number[];
}

/** No way of handing out `sizeBytes` to all hosts can end sooner. Milliseconds. */
export interface Bounds {
  /** However often bytes leave the origin (Kurose and Ross, Computer Networking, peer-to-peer file distribution). */
  readonly fluidMs: number;
  /** Each byte leaves the origin once. */
  readonly oneCopyMs: number;
  /** Every host gets all from the origin. */
  readonly directMs: number;
}

export function boundsOf(sizeBytes: number, { originMbit, hostMbit }: Links): Bounds {
  const ms = (bytes: number, mbit: number) => (bytes * BITS) / (mbit * GOODPUT * 1_000);
  const hosts = hostMbit.length;
  const allMbit = hostMbit.reduce((sum, mbit) => sum + mbit, 0);
  const atLeastMs = Math.max(ms(sizeBytes, originMbit), ms(sizeBytes, Math.min(...hostMbit)));
  return {
    fluidMs: Math.max(atLeastMs, ms(hosts * sizeBytes, originMbit + allMbit)),
    oneCopyMs: Math.max(atLeastMs, ms((hosts - 1) * sizeBytes, allMbit)),
    directMs: Math.max(atLeastMs, ms(hosts * sizeBytes, originMbit)),
  };
}
