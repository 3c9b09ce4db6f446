import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

// Copies what a host needs to run shoal from a built checkout into a directory: the bundle, the Node.js it was made for,
// and the packages that cannot be bundled. install.sh calls it; the result may be copied to other hosts as it is.

const ROOT = dirname(import.meta.dirname);
/** Packages that the bundle loads when it runs, see EXTERNAL in build.ts; what they depend on comes along. */
const ADDONS = ['classic-level'];
const FILES = ['bin/shoal', 'install.sh', 'scripts/install.d', 'LICENSE', 'package.json'];

/** The packages and all that they depend on. Flat: npm puts each of them at the top level, and a copy elsewhere is refused. */
function closure(names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const manifest: { dependencies?: Record<string, string> } = JSON.parse(
      readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'),
    );
    open.push(...Object.keys(manifest.dependencies ?? {}));
  }
  return found;
}

function copyTo(target: string): void {
  const copy = (from: string, to = from) => {
    mkdirSync(dirname(join(target, to)), { recursive: true });
    cpSync(join(ROOT, from), join(target, to), { recursive: true, dereference: true });
  };
  for (const file of FILES) copy(file);
  copy('dist');
  copy('console/dist');
  for (const name of closure(ADDONS)) copy(join('node_modules', name));
  const node = join(target, 'node/bin/node');
  mkdirSync(dirname(node), { recursive: true });
  copyFileSync(realpathSync(join(ROOT, 'node_modules/.bin/node')), node);
  chmodSync(node, 0o755);
}

const [target] = process.argv.slice(2);
if (target === undefined || target.startsWith('-')) {
  console.error('usage: node scripts/package.ts DIRECTORY   (after: npm ci && npm run build)');
  process.exitCode = 2;
} else {
  copyTo(target);
}
