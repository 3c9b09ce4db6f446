import type { Container, Host } from '../../../protocol/schemas/host.ts';

/** A host and what lies in its lanes. */
export interface HostLanes {
  readonly host: Host;
  readonly containers: readonly Container[];
  /** All that a search may find it by, in lower case. */
  readonly words: string;
}

/**
 * The lanes of each host, hosts and containers by name. A host for which nothing changed keeps the object it had.
 *
 * @param known lanes by host id; brought up to date
 */
export function lanesOf(
  hosts: readonly Host[],
  containers: readonly Container[],
  known: Map<string, HostLanes>,
): readonly HostLanes[] {
  const byHost = Map.groupBy(containers, ({ hostId }) => hostId);
  const lanes = hosts.map((host) => {
    const own = (byHost.get(host.id) ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const before = known.get(host.id);
    const isSame =
      before?.host === host &&
      before.containers.length === own.length &&
      before.containers.every((container, index) => container === own[index]);
    return isSame && before !== undefined ? before : { host, containers: own, words: wordsOf(host, own) };
  });
  known.clear();
  for (const one of lanes) known.set(one.host.id, one);
  return lanes.toSorted((a, b) => a.host.name.localeCompare(b.host.name, 'en', { numeric: true }));
}

const wordsOf = (host: Host, containers: readonly Container[]): string =>
  [host.name, host.zone, ...containers.map(({ group, app, name }) => `${group}/${app} ${name}`)]
    .join(' ')
    .toLowerCase();

/** The colour of an app, one of six, the same everywhere: its FNV-1a hash. */
export function colourOf(app: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < app.length; index++) hash = Math.imul(hash ^ app.charCodeAt(index), 0x01000193);
  return (((hash ^ (hash >>> 15)) >>> 0) % 6) + 1;
}
