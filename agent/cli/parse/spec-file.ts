import { usage } from '../failure.ts';
import { filesOfSpec, type ReadFile } from './config-file.ts';
import type { DraftSpec } from './spec.ts';
import { parseCpu, parseDuration, parseMemory, parseReplicas } from './values.ts';

/** What a file given with `-f` says. The server checks the spec itself and names the field that is wrong. */
export interface SpecFile {
  readonly spec: DraftSpec;
  readonly replicas?: number;
  readonly cluster?: string;
}

/** Friendlier spellings of a field of the API, and how to read them. */
const SPELLINGS: Readonly<Record<string, { readonly field: string; readonly read: (text: string) => number }>> = {
  memory: { field: 'memoryBytes', read: parseMemory },
  cpu: { field: 'cpuMilli', read: parseCpu },
  stopGrace: { field: 'stopGraceMs', read: parseDuration },
};

/**
 * Reads a spec in YAML or JSON. Its fields are those of a version in the API; `memory: 256m`, `cpu: 0.5`,
 * `stopGrace: 5s`, `replicas` and `cluster` are understood too, and `source: ./local` for the content of a file.
 *
 * @param readFile relative paths are meant from where the spec file is
 * @throws CliFailure with exit code 2 when it is not one mapping, or a value cannot be read
 */
export async function parseSpecFile(text: string, name: string, readFile: ReadFile): Promise<SpecFile> {
  const document = await parseYaml(text, name);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw usage(`${name}: expected fields like 'image: nginx', got something else`);
  }
  const { replicas, cluster, ...rest } = document as Record<string, unknown>;
  const spec: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) {
    const spelling = SPELLINGS[key];
    if (key === 'files') spec[key] = filesOfSpec(value, name, readFile);
    else if (spelling === undefined) spec[key] = value;
    else if (Object.hasOwn(rest, spelling.field)) throw usage(`${name}: says both ${key} and ${spelling.field}`);
    else spec[spelling.field] = spelling.read(String(value));
  }
  return {
    spec,
    ...(replicas === undefined ? {} : { replicas: parseReplicas(String(replicas)) }),
    ...(cluster === undefined ? {} : { cluster: String(cluster) }),
  };
}

async function parseYaml(text: string, name: string): Promise<unknown> {
  const { parse } = await import('../yaml.ts');
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw usage(`${name}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'cannot be read'}`);
  }
}
