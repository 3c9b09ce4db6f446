import type Type from 'typebox';
import type { DeployRequest } from '../../../protocol/schemas/requests.ts';
import type { VersionSpec } from '../../../protocol/schemas/version.ts';
import { parseBytes, parseCores, parseDuration, writeBytes, writeDuration } from '../../format/quantity.ts';
import {
  eachLine,
  lines,
  readAffinity,
  readConstraint,
  readEnv,
  readPort,
  readSpread,
  readVolume,
  readWhole,
  writeAffinity,
  writeConstraint,
  writePort,
  writeSpread,
  writeVolume,
} from '../../format/rules.ts';
import { type FileDraft, fileDraftOf, fileOf } from './file-draft.ts';

/** Body of a deployment, as far as it is there. What the form has no field for is kept as it is. */
export type Request = Type.Static<typeof DeployRequest>;
type Policy = NonNullable<Request['rollout']>;

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
  readonly volumes: string;
  readonly restart: '' | 'always' | 'on-failure' | 'never';
  readonly description: string;
  readonly files: readonly FileDraft[];
  readonly constraints: string;
  readonly affinity: string;
  readonly spread: string;
  readonly maxPerHost: string;
  readonly health: 'image' | 'none' | 'http' | 'tcp' | 'command';
  readonly healthPort: string;
  readonly healthPath: string;
  readonly healthCommand: string;
  readonly healthInterval: string;
  readonly healthTimeout: string;
  readonly healthRetries: string;
  readonly healthStart: string;
  readonly strategy: '' | 'rolling' | 'blue-green';
  readonly canary: string;
  readonly hold: '' | 'hold';
  readonly batch: string;
  readonly maxUnavailable: string;
  readonly maxSurge: string;
  readonly minHealthy: string;
  readonly healthyDeadline: string;
  readonly progressDeadline: string;
  readonly onFailure: '' | 'rollback' | 'pause';
}

export type Field = Exclude<keyof Form, 'files'>;

/** A field whose text can't be read. Its value in the request stays what it was. */
export type Unread = ReadonlySet<Field>;

const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
const time = (ms: number | undefined): string => (ms === undefined ? '' : writeDuration(ms));

export function formOf({ cluster, replicas, spec, rollout = {}, canary, hold }: Request): Form {
  const { image = '', memoryBytes, cpuMilli, ports = [], env = {}, command = [], files = [], health } = spec ?? {};
  const kind =
    health === undefined ? 'image' : health.none ? 'none' : health.http ? 'http' : health.tcp ? 'tcp' : 'command';
  return {
    image,
    cluster: cluster ?? 'default',
    replicas: text(replicas),
    memory: memoryBytes === undefined ? '' : writeBytes(memoryBytes),
    cpu: cpuMilli === undefined ? '' : String(cpuMilli / 1_000),
    ports: ports.map(writePort).join(', '),
    env: Object.entries(env)
      .map((pair) => pair.join('='))
      .join('\n'),
    command: command.join('\n'),
    volumes: (spec?.volumes ?? []).map(writeVolume).join('\n'),
    restart: spec?.restart ?? '',
    description: spec?.description ?? '',
    files: files.map(fileDraftOf),
    constraints: (spec?.constraints ?? []).map(writeConstraint).join('\n'),
    affinity: (spec?.affinity ?? []).map(writeAffinity).join('\n'),
    spread: (spec?.spread ?? []).map(writeSpread).join('\n'),
    maxPerHost: text(spec?.maxPerHost),
    health: kind,
    healthPort: text(health?.http?.port ?? health?.tcp?.port),
    healthPath: health?.http?.path ?? '',
    healthCommand: (health?.command ?? []).join('\n'),
    healthInterval: time(health?.intervalMs),
    healthTimeout: time(health?.timeoutMs),
    healthRetries: text(health?.retries),
    healthStart: time(health?.startPeriodMs),
    strategy: rollout.strategy ?? '',
    canary: text(canary?.count),
    hold: hold === true ? 'hold' : '',
    batch: text(rollout.batch),
    maxUnavailable: text(rollout.maxUnavailable),
    maxSurge: text(rollout.maxSurge),
    minHealthy: time(rollout.minHealthyMs),
    healthyDeadline: time(rollout.healthyDeadlineMs),
    progressDeadline: time(rollout.progressDeadlineMs),
    onFailure: rollout.onFailure ?? '',
  };
}

type Read = <T>(field: Field, parse: (text: string) => T | undefined) => T | undefined;

/** The request that a form stands for, and the fields that can't be read. */
export function requestOf(form: Form, before: Request): { readonly request: Request; readonly unread: Unread } {
  const unread = new Set<Field>();
  const read: Read = (field, parse) => {
    if (form[field].trim() === '') return undefined;
    const value = parse(form[field]);
    if (value === undefined) unread.add(field);
    return value;
  };
  const { canary, rollout: _r, replicas: _n, cluster: _c, hold: _h, spec = {}, ...rest } = before;
  const count = read('canary', readWhole);
  const policy = policyOf(form, read);
  const request = {
    ...rest,
    ...(form.cluster === 'default' ? {} : { cluster: form.cluster }),
    ...defined('replicas', read('replicas', readWhole)),
    ...(canary?.replicas === undefined ? defined('canary', count === undefined ? undefined : { count }) : { canary }),
    ...(form.hold === '' || form.strategy !== 'blue-green' ? {} : { hold: true }),
    ...(Object.keys(policy).length === 0 ? {} : { rollout: policy }),
    spec: specOf(form, spec as VersionSpec, read),
  };
  return { request, unread };
}

const policyOf = (form: Form, read: Read): Policy => ({
  ...defined('strategy', form.strategy || undefined),
  ...defined(
    'batch',
    read('batch', (typed) => readWhole(typed) || undefined),
  ),
  ...defined('maxUnavailable', read('maxUnavailable', readWhole)),
  ...defined('maxSurge', read('maxSurge', readWhole)),
  ...defined('minHealthyMs', read('minHealthy', parseDuration)),
  ...defined('healthyDeadlineMs', read('healthyDeadline', parseDuration)),
  ...defined('progressDeadlineMs', read('progressDeadline', parseDuration)),
  ...defined('onFailure', form.onFailure || undefined),
});

/** Parts of a spec that the form writes anew; whatever else it has stays. */
const writtenKeys = [
  ...(['image', 'memoryBytes', 'cpuMilli', 'ports', 'env', 'command', 'volumes', 'restart', 'description'] as const),
  ...(['files', 'constraints', 'affinity', 'spread', 'maxPerHost', 'health'] as const),
];

function specOf(form: Form, before: VersionSpec, read: Read): VersionSpec {
  const files = form.files.map(fileOf);
  const written: Pick<VersionSpec, (typeof writtenKeys)[number]> = {
    image: form.image.trim(),
    ...defined('memoryBytes', read('memory', parseBytes)),
    ...defined('cpuMilli', read('cpu', parseCores)),
    ...defined(
      'ports',
      read('ports', (ports) => eachLine(readPort)(ports.replaceAll(/[\s,]+/g, '\n'))),
    ),
    ...defined('env', read('env', readEnv)),
    ...defined('command', read('command', lines)),
    ...defined('volumes', read('volumes', eachLine(readVolume))),
    ...defined('restart', form.restart || undefined),
    ...defined('description', form.description.trim() || undefined),
    ...(files.length === 0 ? {} : { files }),
    ...healthOf(form, before.health, read),
    ...defined('constraints', read('constraints', eachLine(readConstraint))),
    ...defined('affinity', read('affinity', eachLine(readAffinity))),
    ...defined('spread', read('spread', eachLine(readSpread))),
    ...defined('maxPerHost', read('maxPerHost', readWhole)),
  };
  const others = Object.entries(before).filter(([key]) => !writtenKeys.some((one) => one === key));
  return { ...written, ...Object.fromEntries(others) };
}

function healthOf(form: Form, before: VersionSpec['health'], read: Read): Pick<VersionSpec, 'health'> {
  if (form.health === 'image') return {};
  if (form.health === 'none') return { health: { none: true } };
  const timing = {
    ...defined('intervalMs', read('healthInterval', parseDuration)),
    ...defined('timeoutMs', read('healthTimeout', parseDuration)),
    ...defined('retries', read('healthRetries', readWhole)),
    ...defined('startPeriodMs', read('healthStart', parseDuration)),
  };
  if (form.health === 'command') return { health: { ...timing, command: lines(form.healthCommand) } };
  const port = read('healthPort', readWhole) ?? 0;
  if (form.health === 'tcp') return { health: { ...timing, tcp: { port } } };
  const path = form.healthPath.trim();
  const { path: _p, port: _o, ...more } = before?.http ?? { port };
  return { health: { ...timing, http: { port, ...(path === '' ? {} : { path }), ...more } } };
}

const defined = <K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: T });
