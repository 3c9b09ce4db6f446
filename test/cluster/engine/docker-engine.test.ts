import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { DockerEngine } from '../../../agent/adapters/dockerode/docker-engine.ts';
import { engineSuite } from '../../conformance/engine/engine.suite.ts';
import { RealHost } from './real-host.ts';

const host = new RealHost('engconf');
beforeAll(() => host.up());
afterAll(async () => {
  await host.down();
  rmSync(folder, { recursive: true });
});
/** Hosts of scripts/cluster share the disk of this machine. */
const folder = mkdtempSync(join(tmpdir(), 'shoal-engine-'));

engineSuite('Docker by dockerode', async () => ({
  engine: new DockerEngine(host.socketPath),
  image: 'shoal-test:1',
  pass: (ms) => sleep(ms),
  folder,
}));
