import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DockerEngine } from '../../../agent/adapters/dockerode/docker-engine.ts';
import { RealHost } from './real-host.ts';

const host = new RealHost('engpull');
const nobody = new AbortController().signal;
const registries: ChildProcess[] = [];

/** A registry of one image inside the host; answers the image's reference. */
async function registry(port: number, layerBytes: number, delayMs: number): Promise<string> {
  const program = fileURLToPath(new URL('./tiny-registry.ts', import.meta.url));
  const words = ['exec', 'h1', '--name', host.name, '--', process.execPath, program, port, layerBytes, delayMs].map(
    String,
  );
  const child = spawn(RealHost.script, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  registries.push(child);
  await once(child.stdout, 'data');
  return `127.0.0.1:${port}/tiny:1`;
}

describe('pulls by a real engine', () => {
  let engine: DockerEngine;
  beforeAll(async () => {
    await host.up();
    engine = new DockerEngine(host.socketPath);
  });
  afterAll(() => host.down());
  afterEach(() => {
    for (const child of registries.splice(0)) child.kill();
  });

  it('tell their bytes on the way, and the image is there afterwards', async () => {
    const image = await registry(5_001, 3_000_000, 100);
    const told: number[] = [];
    expect(await engine.findImage(image, nobody)).toBeUndefined();
    await engine.pull(image, ({ bytes }) => told.push(bytes), nobody);
    expect(await engine.findImage(image, nobody)).toBeDefined();
    expect(await engine.images(nobody)).toContain(image);
    expect(told.length).toBeGreaterThan(2);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBeGreaterThanOrEqual(3_000_000);
  });

  it("of a tag that is not there fail with the registry's reason", async () => {
    await registry(5_002, 1_000, 0);
    const pull = engine.pull('127.0.0.1:5002/tiny:2', () => {}, nobody);
    await expect(pull).rejects.toMatchObject({ code: 'image-not-found', message: expect.stringContaining('manifest') });
  });

  it('end at once when nobody wants them any more', async () => {
    const image = await registry(5_003, 3_000_000, 1_000);
    const caller = new AbortController();
    const pull = engine.pull(image, ({ bytes }) => bytes > 0 && caller.abort(), caller.signal);
    await expect(pull).rejects.toMatchObject({ code: 'cancelled' });
    expect(await engine.findImage(image, nobody)).toBeUndefined();
  });
});
