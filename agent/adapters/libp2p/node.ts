import type { ConnectionGater, PrivateKey } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2p } from 'libp2p';
import { limits } from '../../../protocol/limits.ts';
import { batched, frugal } from './economy.ts';

const MiB = 1024 * 1024;

/** A dial, all addresses included. Milliseconds. */
export const DIAL_MS = 3_000;
/** One address of several; a black hole must not use up the whole dial. Milliseconds. */
const ADDRESS_DIAL_MS = 1_500;
/** Encryption and multiplexing of a new connection, and the choice of a protocol on a new stream. Milliseconds. */
export const HANDSHAKE_MS = 3_000;

/**
 * A libp2p node with nothing but connections: TCP, noise, yamux. No identify (addresses and protocols are known), no
 * discovery (the member list is ours), no monitor (liveness is decided by the core, silence by the links).
 */
export function createNode(privateKey: PrivateKey, listen: readonly string[], gater: ConnectionGater): Promise<Libp2p> {
  return createLibp2p({
    privateKey,
    start: false,
    addresses: { listen: [...listen] },
    transports: [tcp()],
    connectionEncrypters: [batched(noise())],
    streamMuxers: [
      frugal(
        yamux({
          // A window larger than the read buffer would get the streams of a slow reader reset.
          streamOptions: { maxStreamWindowSize: 4 * MiB, maxReadBufferLength: 8 * MiB },
          // A burst of calls reaches the other side before its handshake is quite done.
          maxEarlyStreams: 4 * limits.callsPerPeer,
        }),
      ),
    ],
    connectionGater: gater,
    connectionMonitor: { enabled: false },
    connectionManager: {
      // Two for each member while both dial each other.
      maxConnections: 2 * limits.members + limits.strangers,
      maxParallelDials: 100,
      dialTimeout: DIAL_MS,
      addressDialTimeout: ADDRESS_DIAL_MS,
      // Addresses come best first; libp2p would put public ones in front.
      addressSorter: () => 0,
      inboundUpgradeTimeout: HANDSHAKE_MS,
      inboundStreamProtocolNegotiationTimeout: HANDSHAKE_MS,
      outboundStreamProtocolNegotiationTimeout: HANDSHAKE_MS,
      // A whole mesh may come back at once, behind one address.
      inboundConnectionThreshold: 200,
      maxIncomingPendingConnections: 200,
    },
  });
}
