import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** What each layer may import besides itself. The first folder that fits a file is its layer. */
const layers: readonly { readonly folder: string; readonly may: readonly string[] }[] = [
  { folder: 'protocol', may: [] },
  { folder: 'agent/core', may: ['protocol'] },
  { folder: 'agent/ports', may: ['protocol', 'agent/core'] },
  { folder: 'agent/services', may: ['protocol', 'agent/core', 'agent/ports'] },
  { folder: 'agent/adapters', may: ['protocol', 'agent/core', 'agent/ports'] },
  {
    folder: 'agent/api',
    may: [
      'protocol',
      'agent/core/access',
      'agent/core/order.ts',
      'agent/core/placement/constraints.ts',
      'agent/ports',
      'agent/services/platform.ts',
      'agent/services/images/image-platform.ts',
    ],
  },
  {
    folder: 'agent/registry',
    may: ['protocol', 'agent/core', 'agent/ports', 'agent/services/images/registry-backend.ts'],
  },
  { folder: 'agent/cli', may: ['protocol', 'agent/main.ts', 'package.json'] },
  { folder: 'console', may: ['protocol'] },
];

/** Libraries that only these folders may name. */
const homes: readonly { readonly library: RegExp; readonly folders: readonly string[] }[] = [
  { library: /^(@libp2p\/|libp2p$|@multiformats\/)/, folders: ['agent/adapters/libp2p'] },
  { library: /^dockerode$/, folders: ['agent/adapters/dockerode'] },
  { library: /^classic-level$/, folders: ['agent/adapters/level'] },
  { library: /^systeminformation$/, folders: ['agent/adapters/systeminformation'] },
  { library: /^(fastify$|@fastify\/)/, folders: ['agent/api', 'protocol', 'scripts'] },
  { library: /^commander$/, folders: ['agent/cli', 'scripts'] },
  { library: /^diff$/, folders: ['agent/cli'] },
  { library: /^pino$/, folders: ['agent/adapters'] },
  { library: /^(preact|@preact\/signals)/, folders: ['console'] },
  { library: /^@xterm\//, folders: ['console/screens/terminal'] },
  { library: /^uplot/, folders: ['console/screens/metrics'] },
];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isLibrary: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/generated|^dist\//.test(name))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier = '']) => ({
    file,
    isLibrary: !specifier.startsWith('.'),
    target: specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
  }));
}

const files = [...sources('protocol'), ...sources('agent'), ...sources('console')];
const imports = files.flatMap(importsOf);
const isIn = (path: string, place: string) => path === place || path.startsWith(`${place}/`);
const show = (list: readonly Import[]) => list.map((i) => `${i.file} imports ${i.target}`);

describe('layers', () => {
  it('has looked at the sources it judges', () => {
    expect(files.length).toBeGreaterThan(50);
    for (const { folder } of layers)
      expect(
        files.some((file) => isIn(file, folder)),
        folder,
      ).toBe(true);
  });

  it.each(layers)('$folder imports only what stands left of it', ({ folder, may }) => {
    const wrong = imports.filter(
      (i) => isIn(i.file, folder) && !i.isLibrary && ![folder, ...may].some((place) => isIn(i.target, place)),
    );
    expect(show(wrong)).toEqual([]);
  });

  it('keeps clocks, chance, I/O and libraries out of the core', () => {
    const libraries = imports.filter((i) => isIn(i.file, 'agent/core') && i.isLibrary);
    expect(show(libraries)).toEqual([]);
    const impure = /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|process\.|await |async )/;
    const offenders = files.filter((file) => isIn(file, 'agent/core') && impure.test(withoutComments(file)));
    expect(offenders).toEqual([]);
  });

  it.each(homes)('names $library in its adapter only', ({ library, folders }) => {
    const wrong = imports.filter((i) => i.isLibrary && library.test(i.target) && !folders.some((f) => isIn(i.file, f)));
    expect(show(wrong)).toEqual([]);
  });
});

function withoutComments(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\/\/.*$/gm, '');
}
