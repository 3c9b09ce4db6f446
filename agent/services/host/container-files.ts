import { ShoalError } from '../../../protocol/errors.ts';
import type { StoredFile } from '../../../protocol/schemas/file.ts';
import type { ContainerIdentity } from '../../core/host/container.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CreateContainer } from '../../ports/engine.ts';
import type { MountFiles } from '../../ports/mount-files.ts';

/** All files of a container together may take this long to come from others. Milliseconds. */
const FETCH_MS = 30_000;

type Owner = Pick<ContainerIdentity, 'group' | 'app'>;

/** The files of a container, whole on the disk. */
export interface PreparedFiles {
  readonly mounts: CreateContainer['files'];
  /** How many of them were not there as they should be. */
  readonly written: number;
}

export interface ContainerFilesDeps {
  readonly clock: Clock;
  readonly disk: MountFiles;
  /** The content of a file of an app, from this member's catalog or from others. @throws ShoalError */
  readonly contentOf: (
    file: { readonly group: string; readonly app: string; readonly sha256: string },
    signal: AbortSignal,
  ) => Promise<Uint8Array>;
  /** All that containers of this host have or are about to have. */
  readonly wanted: () => readonly StoredFile[];
}

/** Configuration files on this host's disk: there and whole before a container is made or started, gone when nobody wants them. */
export class ContainerFiles {
  readonly #deps: ContainerFilesDeps;
  /** One turn on the disk at a time, so that none removes what another has just found. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: ContainerFilesDeps) {
    this.#deps = deps;
  }

  /**
   * Puts right what is missing or changed on the disk, and says what to mount where.
   *
   * @throws ShoalError create-failed with the file and the reason
   */
  async prepare({ group, app, spec }: ContainerIdentity, signal: AbortSignal): Promise<PreparedFiles> {
    const { files = [] } = spec;
    if (files.length === 0) return { mounts: [], written: 0 };
    const { clock } = this.#deps;
    const deadline = new AbortController();
    const cancel = clock.after(FETCH_MS, () => deadline.abort());
    const mounts: { source: string; target: string }[] = [];
    let written = 0;
    try {
      for (const file of files) {
        const { source, isNew } = await this.#ensure({ group, app }, file, AbortSignal.any([signal, deadline.signal]));
        mounts.push({ source, target: file.path });
        if (isNew) written += 1;
      }
    } finally {
      cancel();
    }
    return { mounts, written };
  }

  /** Removes what no container of this host wants (any more). @throws ShoalError not-stored */
  collect(): Promise<void> {
    return this.#inTurn(() => this.#deps.disk.retain(this.#deps.wanted()));
  }

  async #ensure(owner: Owner, file: StoredFile, signal: AbortSignal): Promise<{ source: string; isNew: boolean }> {
    const { disk, contentOf } = this.#deps;
    const found = await this.#inTurn(() => disk.find(file));
    if (found !== undefined) return { source: found, isNew: false };
    try {
      const content = await contentOf({ ...owner, sha256: file.sha256 }, signal);
      // Another container may have been waiting for it too.
      const source = await this.#inTurn(async () => (await disk.find(file)) ?? disk.put(file, content));
      return { source, isNew: true };
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      throw new ShoalError('create-failed', `cannot get the file ${file.path}: ${error.message}`, { cause: error });
    }
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(act, act);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
