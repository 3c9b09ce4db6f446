import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { type Api, route } from '../client/api.ts';
import { CliFailure, usage } from '../failure.ts';
import { readInput } from '../outside.ts';
import { type DraftSpec, describesVersion, type SpecFlags, specFromFlags } from '../parse/spec.ts';
import { parseSpecFile, type SpecFile } from '../parse/spec-file.ts';
import { parseCpu, parseDuration, parseMemory, parseVersion, wholeNumber } from '../parse/values.ts';
import { collect } from '../perform.ts';
import type { Session } from '../session.ts';

interface AppName {
  readonly group: string;
  readonly app: string;
}

/** Flags from which a version is made. */
export interface VersionSource extends SpecFlags {
  readonly file?: string;
  readonly from?: string;
}

/** Lets commander name the flag in front of our sentence. */
function flagParser<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof CliFailure ? new InvalidArgumentError(error.message) : error;
    }
  };
}

export const option = <T>(flags: string, description: string, parse: (text: string) => T): Option =>
  new Option(flags, description).argParser(flagParser(parse));

const many = (flags: string, description: string): Option =>
  new Option(flags, `${description} (may be repeated)`).argParser(collect);

/** Adds the flags that describe what to run. */
export function specifiable(command: Command): Command {
  return command
    .option('-i, --image <image>', 'image to run')
    .addOption(option('-m, --memory <size>', 'hard memory limit, like 256m or 1.5g', parseMemory))
    .addOption(option('--cpu <cores>', 'share of CPU, like 0.5 or 500m', parseCpu))
    .addOption(
      many('-p, --publish <port>', 'port to publish: [HOST:]CONTAINER[/udp]; without HOST a free one is picked'),
    )
    .addOption(many('-e, --env <variable>', 'KEY=VALUE, or KEY to pass on the variable of this shell'))
    .addOption(many('--env-file <file>', 'file with lines KEY=VALUE'))
    .addOption(many('-v, --volume <volume>', 'named volume: NAME:/path[:ro]'))
    .addOption(many('--config-file <file>', 'file to mount read-only: LOCAL:/path/in/container[:MODE]'))
    .addOption(many('--constraint <rule>', "rule over host labels: zone==a, arch!=arm64, 'zone in (a,b)', 'cores>=16'"))
    .addOption(many('--affinity <rule>', 'with=APP or apart=GROUP/APP: hosts to prefer; with ! behind it a must'))
    .addOption(many('--spread <label>', 'label to spread over, like zone, or with weights class:big=3,small=1'))
    .addOption(
      option(
        '--max-per-host <number>',
        'at most so many replicas on one host',
        wholeNumber('number of replicas', 1, limits.replicas),
      ),
    )
    .option('--health-cmd <command>', 'command run in the container by a shell; exit 0 is healthy')
    .option(
      '--health-http <port/path>',
      'HTTP request to the container, like 8080/healthz; status 200 to 399 is healthy',
    )
    .option('--health-tcp <port>', 'TCP connection to the container')
    .option('--no-health', "no health check, not even the image's")
    .addOption(option('--health-interval <duration>', 'time between health checks', parseDuration))
    .addOption(option('--health-timeout <duration>', 'time one health check may take', parseDuration))
    .addOption(
      option(
        '--health-retries <number>',
        'failures in a row that make it unhealthy',
        wholeNumber('number of retries', 1, 100),
      ),
    )
    .addOption(option('--health-start-period <duration>', 'time in which failures do not count', parseDuration))
    .addOption(new Option('--restart <policy>', 'when the container exits').choices(['always', 'on-failure', 'never']))
    .option('--stop-signal <signal>', 'signal that stops it, like SIGTERM')
    .addOption(option('--stop-grace <duration>', 'time between that signal and a kill', parseDuration))
    .addOption(many('-l, --label <label>', 'label of the container: KEY=VALUE'))
    .option('--entrypoint <program>', "program to run instead of the image's entrypoint")
    .option('--description <text>', 'what this version is for')
    .option('-f, --file <file>', "read the version from YAML or JSON; '-' is standard input; flags win over it")
    .option('--from <version>', "start from an earlier version, a number or 'latest', and change what the flags say");
}

/** What to deploy as the flags and the file have it; `spec` is undefined when they describe no new version. */
export async function readVersionSource(
  session: Session,
  api: Api,
  app: AppName,
  source: VersionSource,
  command: readonly string[],
): Promise<Omit<SpecFile, 'spec'> & { readonly spec: DraftSpec | undefined }> {
  if (source.file !== undefined && source.from !== undefined) throw usage('give --file or --from, not both');
  const file = source.file === undefined ? undefined : await readSpecFile(session, source.file);
  if (file === undefined && source.from === undefined && !describesVersion(source, command)) return { spec: undefined };
  const base = source.from === undefined ? (file?.spec ?? {}) : await earlierSpec(api, app, source.from);
  const spec = specFromFlags(base, source, command, { env: session.outside.env, readFile: readSmallFile() });
  if (spec.image === undefined) {
    throw usage(
      'no image is named',
      `add --image, or change an earlier version: shoal deploy ${app.group}/${app.app} --from latest ...`,
    );
  }
  return { ...file, spec };
}

async function readSpecFile(session: Session, path: string): Promise<SpecFile> {
  const isInput = path === '-';
  const text = isInput
    ? await readInput(session.outside.in, limits.apiBodyBytes)
    : readSmallFile()(path).toString('utf8');
  return parseSpecFile(text, isInput ? 'standard input' : path, readSmallFile(isInput ? '.' : dirname(path)));
}

/** Reads files that fit into a request, relative ones from a directory. */
const readSmallFile =
  (directory = '.') =>
  (path: string): Buffer => {
    try {
      const bytes = readFileSync(resolve(directory, path));
      if (bytes.length <= limits.apiBodyBytes) return bytes;
    } catch (error) {
      throw new CliFailure(exitCodes.usage, `cannot read ${path}`, { cause: error });
    }
    throw usage(`${path} is too long`);
  };

/** A version of an app by its number, or the latest one when that is empty. @throws ApiFailure, CliFailure */
export async function findVersion(api: Api, { group, app }: AppName, number: string): Promise<Version> {
  const path = route`/v1/groups/${group}/apps/${app}/versions`;
  if (number !== '') return api.get<Version>(`${path}/${parseVersion(number)}`);
  const [latest] = (await api.list<Version>(path)).sort((a, b) => b.number - a.number);
  if (latest === undefined)
    throw usage(`${group}/${app} has no version yet`, `shoal deploy ${group}/${app} --image IMAGE`);
  return latest;
}

const earlierSpec = async (api: Api, app: AppName, from: string): Promise<DraftSpec> =>
  (await findVersion(api, app, from === 'latest' ? '' : from)).spec;
