import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import type { ResolvedSpec, StoredSpec, Version, VersionSpec } from '../../../protocol/schemas/version.ts';
import { canonicalJson } from '../canonical-json.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { activeApp } from './apps.ts';
import { appFileBytes, keepFiles } from './files.ts';
import { readGroup } from './groups.ts';
import { specFaults } from './spec-faults.ts';
import {
  type ModelContext,
  type ModelView,
  type Refused,
  refuse,
  timestamp,
  type Verdict,
  type Write,
} from './verdict.ts';

/** Hex digits of a spec's hash; 64 bits tell the versions of one app apart. */
const SPEC_HASH_DIGITS = 16;

export const readVersion = (view: ModelView, app: App, number: number): Version | undefined =>
  view.get<Version>(keys.version(app.group, app.name, number));

/** The newest version there is. Not always number `latestVersion`: one made by a deploy that failed is gone again. */
export const latestVersion = (view: ModelView, app: App): Version | undefined =>
  view.list<Version>(prefixes.versionsOf(app.group, app.name)).at(-1)?.value;

/** What a version comes to. Without a digest it is what it was before there were any, so that hashes stay. */
export const resolvedSpec = ({
  spec,
  memoryBytes,
  resolvedImage,
}: Pick<Version, 'spec' | 'memoryBytes' | 'resolvedImage'>): ResolvedSpec => ({
  ...spec,
  memoryBytes,
  ...(resolvedImage === undefined ? {} : { resolvedImage }),
});

/** A version to use: an existing one, or a new one with its writes and the app that counts it. */
export interface ChosenVersion {
  readonly ok: true;
  readonly version: Version;
  readonly app: App;
  readonly writes: readonly Write[];
}

/** A spec as people write it, and what the member that took the request found its image to stand for. */
export interface Asked {
  readonly spec: VersionSpec;
  readonly resolvedImage?: string | undefined;
}

/** The app's next version, or its latest one when the spec, the memory it comes to and the image's digest are the same. */
export function nextVersion(
  view: ModelView,
  app: App,
  { spec, resolvedImage }: Asked,
  context: ModelContext,
): ChosenVersion | Refused {
  const groupMemoryBytes = readGroup(view, app.group)?.defaultMemoryBytes;
  const { files, writes: contents, faults: fileFaults } = keepFiles(view, app, spec.files, context);
  const faults = [...specFaults(spec, groupMemoryBytes), ...fileFaults];
  const memoryBytes = spec.memoryBytes ?? groupMemoryBytes;
  if (faults.length > 0 || memoryBytes === undefined) {
    const named = faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
    return refuse('invalid-request', `The spec can't be used. ${named}.`, faults);
  }
  const { files: _contents, ...others } = spec;
  const kept: StoredSpec = { ...others, ...(files === undefined ? {} : { files }) };
  const content = { spec: kept, memoryBytes, ...(resolvedImage === undefined ? {} : { resolvedImage }) };
  const specHash = context.hash(canonicalJson(resolvedSpec(content))).slice(0, SPEC_HASH_DIGITS);
  const latest = latestVersion(view, app);
  if (latest?.specHash === specHash) return { ok: true, version: latest, app, writes: [] };
  const number = app.latestVersion + 1;
  if (number > limits.versionsPerApp) {
    return refuse('conflict', `The app has ${limits.versionsPerApp} versions, the most it may have. Use a new app.`);
  }
  if (contents.length > 0 && appFileBytes(view, app, contents) > limits.appFileBytes) {
    const detail = `The files of the app's versions would take more than ${limits.appFileBytes} bytes in all. Use a new app.`;
    return refuse('too-large', detail, [{ pointer: '/spec/files', detail: 'too much with those of earlier versions' }]);
  }
  const version: Version = {
    group: app.group,
    app: app.name,
    appUid: app.uid,
    number,
    ...content,
    specHash,
    createdAt: timestamp(context),
    createdBy: context.actorId,
  };
  return {
    ok: true,
    version,
    app: { ...app, latestVersion: number, updatedAt: timestamp(context) },
    writes: [{ key: keys.version(app.group, app.name, number), value: version }, ...contents],
  };
}

/** Makes the next version of an app. The latest one is answered when nothing differs from it. */
export function createVersion(command: CommandOf<'version.create'>, view: ModelView, context: ModelContext): Verdict {
  const found = activeApp(view, command.group, command.app);
  if (!found.ok) return found;
  const chosen = nextVersion(view, found.app, command, context);
  if (!chosen.ok) return chosen;
  const key = keys.app(command.group, command.app);
  const writes = chosen.writes.length === 0 ? [] : [{ key, value: chosen.app }, ...chosen.writes];
  const primaryKey = keys.version(command.group, command.app, chosen.version.number);
  return { ok: true, writes, body: chosen.version, primaryKey };
}
