import type { PublishedPort } from '../../../protocol/schemas/host.ts';
import type { PortSpec } from '../../../protocol/schemas/version.ts';

/** `tcp/8080`: one port of the host. */
export type PortKey = `${'tcp' | 'udp'}/${number}`;

/** Where automatic host ports come from, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export type PortChoice =
  | { readonly ok: true; readonly ports: readonly PublishedPort[] }
  /** `port` is the fixed one that is taken, or undefined when the range has no free one left. */
  | { readonly ok: false; readonly port: PortKey | undefined };

export const portKey = (port: Pick<PublishedPort, 'host' | 'protocol'>): PortKey => `${port.protocol}/${port.host}`;

/**
 * Host ports for one replica: fixed ones as asked, automatic ones from the range, starting at a random place so that a port
 * just freed is not handed to another app at once.
 */
export function choosePorts(
  specs: readonly PortSpec[],
  isTaken: (key: PortKey) => boolean,
  range: PortRange,
  rng: () => number,
): PortChoice {
  const fixed = fixedPorts(specs);
  const refused = fixed.find((key, index) => isTaken(key) || fixed.indexOf(key) < index);
  if (refused !== undefined) return { ok: false, port: refused };

  const chosen = new Set<PortKey>(fixed);
  const ports: PublishedPort[] = [];
  for (const spec of specs) {
    const protocol = spec.protocol ?? 'tcp';
    const host = spec.host ?? freePort(protocol, (key) => chosen.has(key) || isTaken(key), range, rng);
    if (host === undefined) return { ok: false, port: undefined };
    chosen.add(portKey({ host, protocol }));
    ports.push({ container: spec.container, host, protocol });
  }
  return { ok: true, ports };
}

/** Whether published ports are what the specs ask for, automatic ones aside. */
export const fitsSpecs = (ports: readonly PublishedPort[], specs: readonly PortSpec[]): boolean =>
  ports.length === specs.length &&
  specs.every((spec, index) => {
    const port = ports[index];
    if (port === undefined || port.container !== spec.container) return false;
    return port.protocol === (spec.protocol ?? 'tcp') && (spec.host === undefined || spec.host === port.host);
  });

const fixedPorts = (specs: readonly PortSpec[]): PortKey[] =>
  specs.flatMap(({ host, protocol }) => (host === undefined ? [] : [portKey({ host, protocol: protocol ?? 'tcp' })]));

function freePort(
  protocol: 'tcp' | 'udp',
  isTaken: (key: PortKey) => boolean,
  { first, last }: PortRange,
  rng: () => number,
): number | undefined {
  const size = last - first + 1;
  const start = Math.floor(rng() * size);
  for (let step = 0; step < size; step++) {
    const host = first + ((start + step) % size);
    if (!isTaken(portKey({ host, protocol }))) return host;
  }
  return undefined;
}
