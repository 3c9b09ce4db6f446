import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { errors, exitCodes, ShoalError } from '../protocol/errors.ts';
import { readInput } from './cli/outside.ts';
import { type AgentConfig, readConfig } from './config.ts';
import { dataFiles, isInitialised } from './data-dir.ts';
import { initMesh, joinMesh } from './enrol.ts';
import { startAgent } from './start.ts';

/** More than any join token. */
const TOKEN_MAX_BYTES = 64 * 1024;

const HELP = `usage: shoal agent COMMAND [--data-dir DIR] [--name NAME] [--advertise ADDRESS]

  init                     start a new mesh with this host as its first member
  join --token-file FILE   make this host a member of the mesh that the token is for ("-" reads it from standard input)
  run                      run the agent in the foreground

Settings of run come from the environment: SHOAL_DOCKER_SOCKET, SHOAL_API_LISTEN, SHOAL_MESH_LISTEN, SHOAL_ADVERTISE,
SHOAL_REGISTRY_LISTEN, SHOAL_REGISTRY_TLS_LISTEN with SHOAL_REGISTRY_TLS_CERT and SHOAL_REGISTRY_TLS_KEY, SHOAL_MIRROR_LISTEN,
SHOAL_PIECES_LISTEN, SHOAL_IMAGES_QUOTA, SHOAL_MEMORY, SHOAL_CPU, SHOAL_RESERVE_MEMORY, SHOAL_LABELS, SHOAL_ZONE,
SHOAL_HOST_PORTS, SHOAL_LOG_LEVEL.`;

const options = {
  'data-dir': { type: 'string' },
  name: { type: 'string' },
  advertise: { type: 'string' },
  'token-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** `shoal agent ...`: returns the exit code. Errors go to standard error with their next step. */
export async function agentCommand(words: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    const [verb, ...rest] = positionals;
    if (values.help === true || verb === undefined || rest.length > 0) {
      console.log(HELP);
      return values.help === true ? exitCodes.ok : exitCodes.usage;
    }
    const config = readConfig(process.env, {
      ...(values['data-dir'] === undefined ? {} : { dataDir: values['data-dir'] }),
      ...(values.name === undefined ? {} : { name: values.name }),
      ...(values.advertise === undefined ? {} : { advertise: values.advertise }),
    });
    return await perform(verb, config, values['token-file']);
  } catch (error) {
    return explain(error);
  }
}

async function perform(verb: string, config: AgentConfig, tokenFile: string | undefined): Promise<number> {
  switch (verb) {
    case 'init': {
      await refuseIfInitialised(config.dataDir);
      const meshId = await initMesh(config);
      console.log(`mesh ${meshId} made; the admin token is in ${dataFiles.adminToken(config.dataDir)}`);
      return exitCodes.ok;
    }
    case 'join': {
      await refuseIfInitialised(config.dataDir);
      if (tokenFile === undefined)
        throw new ShoalError('invalid-request', 'join needs --token-file FILE, or - for standard input.');
      const meshId = await joinMesh(config, await readToken(tokenFile));
      console.log(`joined mesh ${meshId} as ${config.name}`);
      return exitCodes.ok;
    }
    case 'run':
      return runUntilStopped(config);
    default:
      throw new ShoalError('invalid-request', `there is no "shoal agent ${verb}"\n${HELP}`);
  }
}

/** Runs until SIGTERM or SIGINT. A second one ends the process at once. */
async function runUntilStopped(config: AgentConfig): Promise<number> {
  const agent = await startAgent(config);
  // The heap grows in small steps from here on: a tenth less memory (scripts/bench/run agent). Before, it would slow the start.
  setFlagsFromString('--optimize-for-size');
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  process.once('SIGTERM', () => process.exit(exitCodes.interrupted));
  process.once('SIGINT', () => process.exit(exitCodes.interrupted));
  await agent.stop();
  return exitCodes.ok;
}

/** A half-made directory is finished by trying again. */
async function refuseIfInitialised(dataDir: string): Promise<void> {
  if (!(await isInitialised(dataDir))) return;
  const next = 'Use another --data-dir, or run "shoal agent run".';
  throw new ShoalError('already-exists', `${dataDir} belongs to a mesh already. ${next}`);
}

const readToken = (path: string): Promise<string> =>
  path === '-' ? readInput(process.stdin, TOKEN_MAX_BYTES) : readFile(path, 'utf8');

function explain(error: unknown): number {
  if (error instanceof ShoalError) {
    console.error(`error: ${error.message}`);
    return errors[error.code].exit;
  }
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    console.error(`error: ${error.message}\n${HELP}`);
    return exitCodes.usage;
  }
  // A file that can't be read, an address that can't be used: the system's words say it, a stack does not.
  const isOfSystem = error instanceof Error && 'syscall' in error;
  console.error(isOfSystem ? `error: ${error.message}` : error);
  return exitCodes.failed;
}
