/** A file of a folder. */
export interface FolderFile {
  readonly name: string;
  readonly sizeBytes: number;
}

/**
 * A folder of this host's disk, for files that grow at their end. Names are letters, digits, dots, dashes and underscores. What a
 * write says is done is on the disk.
 */
export interface Folder {
  /** In the order of their names. @throws ShoalError not-stored when the disk can't be read */
  list(): Promise<readonly FolderFile[]>;
  /** At most so many bytes from an offset on; none at the end, or without such a file. */
  read(name: string, offset: number, maxBytes: number): Promise<Uint8Array>;
  /** The file is this and nothing else: whole, or as it was. @throws ShoalError not-stored */
  put(name: string, content: Uint8Array): Promise<void>;
  /** What a crash interrupts may be there in part. @throws ShoalError not-stored */
  append(name: string, content: Uint8Array): Promise<void>;
  /** Absent is fine. @throws ShoalError not-stored */
  remove(name: string): Promise<void>;
}
