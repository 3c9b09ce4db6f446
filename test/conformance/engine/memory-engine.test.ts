import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { MemoryEngine } from '../../../agent/ports/engine-memory.ts';
import { engineSuite } from './engine.suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'shoal-engine-'));
afterAll(() => rmSync(folder, { recursive: true }));
const readFile = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

engineSuite('in-memory twin', async () => {
  const clock = new VirtualClock();
  const engine = new MemoryEngine({ clock, images: ['shoal-test:1'], createMs: 10, startMs: 150, readFile });
  return { engine, image: 'shoal-test:1', pass: (ms) => clock.advance(ms), folder };
});
