import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Interfaces that lead to this host's own containers and machines: their addresses mean other things elsewhere. */
const INNER = /^(docker\d|br-[0-9a-f]{12}$|veth|virbr|podman|cni|flannel)/;

/** The network interfaces of this host by name, as `os.networkInterfaces` gives them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * Addresses that others can dial, from those we listen on: a listener on all interfaces stands for each address of the
 * host, loopback ones only if there are no others.
 */
export function reachableAddresses(
  listening: readonly string[],
  interfaces: Interfaces = networkInterfaces(),
): readonly string[] {
  const expanded = listening.flatMap((address) => {
    const [, family, host, rest] = /^\/(ip4|ip6)\/([^/]+)(\/.*)$/.exec(address) ?? [];
    if (host !== '0.0.0.0' && host !== '::') return [{ address, isLoopback: host === '127.0.0.1' || host === '::1' }];
    return hostAddresses(interfaces, family === 'ip4' ? 'IPv4' : 'IPv6').map(({ address: ip, internal }) => ({
      address: `/${family}/${ip}${rest}`,
      isLoopback: internal,
    }));
  });
  const outer = expanded.filter(({ isLoopback }) => !isLoopback);
  return [...new Set((outer.length > 0 ? outer : expanded).map(({ address }) => address))];
}

/** IPv6 link-local addresses need an interface name to be dialled, so they are of no use to others. */
function hostAddresses(interfaces: Interfaces, family: 'IPv4' | 'IPv6'): NetworkInterfaceInfo[] {
  return Object.entries(interfaces)
    .filter(([name]) => !INNER.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter((address) => address.family === family && !address.address.startsWith('fe80:'));
}
