import type { MessagePort } from 'node:worker_threads';
import type { MethodOf } from './adapters/thread/caller.ts';
import type { RegistryBackend } from './services/images/registry-backend.ts';

// What the main thread and the thread of the bytes agree on. Both load this, so it imports types only.

export interface ListenAt {
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface ImageThreadSettings {
  /** Of the blob store. */
  readonly directory: string;
  readonly quotaBytes: number;
  /** Bytes of the disk that stay free for others; undefined: the store's own share. */
  readonly reserveBytes: number | undefined;
  /** `HostIdentity.privateKey`. */
  readonly privateKey: Uint8Array;
  /** Where members fetch pieces. */
  readonly pieces: ListenAt;
  /** Where engines and tools pull and push; undefined: nowhere. */
  readonly registry: ListenAt | undefined;
  /** Where clients of other machines pull and push, with a login; undefined: nowhere. */
  readonly secure: (ListenAt & { readonly cert: string; readonly key: string }) | undefined;
  /** Where an engine's `registry-mirrors` asks; undefined: nowhere. */
  readonly mirror: ListenAt | undefined;
  /** By which other registries are reached: HTTP_PROXY, HTTPS_PROXY, NO_PROXY. */
  readonly proxies: Readonly<Record<string, string>>;
  readonly logLevel: string;
}

/** Where it listens, ports as they are. */
export interface ImageThreadPlaces {
  readonly piecePort: number;
  readonly registry: ListenAt | undefined;
  readonly mirror: ListenAt | undefined;
}

/** The thread itself. */
export interface ImageThreadControl {
  /** @throws ShoalError conflict, invalid-request (naming the setting), not-stored */
  start(): Promise<ImageThreadPlaces>;
  /** Answers when the thread is alive. */
  ping(): Promise<void>;
  /** The registry takes no more requests; those under way are ended. */
  stopServing(): Promise<void>;
  /** Ends all and closes the store. */
  stop(): Promise<void>;
}

/** One port for each service and direction. */
export interface ImageThreadPorts {
  readonly control: MessagePort;
  readonly blobs: MessagePort;
  readonly upstream: MessagePort;
  readonly backend: MessagePort;
  readonly log: MessagePort;
}

export interface ImageThreadData {
  readonly settings: ImageThreadSettings;
  readonly ports: ImageThreadPorts;
}

export const threadMethods = [
  'start',
  'ping',
  'stopServing',
  'stop',
] as const satisfies readonly MethodOf<ImageThreadControl>[];

export const backendMethods = [
  'authenticate',
  'resolve',
  'manifest',
  'putManifest',
  'deleteTag',
  'deleteManifest',
  'tags',
  'referrers',
  'repositories',
  'blobSize',
  'wantBlob',
  'admitUpload',
  'uploaded',
  'deleteBlob',
] as const satisfies readonly MethodOf<RegistryBackend>[];

/** A blob goes on being fetched for as long as the request for it lasts. */
export const lastingBackendMethods = ['wantBlob'] as const satisfies readonly MethodOf<RegistryBackend>[];
