import { join, resolve } from 'node:path';
import { ShoalError } from '../protocol/errors.ts';
import type { MeshId } from '../protocol/ids.ts';
import { readIfPresent, writePrivateFile } from './adapters/local-files.ts';
import { newApiToken } from './services/access/api-token.ts';

/** Files of an agent's data directory. */
export const dataFiles = {
  identity: (dataDir: string) => join(dataDir, 'identity.key'),
  mesh: (dataDir: string) => join(dataDir, 'mesh.json'),
  adminToken: (dataDir: string) => join(dataDir, 'admin.token'),
  meshKey: (dataDir: string) => join(dataDir, 'mesh.key'),
  images: (dataDir: string) => join(dataDir, 'images'),
  /** Absolute, for the engine. */
  files: (dataDir: string) => resolve(dataDir, 'files'),
  /** What people saw in shells. */
  recordings: (dataDir: string) => join(dataDir, 'recordings'),
  /** What removed containers wrote last. */
  lastOutput: (dataDir: string) => join(dataDir, 'last-output'),
  /** Lines of logs that wait for a collector. */
  forward: (dataDir: string) => join(dataDir, 'forward'),
  store: (dataDir: string) => join(dataDir, 'store'),
} as const;

/** What an agent remembers of its mesh besides the catalog. */
export interface MeshFile {
  readonly meshId: MeshId;
  /** Name under which the host was admitted. */
  readonly name: string;
}

/** Whether the directory belongs to a mesh. Before the mesh file is there, it is only half made. */
export const isInitialised = async (dataDir: string): Promise<boolean> =>
  (await readIfPresent(dataFiles.mesh(dataDir))) !== undefined;

/** @throws ShoalError not-found when the directory belongs to no mesh */
export async function readMeshFile(dataDir: string): Promise<MeshFile> {
  const path = dataFiles.mesh(dataDir);
  const bytes = await readIfPresent(path);
  if (bytes === undefined) {
    const next = 'Run "shoal agent init" for a new mesh or "shoal agent join" for an existing one.';
    throw new ShoalError('not-found', `${dataDir} belongs to no mesh. ${next}`);
  }
  const file = parseMeshFile(bytes.toString());
  if (file === undefined) throw new ShoalError('invalid-request', `${path} is damaged.`);
  return file;
}

function parseMeshFile(text: string): MeshFile | undefined {
  try {
    const { meshId, name }: { meshId?: unknown; name?: unknown } = JSON.parse(text);
    return typeof meshId === 'string' && typeof name === 'string' ? { meshId: meshId as MeshId, name } : undefined;
  } catch {
    return undefined;
  }
}

export const writeMeshFile = (dataDir: string, file: MeshFile): Promise<void> =>
  writePrivateFile(dataFiles.mesh(dataDir), `${JSON.stringify(file)}\n`);

/** The key that opens secrets of the catalog; undefined on a host that was given none. */
export const readMeshKey = (dataDir: string): Promise<Uint8Array | undefined> =>
  readIfPresent(dataFiles.meshKey(dataDir));

export const writeMeshKey = (dataDir: string, key: Uint8Array): Promise<void> =>
  writePrivateFile(dataFiles.meshKey(dataDir), key);

/** Makes the admin token; only its hash goes into the catalog. */
export async function writeAdminToken(dataDir: string): Promise<{ readonly secretHash: string }> {
  const { token, secretHash } = newApiToken();
  await writePrivateFile(dataFiles.adminToken(dataDir), `${token}\n`);
  return { secretHash };
}
