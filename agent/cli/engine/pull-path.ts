import type { LocalEngine } from './engine-socket.ts';

/** What the mesh's registry has to be, for an engine to find it. */
export interface MeshRegistry {
  /** `http://127.0.0.1:5000` */
  readonly registry: string;
  /** `http://127.0.0.1:5001`: every name is Docker Hub's there. */
  readonly mirror: string;
}

/** How `docker pull` of a name as people write it gets to the mesh on one engine. */
export type PullPath =
  /** `registry-mirrors` in the engine's configuration: for names of Docker Hub only (moby up to 27, or a graph driver). */
  | { readonly kind: 'registry-mirrors'; readonly file: string; readonly isConfigured: boolean }
  /** `certs.d/_default/hosts.toml`: for every registry (moby from 28 on with containerd's store). */
  | { readonly kind: 'hosts-toml'; readonly file: string; readonly isConfigured: boolean };

const HOSTS_TOML_FROM = 28;
const DAEMON_JSON = '/etc/docker/daemon.json';
const HOSTS_TOML = '/etc/docker/certs.d/_default/hosts.toml';

/** @param read a file's text; undefined when there is none */
export function pullPathOf(
  engine: LocalEngine,
  mesh: MeshRegistry,
  read: (file: string) => string | undefined,
): PullPath {
  const major = Number(/^\d+/.exec(engine.version)?.[0] ?? 0);
  if (engine.hasContainerdStore && major >= HOSTS_TOML_FROM) {
    return { kind: 'hosts-toml', file: HOSTS_TOML, isConfigured: read(HOSTS_TOML)?.includes(mesh.registry) === true };
  }
  return { kind: 'registry-mirrors', file: DAEMON_JSON, isConfigured: engine.mirrors.includes(mesh.mirror) };
}

/**
 * The engine's configuration with the mesh as first mirror; what else it says stays.
 *
 * @throws Error when the file is no JSON object
 */
export function withMirror(text: string | undefined, mirror: string): string {
  const before: unknown = text === undefined || text.trim() === '' ? {} : JSON.parse(text);
  if (typeof before !== 'object' || before === null || Array.isArray(before)) throw new Error('it is no JSON object');
  const configured = 'registry-mirrors' in before ? before['registry-mirrors'] : [];
  const others = (Array.isArray(configured) ? configured : []).filter((other) => other !== mirror);
  return `${JSON.stringify({ ...before, 'registry-mirrors': [mirror, ...others] }, undefined, 2)}\n`;
}

/** For every registry (containerd documentation, registry host configuration): the mesh first, the registry itself when it is away. */
export const hostsToml = (registry: string): string =>
  [
    '# Written by "shoal doctor --configure-engine": images of every registry come through the mesh.',
    `[host."${registry}"]`,
    '  capabilities = ["pull", "resolve"]',
    '',
  ].join('\n');
