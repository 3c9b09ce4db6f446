import { MemoryBlobStore } from '../../../agent/ports/blob-store-memory.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { type Log, silentLog } from '../../../agent/ports/log.ts';
import { createRegistry, type ListenOptions, type Registry } from '../../../agent/registry/registry.ts';
import { RegistryClient } from './client.ts';
import { MemoryRegistryBackend } from './memory-backend.ts';

const LOOPBACK = '127.0.0.1';
const QUOTA_BYTES = 512 * 1024 * 1024;

/** A registry on loopback with a mesh and a store in memory. */
export interface MemoryWorld {
  readonly backend: MemoryRegistryBackend;
  readonly store: MemoryBlobStore;
  readonly clock: VirtualClock;
  readonly registry: Registry;
  readonly baseUrl: string;
  readonly client: RegistryClient;
  /** The sentences logged as errors. */
  readonly errors: readonly string[];
  dispose(): Promise<void>;
}

export async function memoryWorld(options: Partial<ListenOptions> = {}): Promise<MemoryWorld> {
  const clock = new VirtualClock();
  const store = new MemoryBlobStore({ clock, quotaBytes: QUOTA_BYTES });
  const backend = new MemoryRegistryBackend(store);
  const errors: string[] = [];
  const log: Log = { ...silentLog, error: (_fields, message) => void errors.push(message) };
  const registry = createRegistry({ backend, store, clock, log });
  const { port } = await registry.listen({ address: LOOPBACK, port: 0, role: 'registry', ...options });
  const baseUrl = `${options.tls === undefined ? 'http' : 'https'}://${LOOPBACK}:${port}`;
  const client = new RegistryClient(baseUrl);
  return { backend, store, clock, registry, baseUrl, client, errors, dispose: () => registry.close() };
}
