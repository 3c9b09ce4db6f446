import type { FieldFault } from '../../../protocol/errors.ts';
import type { VersionSpec } from '../../../protocol/schemas/version.ts';

/** The kernel's own: an engine mounts nothing there, or hides what programs need. */
const KERNEL_PATHS = ['/proc', '/sys', '/dev'];
/** Linux's NAME_MAX. */
const NAME_BYTES = 255;

const utf8 = new TextEncoder();

/** The parts of a path in the container; `/a//b/.` has those of `/a/b`. */
export const pathParts = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/** What is wrong with where files are to be, beyond the schema: pointers into a command whose field `spec` it is. */
export function pathFaults({ files = [], volumes = [] }: VersionSpec): FieldFault[] {
  const targets = volumes.map(({ target }) => `/${pathParts(target).join('/')}`);
  const paths = new Set(files.map(({ path }) => path));
  const seen = new Set<string>();
  return files.flatMap(({ path }, index): FieldFault[] => {
    const detail = pathFault(path, { paths, targets, isTwice: seen.has(path) });
    seen.add(path);
    return detail === undefined ? [] : [{ pointer: `/spec/files/${index}/path`, detail }];
  });
}

interface Surroundings {
  readonly paths: ReadonlySet<string>;
  readonly targets: readonly string[];
  readonly isTwice: boolean;
}

function pathFault(path: string, { paths, targets, isTwice }: Surroundings): string | undefined {
  const parts = pathParts(path);
  const plain = `/${parts.join('/')}`;
  if (parts.includes('..')) return 'must not contain ".."';
  if (plain === '/') return 'names no file';
  if (plain !== path) return `write it as ${plain}`;
  if (parts.some((part) => utf8.encode(part).length > NAME_BYTES))
    return `a name in it is longer than ${NAME_BYTES} bytes`;
  if (isTwice) return `${path} is there twice`;
  const kernels = KERNEL_PATHS.find((place) => isAtOrUnder(path, place));
  if (kernels !== undefined) return `nothing can be mounted under ${kernels}`;
  const above = foldersOf(parts).find((folder) => paths.has(folder));
  if (above !== undefined) return `is under ${above}, which is a file`;
  const target = targets.find((place) => isAtOrUnder(path, place) || isAtOrUnder(place, path));
  return target === undefined ? undefined : `collides with the volume at ${target}`;
}

const isAtOrUnder = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

const foldersOf = (parts: readonly string[]): string[] =>
  parts.slice(1).map((_, length) => `/${parts.slice(0, length + 1).join('/')}`);
