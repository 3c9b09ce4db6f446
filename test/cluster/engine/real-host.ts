import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * One host with a real Docker engine and without an agent, made by scripts/cluster. With SHOAL_TEST_DOCKER_SOCKET set, that
 * engine is used instead and no fault can be injected. It fails when neither is possible: these tests never skip themselves.
 */
export class RealHost {
  static readonly script = resolve(import.meta.dirname, '../../../scripts/cluster');
  /** Of its cluster. */
  readonly name: string;
  readonly #given = process.env.SHOAL_TEST_DOCKER_SOCKET;
  #socketPath = this.#given ?? '';

  constructor(name: string) {
    this.name = name;
  }

  get socketPath(): string {
    return this.#socketPath;
  }

  async up(): Promise<void> {
    if (this.#given !== undefined) return;
    await this.cluster('up', '1', '--no-agent');
    const environment = await this.cluster('env', 'h1');
    const socket = /DOCKER_HOST=unix:\/\/(\S+)/.exec(environment)?.[1];
    if (socket === undefined) throw new Error(`scripts/cluster env names no socket: ${environment}`);
    this.#socketPath = socket;
  }

  async down(): Promise<void> {
    if (this.#given === undefined) await this.cluster('down');
  }

  /** Runs scripts/cluster; answers what it printed. */
  async cluster(...words: string[]): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'shoal-test-'));
    // A file and not a pipe: the engines it starts keep what they were given open.
    const file = join(folder, 'output');
    const output = openSync(file, 'w');
    try {
      const child = spawn(RealHost.script, [...words, '--name', this.name], { stdio: ['ignore', output, output] });
      const [code] = await once(child, 'exit');
      const printed = readFileSync(file, 'utf8');
      if (code !== 0) throw new Error(`scripts/cluster ${words.join(' ')} failed with ${code}: ${printed}`);
      return printed;
    } finally {
      closeSync(output);
      rmSync(folder, { recursive: true });
    }
  }
}
