import type { StoredFile } from '../../protocol/schemas/file.ts';

/** A file as containers see it: content, mode and owner. Where it is in a container makes no difference. */
export type MountFile = Pick<StoredFile, 'sha256' | 'mode' | 'uid' | 'gid'>;

/** Files on this host's disk that its engine mounts into containers. */
export interface MountFiles {
  /** Its path for the engine; undefined when it is not there, or is not what it should be. */
  find(file: MountFile): Promise<string | undefined>;
  /**
   * Puts it there, whatever is there now, and answers its path. Whole or not at all, and on disk when this resolves. Who has
   * the earlier one mounted keeps that.
   *
   * @throws ShoalError not-stored
   */
  put(file: MountFile, content: Uint8Array): Promise<string>;
  /** Removes all others. @throws ShoalError not-stored */
  retain(files: readonly MountFile[]): Promise<void>;
}

/** Tells files apart; a file name. */
export const mountFileName = ({ sha256, mode, uid = 0, gid = 0 }: MountFile): string =>
  `${sha256}-${mode}-${uid}-${gid}`;
