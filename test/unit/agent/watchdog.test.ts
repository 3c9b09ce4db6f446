import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const module = JSON.stringify(new URL('../../../agent/watchdog.ts', import.meta.url).href);

/** Runs a script beside a watchdog of 500 ms. */
const run = (script: string) =>
  spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '-e', `import { startWatchdog } from ${module};\n${script}`],
    {
      encoding: 'utf8',
      timeout: 30_000,
    },
  );

describe('watchdog', () => {
  it('ends a process whose event loop hangs, and says so', () => {
    const { signal, stderr } = run('await startWatchdog(500); for (;;);');
    expect(signal).toBe('SIGKILL');
    expect(stderr).toContain('the event loop hangs');
  });

  it('leaves a process alone whose event loop turns, and does not keep it from ending', () => {
    const { status, signal } = run('await startWatchdog(500); setTimeout(() => {}, 1_500);');
    expect({ status, signal }).toEqual({ status: 0, signal: null });
  });

  it('can be called off', () => {
    const { status } = run('(await startWatchdog(200))(); const end = Date.now() + 600; while (Date.now() < end);');
    expect(status).toBe(0);
  });
});
