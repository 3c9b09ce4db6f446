import type Type from 'typebox';
import type { DeployRequest } from '../../../protocol/schemas/requests.ts';
import type { VersionSpec } from '../../../protocol/schemas/version.ts';
import { parseBytes, parseCores, writeBytes } from '../../format/quantity.ts';

/** Body of a deployment, as far as it is there. What the form has no field for is kept as it is. */
export type Request = Type.Static<typeof DeployRequest>;

/** What the fields of the form hold, as it was typed. */
export interface Form {
  readonly image: string;
  readonly cluster: string;
  readonly replicas: string;
  readonly memory: string;
  readonly cpu: string;
  readonly ports: string;
  readonly env: string;
  readonly command: string;
  readonly health: 'image' | 'none' | 'http' | 'tcp' | 'command';
  readonly healthPort: string;
  readonly healthPath: string;
  readonly healthCommand: string;
  readonly strategy: '' | 'rolling' | 'blue-green';
  readonly canary: string;
}

export type Field = keyof Form;

/** A field whose text can't be read. Its value in the request stays what it was. */
export type Unread = ReadonlySet<Field>;

export function formOf({ cluster, replicas, spec, rollout, canary }: Request): Form {
  const { image = '', memoryBytes, cpuMilli, ports = [], env = {}, command = [], health } = spec ?? {};
  const kind =
    health === undefined ? 'image' : health.none ? 'none' : health.http ? 'http' : health.tcp ? 'tcp' : 'command';
  return {
    image,
    cluster: cluster ?? 'default',
    replicas: replicas === undefined ? '' : String(replicas),
    memory: memoryBytes === undefined ? '' : writeBytes(memoryBytes),
    cpu: cpuMilli === undefined ? '' : String(cpuMilli / 1_000),
    ports: ports.map(writePort).join(', '),
    env: Object.entries(env)
      .map((pair) => pair.join('='))
      .join('\n'),
    command: command.join('\n'),
    health: kind,
    healthPort: String(health?.http?.port ?? health?.tcp?.port ?? ''),
    healthPath: health?.http?.path ?? '',
    healthCommand: (health?.command ?? []).join('\n'),
    strategy: rollout?.strategy ?? '',
    canary: canary?.count === undefined ? '' : String(canary.count),
  };
}

/** The request that a form stands for, and the fields that can't be read. */
export function requestOf(form: Form, before: Request): { readonly request: Request; readonly unread: Unread } {
  const unread = new Set<Field>();
  const read = <T>(field: Field, parse: (text: string) => T | undefined): T | undefined => {
    if (form[field].trim() === '') return undefined;
    const value = parse(form[field]);
    if (value === undefined) unread.add(field);
    return value;
  };
  const replicas = read('replicas', whole);
  const canary = read('canary', whole);
  const { strategy: _old, ...policy } = before.rollout ?? {};
  const rollout = { ...policy, ...(form.strategy === '' ? {} : { strategy: form.strategy }) };
  const { canary: _canary, rollout: _rollout, replicas: _replicas, cluster: _cluster, spec = {}, ...rest } = before;
  const request = {
    ...rest,
    ...(form.cluster === 'default' ? {} : { cluster: form.cluster }),
    ...defined('replicas', replicas),
    ...(canary === undefined ? {} : { canary: { count: canary } }),
    ...(Object.keys(rollout).length === 0 ? {} : { rollout }),
    spec: specOf(form, spec as VersionSpec, read),
  };
  return { request, unread };
}

type Read = <T>(field: Field, parse: (text: string) => T | undefined) => T | undefined;

function specOf(form: Form, before: VersionSpec, read: Read): VersionSpec {
  const { memoryBytes: _m, cpuMilli: _c, ports: _p, env: _e, command: _w, health, image: _i, ...rest } = before;
  const ports = read('ports', readPorts);
  const env = read('env', readEnv);
  const command = read('command', lines);
  return {
    image: form.image.trim(),
    ...defined('memoryBytes', read('memory', parseBytes)),
    ...defined('cpuMilli', read('cpu', parseCores)),
    ...defined('ports', ports),
    ...defined('env', env),
    ...defined('command', command),
    ...healthOf(form, health, read),
    ...rest,
  };
}

function healthOf(form: Form, before: VersionSpec['health'], read: Read): Pick<VersionSpec, 'health'> {
  if (form.health === 'image') return {};
  const { command: _c, http, tcp: _t, none: _n, ...timing } = before ?? {};
  const port = form.health === 'http' || form.health === 'tcp' ? (read('healthPort', whole) ?? 0) : 0;
  switch (form.health) {
    case 'none':
      return { health: { none: true } };
    case 'tcp':
      return { health: { ...timing, tcp: { port } } };
    case 'http': {
      const path = form.healthPath.trim();
      const { path: _p, port: _o, ...more } = http ?? { port };
      return { health: { ...timing, http: { port, ...(path === '' ? {} : { path }), ...more } } };
    }
    case 'command':
      return { health: { ...timing, command: lines(form.healthCommand) } };
  }
}

const defined = <K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: T });

const whole = (text: string): number | undefined => (/^\s*\d{1,6}\s*$/.test(text) ? Number(text) : undefined);

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

function readEnv(text: string): Record<string, string> | undefined {
  const pairs = text.split('\n').filter((line) => line.trim() !== '');
  if (pairs.some((line) => line.indexOf('=') < 1)) return undefined;
  return Object.fromEntries(
    pairs.map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1)]),
  );
}

type Port = NonNullable<VersionSpec['ports']>[number];

const writePort = ({ host, container, protocol }: Port): string =>
  `${host === undefined ? '' : `${host}:`}${container}${protocol === 'udp' ? '/udp' : ''}`;

/** `80`, `8080:80`, `53/udp`, separated by commas or blanks. */
function readPorts(text: string): Port[] | undefined {
  const ports = text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part): Port | undefined => {
      const match = /^(?:(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/.exec(part);
      if (match === null) return undefined;
      return {
        ...(match[1] === undefined ? {} : { host: Number(match[1]) }),
        container: Number(match[2]),
        ...(match[3] === 'udp' ? { protocol: 'udp' as const } : {}),
      };
    });
  return ports.some((port) => port === undefined) ? undefined : ports.filter((port) => port !== undefined);
}
