import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

// Bundles the client and the agent into dist/. The client's chunk does not pull in the agent's: code splitting keeps
// them apart, so that `shoal ps` starts fast. bin/shoal runs the bundle unless a source is newer than dist/build.json.

const ROOT = dirname(import.meta.dirname);

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown'; // a tarball has no history
  }
}

/**
 * Not bundled: classic-level is a native addon, which scripts/package.ts installs beside dist/. The others belong to ssh2,
 * a part of dockerode that we do not use, and that does without them.
 */
const EXTERNAL = ['classic-level', 'cpu-features', '*.node'];

async function bundle(): Promise<void> {
  const startedAt = new Date();
  const draft = join(ROOT, `dist.${process.pid}`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  try {
    await build({
      entryPoints: { shoal: join(ROOT, 'agent/cli/main.ts') },
      outdir: draft,
      bundle: true,
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      platform: 'node',
      target: 'node24',
      format: 'esm',
      minifySyntax: true,
      legalComments: 'none',
      external: EXTERNAL,
      // CommonJS packages inside the bundle ask for `require` and `__dirname`.
      banner: {
        js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);const __filename=import.meta.filename,__dirname=import.meta.dirname;",
      },
      logLevel: 'warning',
    });
    const stamp = join(draft, 'build.json');
    writeFileSync(stamp, `${JSON.stringify({ commit: commit() })}\n`);
    utimesSync(stamp, startedAt, startedAt); // what was edited meanwhile counts as newer
    writeFileSync(join(draft, 'package.json'), '{"type":"module"}\n');
    replaceDirectory(draft, join(ROOT, 'dist'));
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Swaps it in whole: a client that starts meanwhile finds the old build or the new one. */
function replaceDirectory(draft: string, target: string): void {
  const old = `${target}.old.${process.pid}`;
  try {
    renameSync(target, old);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  renameSync(draft, target);
  rmSync(old, { recursive: true, force: true });
}

await bundle();
