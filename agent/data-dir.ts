import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ShoalError } from '../protocol/errors.ts';
import type { MeshId } from '../protocol/ids.ts';

/** Files of an agent's data directory. */
export const dataFiles = {
  identity: (dataDir: string) => join(dataDir, 'identity.key'),
  mesh: (dataDir: string) => join(dataDir, 'mesh.json'),
  adminToken: (dataDir: string) => join(dataDir, 'admin.token'),
  store: (dataDir: string) => join(dataDir, 'store'),
} as const;

/** What an agent remembers of its mesh besides the catalog. */
export interface MeshFile {
  readonly meshId: MeshId;
  /** Name under which the host was admitted. */
  readonly name: string;
}

/** @throws ShoalError not-found when the directory was not initialised */
export async function readMeshFile(dataDir: string): Promise<MeshFile> {
  const path = dataFiles.mesh(dataDir);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const detail = `${dataDir} belongs to no mesh. Run "shoal agent init" for a new mesh or "shoal agent join" for an existing one.`;
    throw new ShoalError('not-found', detail, { cause });
  });
  const { meshId, name } = JSON.parse(text) as Partial<MeshFile>;
  if (typeof meshId !== 'string' || typeof name !== 'string')
    throw new ShoalError('invalid-request', `${path} is damaged`);
  return { meshId, name };
}

export const writeMeshFile = (dataDir: string, file: MeshFile): Promise<void> =>
  writePrivateFile(dataFiles.mesh(dataDir), `${JSON.stringify(file)}\n`);

/** Makes a directory that only its owner can enter. */
export async function makeDataDir(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
}

/** Makes the admin token; only its hash goes into the catalog. */
export async function writeAdminToken(dataDir: string): Promise<{ readonly secretHash: string }> {
  const token = `shoal_${randomBytes(32).toString('base64url')}`;
  await writePrivateFile(dataFiles.adminToken(dataDir), `${token}\n`);
  return { secretHash: createHash('sha256').update(token).digest('hex') };
}

/** Whole or not at all, mode 0600, on disk when it resolves. */
async function writePrivateFile(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`;
  const file = await open(partial, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
}
