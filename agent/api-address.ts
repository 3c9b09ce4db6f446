import { isIP } from 'node:net';
import { API_ADDRESS_PATTERN } from '../protocol/schemas/host.ts';
import type { ListenAt } from './image-thread-contract.ts';

const pattern = new RegExp(API_ADDRESS_PATTERN);

/**
 * Where the HTTP API is to be found, `ADDRESS:PORT`. One that listens on all addresses is found where the agent is. Undefined
 * when nothing can be said that others could use, such as an address with a zone: they would refuse the host's record.
 *
 * @param meshAddresses multiaddrs that the agent tells others
 */
export function apiAddress({ address, port }: ListenAt, meshAddresses: readonly string[]): string | undefined {
  const isAny = address === '0.0.0.0' || address === '::';
  const host = isAny ? meshAddresses.map(hostIn).find((found) => found !== undefined) : address;
  if (host === undefined) return undefined;
  const text = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  return pattern.test(text) ? text : undefined;
}

const hostIn = (multiaddr: string): string | undefined => /^\/(?:ip[46]|dns[46]?)\/([^/]+)\//.exec(multiaddr)?.[1];
