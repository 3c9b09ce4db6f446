import { get } from 'node:http';

const ANSWER_MS = 5_000;
const ANSWER_BYTES_MAX = 1024 ** 2;

/** What the engine of this machine says of the way it pulls images (Docker Engine API, `GET /info`). */
export interface LocalEngine {
  readonly version: string;
  /** Images are kept by containerd (its default from 29 on); otherwise by a graph driver. */
  readonly hasContainerdStore: boolean;
  /** Mirrors of Docker Hub that are in use, without a slash at the end. */
  readonly mirrors: readonly string[];
  /** Where `registry-mirrors` is read from. */
  readonly isRootless: boolean;
}

/** Asks the engine behind a unix socket. @throws Error when it does not answer, or not as an engine */
export async function askEngine(socketPath: string): Promise<LocalEngine> {
  const info: unknown = JSON.parse(await fetchInfo(socketPath));
  if (typeof info !== 'object' || info === null) throw new Error('the engine answers with no object');
  const { ServerVersion, DriverStatus, RegistryConfig, SecurityOptions } = info as Record<string, unknown>;
  const mirrors = (RegistryConfig as { Mirrors?: unknown } | undefined)?.Mirrors;
  return {
    version: typeof ServerVersion === 'string' ? ServerVersion : '',
    hasContainerdStore: JSON.stringify(DriverStatus ?? []).includes('io.containerd.snapshotter'),
    mirrors: Array.isArray(mirrors) ? mirrors.map((mirror) => String(mirror).replace(/\/$/, '')) : [],
    isRootless: JSON.stringify(SecurityOptions ?? []).includes('name=rootless'),
  };
}

function fetchInfo(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path: '/info', timeout: ANSWER_MS, headers: { host: 'engine' } }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > ANSWER_BYTES_MAX) request.destroy(new Error('the engine answers with too much'));
        else chunks.push(chunk);
      });
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`the engine does not answer within ${ANSWER_MS} ms`)));
    request.on('error', reject);
  });
}
