import type { Host } from '../../protocol/schemas/host.ts';

/** Another member that serves this very page, and the way there. */
export type OtherMember =
  | { readonly name: string; readonly url: string }
  /** Its API is for that host alone: only somebody with a shell there gets to it. */
  | { readonly name: string; readonly port: number };

/**
 * The living members beside the one that serves this page, as far as they say where their API listens: those that a browser can
 * reach first.
 *
 * @param hash where the page is
 */
export function otherMembers(
  hosts: readonly Host[],
  servedBy: string | undefined,
  hash: string,
): readonly OtherMember[] {
  const others = hosts
    .filter(({ id, status }) => id !== servedBy && status === 'alive')
    .flatMap(({ name, api }): OtherMember[] => {
      const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(api ?? '');
      if (match === null) return [];
      const [, address = '', port] = match;
      // No agent speaks TLS by itself; whoever puts something in front of it names that to people.
      return [isLoopback(address) ? { name, port: Number(port) } : { name, url: `http://${address}:${port}/${hash}` }];
    });
  return [...others.filter((other) => 'url' in other), ...others.filter((other) => 'port' in other)];
}

const isLoopback = (address: string): boolean => /^(127\.[0-9.]+|\[::1\]|localhost)$/.test(address);
