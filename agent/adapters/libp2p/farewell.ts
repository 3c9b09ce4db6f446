import type { Connection } from '@libp2p/interface';
import type { Clock } from '../../ports/clock.ts';
import { endConnection } from './connections.ts';
import { withLength } from './framing.ts';
import { HANDSHAKE_MS } from './node.ts';

/** The last frame has this long to arrive before the connection ends. Milliseconds. */
const LINGER_MS = 1_000;

/**
 * Tells a host that it was evicted, and ends its connection. Without this it would take all the others for dead and
 * start their containers: nobody else talks to it any more.
 *
 * @param protocols of the gossip stream that carries the frame
 */
export async function dismiss(
  connection: Connection,
  protocols: readonly string[],
  frame: Uint8Array,
  clock: Clock,
): Promise<void> {
  try {
    const stream = await connection.newStream([...protocols], { signal: AbortSignal.timeout(HANDSHAKE_MS) });
    stream.send(withLength(frame));
    clock.after(LINGER_MS, () => endConnection(connection, 'evicted'));
  } catch {
    // It comes again, and is told then.
    endConnection(connection, 'evicted');
  }
}
