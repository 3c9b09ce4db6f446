import type { VersionSpec } from '../../../protocol/schemas/version.ts';
import { usage } from '../failure.ts';
import { mergeFiles, parseConfigFile, type ReadFile } from './config-file.ts';
import {
  parseAffinity,
  parseConstraint,
  parseEnv,
  parseEnvFile,
  parsePort,
  parseSpread,
  parseVolume,
} from './container.ts';
import { parsePair, wholeNumber } from './values.ts';

/** What the flags of `shoal deploy` and `shoal version create` say of a version; sizes and times are parsed already. */
export interface SpecFlags {
  readonly image?: string;
  readonly memory?: number;
  readonly cpu?: number;
  readonly publish?: readonly string[];
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly volume?: readonly string[];
  readonly configFile?: readonly string[];
  readonly constraint?: readonly string[];
  readonly affinity?: readonly string[];
  readonly spread?: readonly string[];
  readonly maxPerHost?: number;
  readonly healthCmd?: string;
  readonly healthHttp?: string;
  readonly healthTcp?: string;
  /** False: not even what the image says. */
  readonly health?: boolean;
  readonly healthInterval?: number;
  readonly healthTimeout?: number;
  readonly healthRetries?: number;
  readonly healthStartPeriod?: number;
  readonly restart?: 'always' | 'on-failure' | 'never';
  readonly stopSignal?: string;
  readonly stopGrace?: number;
  readonly label?: readonly string[];
  readonly entrypoint?: string;
  readonly description?: string;
}

const parseHealthPort = wholeNumber('port', 1, 65_535);

/** A spec that is not complete yet: the server says what is missing. */
export type DraftSpec = { -readonly [K in keyof VersionSpec]?: VersionSpec[K] };

/** What specFromFlags reads besides its arguments. */
export interface SpecSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadFile;
}

const isSet = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);

/** True when a flag describes the version, so that a new one is wanted. */
export const describesVersion = (flags: SpecFlags, command: readonly string[]): boolean =>
  command.length > 0 || flags.health === false || SPEC_FLAGS.some((flag) => isSet(flags[flag]));

const SPEC_FLAGS = [
  'image',
  'memory',
  'cpu',
  'publish',
  'env',
  'envFile',
  'volume',
  'configFile',
  'constraint',
  'affinity',
  'spread',
  'maxPerHost',
  'healthCmd',
  'healthHttp',
  'healthTcp',
  'healthInterval',
  'healthTimeout',
  'healthRetries',
  'healthStartPeriod',
  'restart',
  'stopSignal',
  'stopGrace',
  'label',
  'entrypoint',
  'description',
] as const satisfies readonly (keyof SpecFlags)[];

function environment(flags: SpecFlags, sources: SpecSources): Record<string, string> {
  const files = (flags.envFile ?? []).flatMap((path) => parseEnvFile(textOf(sources.readFile(path)), sources.env));
  const words = (flags.env ?? []).map((text) => parseEnv(text, sources.env));
  return Object.fromEntries([...files, ...words]);
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** How it is checked; what `base` says unless a flag says otherwise. */
function healthWay(flags: SpecFlags, base: VersionSpec['health']): VersionSpec['health'] {
  const given = [flags.healthCmd, flags.healthHttp, flags.healthTcp].filter((flag) => flag !== undefined);
  if (given.length + Number(flags.health === false) > 1) {
    throw usage('give only one of --health-cmd, --health-http, --health-tcp and --no-health');
  }
  if (flags.health === false) return { none: true };
  if (flags.healthCmd !== undefined) return { command: ['/bin/sh', '-c', flags.healthCmd] };
  if (flags.healthTcp !== undefined) return { tcp: { port: parseHealthPort(flags.healthTcp) } };
  if (flags.healthHttp !== undefined) {
    const slash = flags.healthHttp.indexOf('/');
    const port = slash < 0 ? flags.healthHttp : flags.healthHttp.slice(0, slash);
    return { http: { port: parseHealthPort(port), ...(slash < 0 ? {} : { path: flags.healthHttp.slice(slash) }) } };
  }
  const { command, http, tcp, none } = base ?? {};
  if (command !== undefined) return { command };
  if (http !== undefined) return { http };
  return tcp === undefined ? (none === undefined ? undefined : { none }) : { tcp };
}

function health(flags: SpecFlags, base: VersionSpec['health']): VersionSpec['health'] {
  const way = healthWay(flags, base);
  if (way === undefined || way.none === true) return way;
  const { command: _c, http: _h, tcp: _t, none: _n, ...times } = base ?? {};
  return {
    ...times,
    ...way,
    ...(flags.healthInterval === undefined ? {} : { intervalMs: flags.healthInterval }),
    ...(flags.healthTimeout === undefined ? {} : { timeoutMs: flags.healthTimeout }),
    ...(flags.healthRetries === undefined ? {} : { retries: flags.healthRetries }),
    ...(flags.healthStartPeriod === undefined ? {} : { startPeriodMs: flags.healthStartPeriod }),
  };
}

/**
 * `base` with the flags laid over it: single values and lists replace; variables, labels and files are added to those of `base`.
 *
 * @throws CliFailure with exit code 2 when a flag cannot be read
 */
export function specFromFlags(
  base: DraftSpec,
  flags: SpecFlags,
  command: readonly string[],
  sources: SpecSources,
): DraftSpec {
  const spec: DraftSpec = { ...base };
  if (flags.image !== undefined) spec.image = flags.image;
  if (flags.memory !== undefined) spec.memoryBytes = flags.memory;
  if (flags.cpu !== undefined) spec.cpuMilli = flags.cpu;
  if (isSet(flags.publish)) spec.ports = (flags.publish ?? []).map(parsePort);
  if (isSet(flags.volume)) spec.volumes = (flags.volume ?? []).map(parseVolume);
  if (isSet(flags.configFile)) {
    const added = (flags.configFile ?? []).map((text) => parseConfigFile(text, sources.readFile));
    spec.files = mergeFiles(base.files ?? [], added);
  }
  if (isSet(flags.constraint)) spec.constraints = (flags.constraint ?? []).map(parseConstraint);
  if (isSet(flags.env) || isSet(flags.envFile)) spec.env = { ...base.env, ...environment(flags, sources) };
  if (isSet(flags.label)) {
    spec.labels = {
      ...base.labels,
      ...Object.fromEntries((flags.label ?? []).map((text) => parsePair(text, 'label'))),
    };
  }
  const check = health(flags, base.health);
  if (check !== undefined) spec.health = check;
  if (isSet(flags.affinity)) spec.affinity = (flags.affinity ?? []).map(parseAffinity);
  if (isSet(flags.spread)) spec.spread = (flags.spread ?? []).map(parseSpread);
  if (flags.maxPerHost !== undefined) spec.maxPerHost = flags.maxPerHost;
  if (flags.restart !== undefined) spec.restart = flags.restart;
  if (flags.stopSignal !== undefined) spec.stopSignal = flags.stopSignal;
  if (flags.stopGrace !== undefined) spec.stopGraceMs = flags.stopGrace;
  if (flags.entrypoint !== undefined) spec.entrypoint = [flags.entrypoint];
  if (flags.description !== undefined) spec.description = flags.description;
  if (command.length > 0) spec.command = [...command];
  return spec;
}
