import { hostname } from 'node:os';
import { Check } from 'typebox/value';
import { ShoalError } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import { Labels } from '../protocol/schemas/common.ts';

/** An IP address or host name, and a TCP port. */
interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** Settings of one agent, from the environment and flags. Sizes in bytes, CPU in thousandths of a core. */
export interface AgentConfig {
  readonly dataDir: string;
  readonly name: string;
  readonly dockerSocket: string;
  /** Where the HTTP API listens. */
  readonly api: ListenAddress;
  /** Where other agents connect. */
  readonly mesh: ListenAddress;
  /** The registry of the mesh, the mirror of Docker Hub, and where other hosts take pieces of layers. */
  readonly images: {
    readonly registry: ListenAddress | undefined;
    readonly mirror: ListenAddress | undefined;
    /** The registry for other machines: TLS, and a login with an API token. Files in PEM. */
    readonly secure: (ListenAddress & { readonly certFile: string; readonly keyFile: string }) | undefined;
    readonly pieces: ListenAddress;
    /** Of all blobs on this host; undefined: a quarter of the disk. */
    readonly quotaBytes: number | undefined;
    /** By which other registries are reached. */
    readonly proxies: Proxies;
  };
  /** Address told to others; by default the addresses listened on. */
  readonly advertise: string | undefined;
  /** Overrides of what the machine says of itself. */
  readonly capacity: { readonly memoryBytes?: number; readonly cpuMilli?: number; readonly reserveBytes?: number };
  readonly labels: Readonly<Record<string, string>>;
  readonly zone: string;
  /** Host ports that are published automatically. */
  readonly portRange: { readonly first: number; readonly last: number };
  readonly logLevel: string;
}

/** As `curl` and the engine know them. */
type Proxies = Readonly<Partial<Record<'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY', string>>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** A host's own facts are labels too, and a host record has room for `limits.labels` in all. */
const STARTUP_LABELS_MAX = limits.labels / 2;
const CORES_MAX = 4_096;
const ZONE_LENGTH_MAX = 128;
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/**
 * An empty variable counts as one that is not set, as service managers leave them.
 *
 * @throws ShoalError invalid-request naming the variable at fault
 */
export function readConfig(
  variables: Environment,
  flags: { dataDir?: string; name?: string; advertise?: string },
): AgentConfig {
  const env: Environment = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  return {
    dataDir: flags.dataDir ?? env.SHOAL_DATA_DIR ?? '/var/lib/shoal',
    name: readName(flags.name ?? env.SHOAL_NAME ?? hostname()),
    dockerSocket: env.SHOAL_DOCKER_SOCKET ?? '/var/run/docker.sock',
    api: readListen(env, 'SHOAL_API_LISTEN', '127.0.0.1:7420'),
    mesh: readListen(env, 'SHOAL_MESH_LISTEN', '0.0.0.0:7421'),
    images: {
      registry: readOptionalListen(env, 'SHOAL_REGISTRY_LISTEN', '127.0.0.1:5000'),
      mirror: readOptionalListen(env, 'SHOAL_MIRROR_LISTEN', '127.0.0.1:5001'),
      secure: readSecureListen(env),
      pieces: readListen(env, 'SHOAL_PIECES_LISTEN', '0.0.0.0:7422'),
      quotaBytes: readSize(env, 'SHOAL_IMAGES_QUOTA'),
      proxies: readProxies(env),
    },
    advertise: flags.advertise ?? env.SHOAL_ADVERTISE,
    capacity: {
      ...present('memoryBytes', readSize(env, 'SHOAL_MEMORY')),
      ...present('cpuMilli', readCpu(env, 'SHOAL_CPU')),
      ...present('reserveBytes', readSize(env, 'SHOAL_RESERVE_MEMORY')),
    },
    labels: readLabels(env.SHOAL_LABELS ?? ''),
    zone: readZone(env.SHOAL_ZONE ?? ''),
    portRange: readRange(env, 'SHOAL_HOST_PORTS', '20000-29999'),
    logLevel: readLogLevel(env.SHOAL_LOG_LEVEL ?? 'info'),
  };
}

const present = <K extends string>(key: K, value: number | undefined): { readonly [P in K]?: number } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: number });

const wrong = (variable: string, value: string, expected: string): ShoalError =>
  new ShoalError('invalid-request', `${variable}=${value}: expected ${expected}`, {
    faults: [{ pointer: variable, detail: `expected ${expected}` }],
  });

/** Host names may have dots and capitals; ours are labels of a DNS name. */
function readName(value: string): string {
  const name =
    value
      .toLowerCase()
      .split('.')[0]
      ?.replaceAll(/[^a-z0-9-]/g, '-')
      .replace(/^-+/, '')
      .slice(0, 63)
      .replace(/-+$/, '') ?? '';
  if (name === '') throw wrong('SHOAL_NAME', value, 'letters, digits and dashes');
  return name;
}

/** `off` turns a listener off. The registry asks nobody who they are, so it stays on the loopback addresses. */
function readOptionalListen(env: Environment, variable: string, fallback: string): ListenAddress | undefined {
  if (env[variable] === 'off') return undefined;
  const listen = readListen(env, variable, fallback);
  if (!/^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(listen.address)) {
    throw wrong(
      variable,
      `${listen.address}:${listen.port}`,
      'a loopback address such as 127.0.0.1:5000, or off; other machines: SHOAL_REGISTRY_TLS_LISTEN',
    );
  }
  return listen;
}

function readSecureListen(env: Environment): AgentConfig['images']['secure'] {
  const { SHOAL_REGISTRY_TLS_LISTEN: listen, SHOAL_REGISTRY_TLS_CERT: certFile, SHOAL_REGISTRY_TLS_KEY: keyFile } = env;
  if (listen === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    throw wrong(
      'SHOAL_REGISTRY_TLS_LISTEN',
      listen,
      'SHOAL_REGISTRY_TLS_CERT and SHOAL_REGISTRY_TLS_KEY beside it, files in PEM',
    );
  }
  return { ...readListen(env, 'SHOAL_REGISTRY_TLS_LISTEN', listen), certFile, keyFile };
}

/** In capitals or not, as other programs take them. */
function readProxies(env: Environment): Proxies {
  const proxies: { -readonly [K in keyof Proxies]: Proxies[K] } = {};
  for (const variable of ['HTTP_PROXY', 'HTTPS_PROXY'] as const) {
    const value = env[variable] ?? env[variable.toLowerCase()];
    if (value === undefined) continue;
    const url = URL.parse(value);
    // It may have a password, so it is not repeated.
    if (url === null || !/^https?:$/.test(url.protocol)) throw wrong(variable, '…', 'http://HOST:PORT');
    proxies[variable] = value;
  }
  const except = env.NO_PROXY ?? env.no_proxy;
  return { ...proxies, ...(except === undefined ? {} : { NO_PROXY: except }) };
}

function readListen(env: Environment, variable: string, fallback: string): ListenAddress {
  const value = env[variable] ?? fallback;
  const match = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  const address = match?.[1] ?? match?.[2];
  if (address === undefined || port > 65_535) throw wrong(variable, value, 'ADDRESS:PORT');
  return { address, port };
}

function readSize(env: Environment, variable: string): number | undefined {
  const value = env[variable];
  if (value === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)(i?b)?$/i.exec(value);
  const power = ['', 'k', 'm', 'g', 't'].indexOf((match?.[2] ?? '').toLowerCase());
  const bytes = Math.round(Number(match?.[1]) * 1024 ** power);
  if (!Number.isSafeInteger(bytes)) throw wrong(variable, value, 'a size such as 512m or 4g');
  return bytes;
}

function readCpu(env: Environment, variable: string): number | undefined {
  const value = env[variable];
  if (value === undefined) return undefined;
  const cores = Number(value);
  if (!(cores > 0 && cores <= CORES_MAX)) throw wrong(variable, value, 'a number of cores such as 4 or 0.5');
  return Math.round(cores * 1000);
}

function readLabels(value: string): Record<string, string> {
  const pairs = value.split(',').filter((part) => part !== '');
  const labels = Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? ['', pair] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  // What other agents would not accept in a host record is refused where a person sees it.
  const isValid = Check(Labels, labels) && Object.keys(labels).length <= STARTUP_LABELS_MAX;
  if (!isValid) throw wrong('SHOAL_LABELS', value, `at most ${STARTUP_LABELS_MAX} key=value pairs separated by commas`);
  return labels;
}

function readZone(value: string): string {
  if (value.length > ZONE_LENGTH_MAX) throw wrong('SHOAL_ZONE', value, `at most ${ZONE_LENGTH_MAX} characters`);
  return value;
}

function readLogLevel(value: string): string {
  if (!logLevels.includes(value)) throw wrong('SHOAL_LOG_LEVEL', value, `one of ${logLevels.join(', ')}`);
  return value;
}

function readRange(env: Environment, variable: string, fallback: string): { first: number; last: number } {
  const value = env[variable] ?? fallback;
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(value);
  const first = Number(match?.[1]);
  const last = Number(match?.[2]);
  if (match === null || first < 1 || last > 65_535 || first > last)
    throw wrong(variable, value, 'FROM-TO within 1-65535');
  return { first, last };
}

/** `/ip4/10.0.0.1/tcp/7421`; names become `/dns/...`. */
export function multiaddrOf(address: string, port: number): string {
  const kind = address.includes(':') ? 'ip6' : /^\d+(\.\d+){3}$/.test(address) ? 'ip4' : 'dns';
  return `/${kind}/${address}/tcp/${port}`;
}
