import { Compile } from 'typebox/compile';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ContainerState } from '../../../protocol/schemas/host.ts';
import { Recording } from '../../../protocol/schemas/recording.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Folder } from '../../ports/folder.ts';
import type { Log } from '../../ports/log.ts';
import { encodeJson } from '../catalog/record-body.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import { Recorder } from './recorder.ts';

const META_BYTES_MAX = 64 * 1024;
const READ_BYTES = 64 * 1024;
const metaOf = (id: string): string => `${id}.json`;
const castOf = (id: string): string => `${id}.cast`;
const recording = Compile(Recording);

export interface RecordingsParts {
  readonly folder: Folder;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly hostId: HostId;
  readonly hostName: string;
}

/** A shell that is about to open. */
export interface RecordedShell {
  readonly id: string;
  readonly container: ContainerState;
  readonly command: readonly string[];
  readonly user?: string;
  readonly tty: boolean;
  readonly cols: number;
  readonly rows: number;
  readonly openedBy: string;
}

/** What a shell is written down with. */
export interface OpenRecording extends Pick<Recorder, 'output' | 'resize' | 'end'> {
  /** The shell did not open after all. */
  discard(): Promise<void>;
}

/** Recordings of shells into this host's containers: a text file each, and a small one that says whose it is. */
export class Recordings {
  readonly #parts: RecordingsParts;
  readonly #known = new Map<string, Recording>();
  #loading: Promise<void> | undefined;

  constructor(parts: RecordingsParts) {
    this.#parts = parts;
  }

  /** @throws ShoalError not-stored when it can't be written down */
  async begin(shell: RecordedShell): Promise<OpenRecording> {
    await this.#load();
    const { id, container, command, tty, cols, rows } = shell;
    const about = this.#aboutOf(shell);
    this.#known.set(id, about);
    const recorder = new Recorder({
      ...this.#parts,
      file: castOf(id),
      tty,
      onGrown: (bytes) => this.#change(id, { sizeBytes: (this.#known.get(id)?.sizeBytes ?? 0) + bytes }),
      onCut: (why) => this.#cut(id, why),
    });
    try {
      await this.#save(about);
      await recorder.begin({ cols, rows, command: command.join(' '), title: `${container.name} by ${shell.openedBy}` });
      await this.#makeRoom();
    } catch (error) {
      await this.#drop(id).catch(() => {});
      throw error;
    }
    return {
      output: (bytes) => recorder.output(bytes),
      resize: (width, height) => recorder.resize(width, height),
      end: (code) => this.#end(id, recorder, code),
      discard: () => this.#drop(id).catch(() => {}),
    };
  }

  /** Oldest first. */
  async list(): Promise<readonly Recording[]> {
    await this.#load();
    return [...this.#known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The asciicast, as far as it is on the disk. @throws ShoalError not-found */
  async read(id: string): Promise<AsyncIterable<Uint8Array>> {
    await this.#get(id);
    return this.#chunks(castOf(id));
  }

  /** @throws ShoalError not-found, conflict while it is being made */
  async remove(id: string, actor: string): Promise<void> {
    const { container, state, group, app, containerId, openedBy } = await this.#get(id);
    if (state === 'running') throw new ShoalError('conflict', 'The shell is still open; close it first.');
    await this.#drop(id);
    const { events, hostId } = this.#parts;
    const message = `the recording ${id} of a shell of ${openedBy} in ${container} was deleted`;
    events.record({ kind: 'recording.deleted', message, group, app, container: containerId, host: hostId, actor });
  }

  async *#chunks(file: string): AsyncGenerator<Uint8Array> {
    for (let at = 0; ; ) {
      const bytes = await this.#parts.folder.read(file, at, READ_BYTES);
      if (bytes.length === 0) return;
      at += bytes.length;
      yield bytes;
    }
  }

  async #get(id: string): Promise<Recording> {
    await this.#load();
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    throw new ShoalError('not-found', `There is no recording ${id} on ${this.#parts.hostName}.`);
  }

  #load(): Promise<void> {
    this.#loading ??= this.#readAll().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** Whatever is not a whole recording is left behind by a crash, and goes. */
  async #readAll(): Promise<void> {
    const { folder } = this.#parts;
    const files = new Map((await folder.list()).map(({ name, sizeBytes }) => [name, sizeBytes]));
    for (const name of files.keys()) {
      const id = name.replace(/\.(json|cast)$/, '');
      if (this.#known.has(id)) continue;
      const about = parse(await folder.read(metaOf(id), 0, META_BYTES_MAX));
      const sizeBytes = files.get(castOf(id));
      if (about?.id !== id || sizeBytes === undefined) {
        await folder.remove(name).catch(() => {});
        continue;
      }
      this.#known.set(id, { ...about, sizeBytes, state: about.state === 'running' ? 'broken-off' : about.state });
    }
  }

  #aboutOf({ id, container, command, user, tty, openedBy }: RecordedShell): Recording {
    const { hostId, hostName, clock } = this.#parts;
    const { group, app } = container;
    return {
      ...{ id, containerId: container.id, container: container.name, group, app, hostId, hostName },
      command: [...command],
      ...(user === undefined ? {} : { user }),
      ...{ tty, openedBy, openedAt: new Date(clock.nowMs()).toISOString(), state: 'running', sizeBytes: 0 },
    };
  }

  async #end(id: string, recorder: Recorder, exitCode: number): Promise<void> {
    await recorder.end(exitCode);
    const endedAt = new Date(this.#parts.clock.nowMs()).toISOString();
    const about = this.#change(id, { state: 'ended', endedAt, exitCode });
    try {
      if (about !== undefined) await this.#save(about);
      await this.#makeRoom();
    } catch (error) {
      this.#parts.log.warn({ error }, 'the end of a recording could not be written');
    }
  }

  #cut(id: string, why: string): void {
    const about = this.#change(id, { isCut: true });
    if (about === undefined) return;
    const { group, app, container, containerId, openedBy: actor } = about;
    const message = `a shell in ${container} goes on without being recorded: ${why}`;
    const { events, hostId: host } = this.#parts;
    events.record({ kind: 'recording.cut', message, group, app, container: containerId, host, actor });
  }

  #change(id: string, change: Partial<Recording>): Recording | undefined {
    const known = this.#known.get(id);
    if (known === undefined) return undefined;
    const changed = { ...known, ...change };
    this.#known.set(id, changed);
    return changed;
  }

  #save(about: Recording): Promise<void> {
    return this.#parts.folder.put(metaOf(about.id), encodeJson(about));
  }

  /** The oldest go, but none that is being made. */
  async #makeRoom(): Promise<void> {
    const all = await this.list();
    let bytes = all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    let count = all.length;
    for (const { id, state, sizeBytes } of all) {
      if (bytes <= limits.recordingsBytes && count <= limits.recordings) return;
      if (state === 'running') continue;
      await this.#drop(id);
      bytes -= sizeBytes;
      count -= 1;
    }
  }

  async #drop(id: string): Promise<void> {
    const { folder } = this.#parts;
    await folder.remove(castOf(id));
    await folder.remove(metaOf(id));
    this.#known.delete(id);
  }
}

function parse(bytes: Uint8Array): Recording | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return recording.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
