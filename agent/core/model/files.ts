import type { FieldFault } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { FileRecord, FileSpec, StoredFile } from '../../../protocol/schemas/file.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { compareText } from '../order.ts';
import type { ModelContext, ModelView, Write } from './verdict.ts';

/** Everybody may read it and nobody may write it, which nobody could anyway. */
const MODE = '0444';
/** So many arguments a call can have anywhere. */
const CHUNK_BYTES = 8_192;

const utf8 = new TextEncoder();

/** Files as their version keeps them, and the writes of contents that go with it. */
export interface KeptFiles {
  /** In the order of their paths; undefined when there are none, so that such a spec hashes as it always did. */
  readonly files: StoredFile[] | undefined;
  readonly writes: readonly Write[];
  readonly faults: readonly FieldFault[];
}

/**
 * Takes the contents out of a spec. Every content is written again, also one that is there: on the other side of a partition
 * it may just have been deleted, and the later write wins.
 */
export function keepFiles(
  view: ModelView,
  app: { readonly group: string; readonly name: string },
  specs: readonly FileSpec[] | undefined,
  context: ModelContext,
): KeptFiles {
  if (specs === undefined || specs.length === 0) return { files: undefined, writes: [], faults: [] };
  const files: StoredFile[] = [];
  const writes = new Map<string, Write & { readonly value: FileRecord }>();
  const faults: FieldFault[] = [];
  for (const [index, spec] of specs.entries()) {
    const read = readContent(view, app, spec, context);
    if (!read.ok) {
      faults.push({ pointer: `/spec/files/${index}${read.field}`, detail: read.detail });
      continue;
    }
    const { sha256, record } = read;
    files.push(storedFile(spec, sha256, record.sizeBytes));
    const key = keys.file(app.group, app.name, sha256);
    writes.set(key, { key, value: record });
  }
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (totalBytes > limits.versionFileBytes) {
    const detail = `${totalBytes} bytes in all, more than the ${limits.versionFileBytes} that a version may have`;
    faults.push({ pointer: '/spec/files', detail });
  }
  files.sort((a, b) => compareText(a.path, b.path));
  return { files, writes: [...writes.values()], faults };
}

/** Bytes of all contents of an app once these writes are made. */
export function appFileBytes(
  view: ModelView,
  app: { readonly group: string; readonly name: string },
  writes: readonly Write[],
): number {
  const held = new Map(view.list<FileRecord>(prefixes.filesOf(app.group, app.name)).map((e) => [e.key, e.value]));
  for (const { key, value } of writes) if (value !== undefined) held.set(key, value as FileRecord);
  return [...held.values()].reduce((sum, record) => sum + record.sizeBytes, 0);
}

/** Keys of the contents of an app that no other of its versions names: they go with it. */
export function keysOnlyOf(
  view: Pick<ModelView, 'list'>,
  { group, name }: { readonly group: string; readonly name: string },
  number: number,
): readonly string[] {
  const others = view.list<Version>(prefixes.versionsOf(group, name)).filter(({ value }) => value.number !== number);
  const named = new Set(
    others.flatMap(({ value }) => (value.spec.files ?? []).map((file) => keys.file(group, name, file.sha256))),
  );
  return view
    .list(prefixes.filesOf(group, name))
    .map(({ key }) => key)
    .filter((key) => !named.has(key));
}

/** Root's files are written as such by leaving the owner out, so that equal files are equal. */
const storedFile = (
  { path, mode = MODE, uid = 0, gid = 0 }: FileSpec,
  sha256: string,
  sizeBytes: number,
): StoredFile => ({
  path,
  sha256,
  sizeBytes,
  mode,
  ...(uid === 0 ? {} : { uid }),
  ...(gid === 0 ? {} : { gid }),
});

type Content =
  | { readonly ok: true; readonly sha256: string; readonly record: FileRecord }
  | { readonly ok: false; readonly field: string; readonly detail: string };

function readContent(
  view: ModelView,
  app: { readonly group: string; readonly name: string },
  spec: FileSpec,
  context: ModelContext,
): Content {
  const { content, contentBase64, sha256 } = spec;
  if ([content, contentBase64, sha256].filter((each) => each !== undefined).length !== 1) {
    return { ok: false, field: '', detail: 'give one of content, contentBase64 and sha256' };
  }
  if (sha256 !== undefined) {
    const record = view.get<FileRecord>(keys.file(app.group, app.name, sha256));
    if (record !== undefined) return { ok: true, sha256, record };
    return { ok: false, field: '/sha256', detail: 'no version of this app has that content: give the content itself' };
  }
  const field = content === undefined ? '/contentBase64' : '/content';
  const bytes = content === undefined ? fromBase64(contentBase64 ?? '') : fromText(content);
  if (bytes === undefined)
    return { ok: false, field, detail: content === undefined ? 'not base64' : 'not Unicode text' };
  if (bytes.length > limits.fileBytes) {
    const detail = `${bytes.length} bytes, more than the ${limits.fileBytes} that a file may have`;
    return { ok: false, field, detail };
  }
  const record = { group: app.group, app: app.name, sizeBytes: bytes.length, contentBase64: toBase64(bytes) };
  return { ok: true, sha256: context.hash(bytes), record };
}

/** A lone surrogate would become another character in silence. */
const fromText = (text: string): Uint8Array | undefined => (text.isWellFormed() ? utf8.encode(text) : undefined);

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  }
  return btoa(text);
}
