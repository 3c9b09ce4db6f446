import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { build as buildPage } from 'vite';

// Bundles the console into console/dist, and the client, the agent and the agent's image thread into dist/. Code splitting keeps them apart: the client's chunk
// does not pull in the agent's, so that `shoal ps` starts fast, and the thread loads little. bin/shoal runs the bundle unless a
// source is newer than dist/build.json.

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

/** Not bundled: a native addon, which scripts/package.ts installs beside dist/. */
const EXTERNAL = ['classic-level'];

/**
 * Parts of dockerode that are loaded with it and never used here: engines behind SSH, sessions of BuildKit, decoding of its
 * progress. They bring ssh2, gRPC and three copies of protobufjs: 2 MB of code, and 8 MB of an agent's memory at rest.
 */
const UNUSED = /\/node_modules\/(dockerode\/lib\/(session|buildkit)|docker-modem\/lib\/ssh)\.js$/;

const withoutUnused: Plugin = {
  name: 'without-unused',
  setup({ onLoad, onEnd }) {
    let leftOut = 0;
    onLoad({ filter: UNUSED }, ({ path }) => {
      leftOut++;
      const words = `${path.split('/node_modules/').at(-1)} is not part of the bundle`;
      return { contents: `module.exports = () => { throw new Error(${JSON.stringify(words)}); };`, loader: 'js' };
    });
    onEnd(({ errors }) => {
      if (errors.length === 0 && leftOut !== 3) throw new Error(`left out ${leftOut} parts of dockerode instead of 3`);
    });
  },
};

async function bundle(): Promise<void> {
  const startedAt = new Date();
  const draft = join(ROOT, `dist.${process.pid}`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  try {
    await build({
      entryPoints: { shoal: join(ROOT, 'agent/cli/main.ts'), 'image-thread': join(ROOT, 'agent/image-thread.ts') },
      outdir: draft,
      bundle: true,
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      platform: 'node',
      target: 'node24',
      format: 'esm',
      // V8 keeps the text of what it runs. Names and lines stay, for stack traces.
      minifySyntax: true,
      minifyWhitespace: true,
      lineLimit: 200,
      legalComments: 'none',
      external: EXTERNAL,
      plugins: [withoutUnused],
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

/** The console, for browsers. An agent reads it when it starts. */
async function bundleConsole(): Promise<void> {
  const target = join(ROOT, 'console/dist');
  const draft = `${target}.${process.pid}`;
  try {
    await buildPage({
      configFile: join(ROOT, 'console/vite.config.ts'),
      configLoader: 'native', // the other ones write into node_modules, which may be read-only
      build: { outDir: draft, emptyOutDir: true },
    });
    replaceDirectory(draft, target);
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

// The agent's last: its stamp says that all is current.
await bundleConsole();
await bundle();
