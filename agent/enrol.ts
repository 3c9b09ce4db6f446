import { randomBytes } from 'node:crypto';
import manifest from '../package.json' with { type: 'json' };
import { ShoalError } from '../protocol/errors.ts';
import type { MeshId } from '../protocol/ids.ts';
import type { CredentialRecord, MemberRecord } from '../protocol/schemas/model.ts';
import { parseJoinToken } from '../protocol/token.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { LevelStore } from './adapters/level/level-store.ts';
import { loadIdentity } from './adapters/libp2p/identity.ts';
import { dialJoin } from './adapters/libp2p/join.ts';
import { makePrivateDirectory } from './adapters/local-files.ts';
import { systemClock } from './adapters/system-clock.ts';
import { type AgentConfig, multiaddrOf } from './config.ts';
import { newCatalog } from './core/catalog/catalog.ts';
import { draft } from './core/catalog/draft.ts';
import { keys } from './core/catalog/keys.ts';
import type { CatalogRecord } from './core/catalog/record.ts';
import { dataFiles, writeAdminToken, writeMeshFile, writeMeshKey } from './data-dir.ts';
import { joinReplyCodec, joinRequestCodec } from './services/codec/join.ts';
import { MESH_KEY_BYTES } from './services/images/sealing.ts';
import { storeRecords } from './services/mesh/mesh-disk.ts';

const JOIN_MS = 15_000;

/** Makes a mesh whose first member is this host. The mesh file comes last: before it, trying again starts over. */
export async function initMesh(config: AgentConfig): Promise<MeshId> {
  await makePrivateDirectory(config.dataDir);
  const { hostId } = await loadIdentity(dataFiles.identity(config.dataDir));
  const meshId = randomBytes(10).toString('hex') as MeshId;
  const at = new Date(systemClock.nowMs()).toISOString();
  const member: MemberRecord = {
    hostId,
    name: config.name,
    addresses: advertised(config),
    joinedAt: at,
    joinedWith: 'init',
  };
  const admin: CredentialRecord = {
    id: 'admin',
    role: 'admin',
    createdAt: at,
    ...(await writeAdminToken(config.dataDir)),
  };
  const drafted = draft(
    newCatalog(),
    [
      { key: keys.member(hostId), value: JSON.stringify(member) },
      { key: keys.credential(admin.id), value: JSON.stringify(admin) },
    ],
    hostId,
    systemClock.nowMs(),
  );
  if (!drafted.ok) throw new Error(`the first records are not valid: ${drafted.reason}`);
  await writeMeshKey(config.dataDir, randomBytes(MESH_KEY_BYTES));
  await enrol(config, meshId, drafted.records);
  return meshId;
}

/**
 * Shows the token to one of the members it names and becomes a member.
 *
 * @throws ShoalError token-invalid, evicted, already-exists (name), host-unreachable when no member answers
 */
export async function joinMesh(config: AgentConfig, tokenText: string): Promise<MeshId> {
  const token = parseJoinToken(tokenText);
  if (token.expiresAtMs <= systemClock.nowMs())
    throw new ShoalError('token-invalid', 'The token has expired; ask for a new one.');
  const addresses = advertised(config);
  if (addresses.length === 0) {
    throw new ShoalError(
      'invalid-request',
      'Say at which address the other members reach this host: --advertise ADDRESS.',
    );
  }
  await makePrivateDirectory(config.dataDir);
  const { privateKey } = await loadIdentity(dataFiles.identity(config.dataDir));
  const request = joinRequestCodec.encode({
    tokenId: token.tokenId,
    secret: token.secret,
    name: config.name,
    addresses,
    protocolVersion: PROTOCOL_VERSION,
    agentVersion: manifest.version,
  });
  const { meshId, addresses: members } = token;
  const answer = await dialJoin({ addresses: members, meshId, privateKey, request, timeoutMs: JOIN_MS });
  const reply = joinReplyCodec.decode(answer);
  if (reply.meshId !== meshId) throw new ShoalError('conflict', 'The member that answered belongs to another mesh.');
  if (reply.meshKey.length === MESH_KEY_BYTES) await writeMeshKey(config.dataDir, reply.meshKey);
  await enrol(config, reply.meshId, reply.records);
  return reply.meshId;
}

async function enrol(config: AgentConfig, meshId: MeshId, records: readonly CatalogRecord[]): Promise<void> {
  const store = await LevelStore.open(dataFiles.store(config.dataDir));
  try {
    await storeRecords(store, records);
  } finally {
    await store.close();
  }
  await writeMeshFile(config.dataDir, { meshId, name: config.name });
}

const advertised = (config: AgentConfig): string[] => {
  const address = config.advertise ?? (/^(0\.0\.0\.0|::)$/.test(config.mesh.address) ? undefined : config.mesh.address);
  return address === undefined ? [] : [multiaddrOf(address, config.mesh.port)];
};
