import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { ShoalError } from '../../../protocol/errors.ts';
import type { MeshId } from '../../../protocol/ids.ts';
import { makeCall } from './calls.ts';
import { createNode } from './node.ts';
import { protocolStrings } from './protocols.ts';

export interface DialJoinOptions {
  /** The joining host's own key; the member on the other side sees its id proved. As `HostIdentity.privateKey`. */
  readonly privateKey: Uint8Array;
  readonly meshId: MeshId;
  /** Multiaddrs of members, each with `/p2p/<host id>`: the token names whom to trust. Tried in order. */
  readonly addresses: readonly string[];
  readonly request: Uint8Array;
  /** For each address. Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Makes the one call that a stranger may make, to the first address that answers it.
 *
 * @throws ShoalError host-unreachable, timeout or cancelled, or what the member answered (`token-invalid`, `evicted` ...)
 */
export async function dialJoin(options: DialJoinOptions): Promise<Uint8Array> {
  const { privateKey, meshId, addresses, request, timeoutMs, signal } = options;
  const node = await createNode(privateKeyFromProtobuf(privateKey), [], {});
  await node.start();
  try {
    let last: unknown = new ShoalError('host-unreachable', 'The token has no address.');
    for (const address of addresses) {
      try {
        return await makeCall(
          (deadline) => node.dialProtocol(trusted(address), protocolStrings(meshId, 'join'), { signal: deadline }),
          { method: 'join', body: request, id: 'join' },
          { timeoutMs, ...(signal && { signal }) },
        );
      } catch (error) {
        last = error;
        const isElsewhereWorthTrying =
          error instanceof ShoalError && ['host-unreachable', 'timeout', 'not-ready'].includes(error.code);
        if (!isElsewhereWorthTrying) break;
      }
    }
    throw last;
  } finally {
    await node.stop();
  }
}

/** Without a peer id anybody at that address could take the secret. */
function trusted(address: string) {
  if (!/\/p2p\/[1-9A-HJ-NP-Za-km-z]+$/.test(address))
    throw new ShoalError('invalid-request', 'A join address names its host.');
  return multiaddr(address);
}
