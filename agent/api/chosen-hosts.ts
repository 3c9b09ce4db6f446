import { ShoalError } from '../../protocol/errors.ts';
import type { HostId } from '../../protocol/ids.ts';
import type { Host } from '../../protocol/schemas/host.ts';
import { compareText } from '../core/order.ts';
import { match } from '../core/placement/constraints.ts';
import type { Platform } from '../services/platform.ts';

/** Which hosts a request means. Neither: all. */
export interface HostChoice {
  /** Names or ids. */
  readonly hosts?: readonly string[];
  readonly cluster?: string;
}

/**
 * The hosts that are to do a request's work, each once, sorted. A host that is named must be there; of a cluster, and of the
 * whole mesh, those that are.
 *
 * @throws ShoalError invalid-request, not-found, or conflict, with the field
 */
export function chosenHosts(platform: Platform, { hosts, cluster }: HostChoice): HostId[] {
  if (hosts !== undefined && cluster !== undefined) {
    throw new ShoalError('invalid-request', 'Name hosts or a cluster, not both.', {
      faults: [{ pointer: '/cluster', detail: 'not together with hosts' }],
    });
  }
  const found = hosts === undefined ? hostsHere(platform, cluster) : namedHosts(platform, hosts);
  return [...new Set(found.map(({ id }) => id))].sort(compareText);
}

function namedHosts(platform: Platform, names: readonly string[]): Host[] {
  const found = names.map((name, index) => {
    const host = platform.host(name);
    if (host !== undefined) return host;
    const faults = [{ pointer: `/hosts/${index}`, detail: 'no such host' }];
    throw new ShoalError('not-found', `There is no host "${name}".`, { faults });
  });
  const away = found.filter((host) => !isHere(host));
  if (away.length === 0) return found;
  const named = [...new Set(away.map(({ name, status }) => `${name} (${status})`))].join(', ');
  throw new ShoalError('conflict', `Not all of these hosts are there: ${named}. Leave them out.`, {
    faults: [{ pointer: '/hosts', detail: `not there: ${named}` }],
  });
}

function hostsHere(platform: Platform, cluster: string | undefined): Host[] {
  const selector = cluster === undefined || cluster === 'default' ? [] : selectorOf(platform, cluster);
  const found = platform.hosts().filter((host) => isHere(host) && match(host.labels, selector).ok);
  if (found.length > 0) return found;
  const where = cluster === undefined ? 'No host' : `No host of cluster "${cluster}"`;
  const pointer = cluster === undefined ? '/hosts' : '/cluster';
  throw new ShoalError('conflict', `${where} is there to do it.`, {
    faults: [{ pointer, detail: 'no host is there' }],
  });
}

function selectorOf(platform: Platform, name: string) {
  const cluster = platform.clusters().find(({ item }) => item.name === name);
  if (cluster !== undefined) return cluster.item.selector;
  throw new ShoalError('not-found', `There is no cluster "${name}".`, {
    faults: [{ pointer: '/cluster', detail: 'no such cluster' }],
  });
}

/** One that is suspected is probably slow only. */
const isHere = ({ status }: Host): boolean => status === 'alive' || status === 'suspect';
