/** One change of a batch. Values are opaque bytes. */
export type StoreOp =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string };

/** Ordered key-value store on the host's disk. Keys are compared as UTF-8 strings. */
export interface Store {
  get(key: string): Promise<Uint8Array | undefined>;
  /** All entries whose key starts with `prefix`, in key order. */
  entries(prefix: string): AsyncIterable<readonly [key: string, value: Uint8Array]>;
  /**
   * Applies all or none. Resolves only when the bytes are synced to disk. After a failure a later write may succeed.
   *
   * @throws ShoalError not-stored when the disk is full or broken, not-ready after `close`
   */
  write(ops: readonly StoreOp[]): Promise<void>;
  close(): Promise<void>;
}
