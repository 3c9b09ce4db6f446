import type { Host } from '../../protocol/schemas/host.ts';

/** Where the page is, as far as it matters here. */
interface Place {
  readonly protocol: string;
  readonly port: string;
  readonly hash: string;
}

/**
 * Where other members may serve this very page: at the addresses that the mesh knows, on this page's port. Whether they listen
 * there is up to each; a page can't find out before it is opened.
 */
export function otherAddresses(
  hosts: readonly Host[],
  servedBy: string | undefined,
  { protocol, port, hash }: Place,
): readonly { readonly name: string; readonly url: string }[] {
  return hosts
    .filter(({ id, status }) => id !== servedBy && status === 'alive')
    .flatMap(({ name, addresses }) => {
      const address = addresses.map(hostOf).find((found) => found !== undefined);
      if (address === undefined) return [];
      return [{ name, url: `${protocol}//${address}${port === '' ? '' : `:${port}`}/${hash}` }];
    });
}

/** `/ip4/10.0.0.1/tcp/7421`, `/ip6/…`, `/dns/…`; nothing else becomes part of a link. */
function hostOf(multiaddr: string): string | undefined {
  const match = /^\/(ip4|ip6|dns[46]?)\/([A-Za-z0-9.:-]+)\//.exec(multiaddr);
  if (match === null) return undefined;
  return match[1] === 'ip6' ? `[${match[2]}]` : match[2];
}
