import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { exitCodes } from '../../../protocol/errors.ts';
import { CliFailure } from '../failure.ts';
import { hostsToml, type MeshRegistry, type PullPath, withMirror } from './pull-path.ts';

/** A file's text; undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes the engine's configuration. Answers what is to be done for the engine to take it over; empty: nothing. */
export function configureEngine(path: PullPath, mesh: MeshRegistry): string {
  try {
    if (path.kind === 'hosts-toml') {
      replaceFile(path.file, hostsToml(mesh.registry));
      return '';
    }
    replaceFile(path.file, withMirror(readIfThere(path.file), mesh.mirror));
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new CliFailure(exitCodes.failed, `${path.file} can't be written: ${words}`, {
      next: 'run it as root',
      cause,
    });
  }
  return reloadEngine() ? '' : 'kill -HUP the dockerd process (systemctl reload docker), or restart it';
}

/** Whole or not at all. */
function replaceFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.new`;
  writeFileSync(beside, text, { mode: 0o644 });
  renameSync(beside, file);
}

/** The engine reads its mirrors again on SIGHUP; containers don't notice. */
function reloadEngine(): boolean {
  try {
    const pid = Number(readIfThere('/run/docker.pid') ?? readIfThere('/var/run/docker.pid'));
    if (Number.isSafeInteger(pid) && pid > 1) process.kill(pid, 'SIGHUP');
    else execFileSync('systemctl', ['reload', 'docker'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
