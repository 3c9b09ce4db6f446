import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { agentCommand } from '../../../agent/main.ts';

let directory: string;
let said: string[];
let other: Server;

/** The agent's command as a person gives it: the exit code, and what it said on standard error. */
async function agent(...words: string[]): Promise<{ exit: number; error: string }> {
  said.length = 0;
  const exit = await agentCommand([...words, '--data-dir', directory, '--name', 'h1']);
  return { exit, error: said.join('\n') };
}

/** Shows that an agent that can't start says why in one line, names what is at fault, and exits with a code. */
describe('shoal agent refuses', () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shoal-agent-'));
    said = [];
    vi.spyOn(console, 'error').mockImplementation((...words) => void said.push(words.join(' ')));
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    vi.stubEnv('SHOAL_API_LISTEN', '127.0.0.1:0');
    vi.stubEnv('SHOAL_MESH_LISTEN', '127.0.0.1:0');
    vi.stubEnv('SHOAL_DOCKER_SOCKET', join(directory, 'no-engine.sock'));
    vi.stubEnv('SHOAL_LOG_LEVEL', 'silent');
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    other.close();
    await rm(directory, { recursive: true, force: true });
  });

  const taken = () => `127.0.0.1:${(other.address() as AddressInfo).port}`;

  it('an address of the API that another process has', async () => {
    await agent('init');
    vi.stubEnv('SHOAL_API_LISTEN', taken());
    const { exit, error } = await agent('run');
    expect(exit).toBe(4);
    expect(error).toMatch(/^error: Cannot serve the API: .*EADDRINUSE.*SHOAL_API_LISTEN/);
    expect(error).not.toContain('\n');
  });

  it('an address of the mesh that another process has', async () => {
    await agent('init');
    vi.stubEnv('SHOAL_MESH_LISTEN', taken());
    const { exit, error } = await agent('run');
    expect(exit).toBe(4);
    expect(error).toMatch(/^error: Cannot listen on .*another process/);
  });

  it('to begin a second mesh in a directory, or to join another from it', async () => {
    expect((await agent('init')).exit).toBe(0);
    for (const words of [['init'], ['join', '--token-file', 'x']]) {
      const { exit, error } = await agent(...words);
      expect(exit).toBe(4);
      expect(error).toMatch(/belongs to a mesh already/);
    }
  });

  it('a directory that belongs to no mesh', async () => {
    const { exit, error } = await agent('run');
    expect(exit).toBe(3);
    expect(error).toMatch(/belongs to no mesh.*shoal agent init/);
  });

  it.each(['identity.key', 'mesh.json'])('a damaged %s', async (file) => {
    for (const content of ['', 'garbage\n']) {
      await rm(join(directory, 'mesh.json'), { force: true });
      await agent('init');
      await writeFile(join(directory, file), content);
      const { exit, error } = await agent('run');
      expect(exit).toBe(2);
      expect(error).toMatch(new RegExp(`^error: .*${file} is damaged`));
      await rm(join(directory, 'identity.key'));
    }
  });

  it.each(['identity.key', 'store'])('to run as a stranger when its %s is lost', async (lost) => {
    await agent('init');
    await rm(join(directory, lost), { recursive: true });
    const { exit, error } = await agent('run');
    expect(exit).toBe(3);
    expect(error).toMatch(/has lost.*join again/);
  });

  it('a token file that is not there, and a data directory that is a file', async () => {
    expect(await agent('join', '--token-file', '/no/such/file')).toEqual({
      exit: 1,
      error: expect.stringMatching(/^error: ENOENT.*\/no\/such\/file/),
    });
    await mkdir(join(directory, 'below'));
    const inner = directory;
    directory = join(directory, 'file');
    await writeFile(directory, '');
    expect(await agent('run')).toEqual({ exit: 1, error: expect.stringMatching(/^error: ENOTDIR/) });
    directory = inner;
  });
});
