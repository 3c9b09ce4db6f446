import Type from 'typebox';
import { Check } from 'typebox/value';
import type { ContainerId, MeshId } from '../../../protocol/ids.ts';
import { ContainerIdSchema, Name } from '../../../protocol/schemas/common.ts';
import { ResolvedSpec } from '../../../protocol/schemas/version.ts';
import type { ContainerIdentity } from '../../core/host/container.ts';
import type { Award, Claim } from '../../core/placement/types.ts';
import type { EngineContainer } from '../../ports/engine.ts';

/** Labels by which an agent knows its containers again; the engine is the database of what runs. */
export const labelKeys = {
  mesh: 'shoal.mesh',
  container: 'shoal.container',
  group: 'shoal.group',
  app: 'shoal.app',
  appUid: 'shoal.app-uid',
  cluster: 'shoal.cluster',
  version: 'shoal.version',
  replica: 'shoal.replica',
  specHash: 'shoal.spec-hash',
  operation: 'shoal.operation',
  /** JSON of the part of the spec that the agent needs after the container is made. */
  spec: 'shoal.spec',
} as const;

const RESERVED = 'shoal.';

/** Labels as they come from the engine: anybody with access to Docker can write them. */
const OwnLabels = Type.Object({
  [labelKeys.container]: ContainerIdSchema,
  [labelKeys.group]: Name,
  [labelKeys.app]: Name,
  [labelKeys.appUid]: Type.String({ minLength: 1, maxLength: 64 }),
  [labelKeys.cluster]: Name,
  [labelKeys.version]: Type.String({ pattern: '^[1-9][0-9]{0,8}$' }),
  [labelKeys.replica]: Type.String({ pattern: '^[0-9]{1,6}$' }),
  [labelKeys.specHash]: Type.String({ maxLength: 64 }),
  [labelKeys.operation]: Type.String({ maxLength: 64 }),
  [labelKeys.spec]: Type.String(),
});
const StoredSpec = Type.Object({
  ...ResolvedSpec.properties,
  memoryBytes: Type.Integer({ minimum: 1 }),
});

/** The container a claim of an award is to become. */
export function identityOf(award: Award, claim: Claim, replica: number, nowMs: number): ContainerIdentity {
  return {
    containerId: claim.containerId,
    name: engineName(award.group, award.app, replica, claim.containerId),
    group: award.group,
    app: award.app,
    appUid: award.appUid,
    cluster: award.cluster,
    version: award.version,
    replica,
    specHash: award.specHash,
    operationId: award.operationId,
    spec: award.spec,
    ports: claim.ports,
    createdAtMs: nowMs,
  };
}

/** `group-app-replica-xxxx`; the end of the id keeps two versions of one replica apart. */
const engineName = (group: string, app: string, replica: number, containerId: ContainerId): string =>
  `${group}-${app}-${replica}-${containerId.slice(-4).toLowerCase()}`;

/** The labels of a container of ours: the version's own, then those that make it ours. */
export function encodeLabels(identity: ContainerIdentity, meshId: MeshId): Record<string, string> {
  const own = Object.entries(identity.spec.labels ?? {}).filter(([key]) => !key.startsWith(RESERVED));
  return {
    ...Object.fromEntries(own),
    [labelKeys.mesh]: meshId,
    [labelKeys.container]: identity.containerId,
    [labelKeys.group]: identity.group,
    [labelKeys.app]: identity.app,
    [labelKeys.appUid]: identity.appUid,
    [labelKeys.cluster]: identity.cluster,
    [labelKeys.version]: String(identity.version),
    [labelKeys.replica]: String(identity.replica),
    [labelKeys.specHash]: identity.specHash,
    [labelKeys.operation]: identity.operationId,
    [labelKeys.spec]: JSON.stringify(keptSpec(identity.spec)),
  };
}

/**
 * What restarts and stops need. Not the environment and the command: the engine has them already, and it repeats labels
 * in each of its events.
 */
function keptSpec(spec: ResolvedSpec): ResolvedSpec {
  const { image, resolvedImage, memoryBytes, cpuMilli, files, restart, health, stopGraceMs, stopSignal } = spec;
  return {
    image,
    memoryBytes,
    ...(resolvedImage === undefined ? {} : { resolvedImage }),
    ...(cpuMilli === undefined ? {} : { cpuMilli }),
    ...(files === undefined ? {} : { files }),
    ...(restart === undefined ? {} : { restart }),
    ...(health === undefined ? {} : { health }),
    ...(stopGraceMs === undefined ? {} : { stopGraceMs }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
  };
}

/**
 * Who the container is, or undefined when this mesh did not make it, its labels were tampered with, or it has another name:
 * a container made by hand from a copy of one of ours has its labels too.
 */
export function decodeLabels(container: EngineContainer, meshId: MeshId): ContainerIdentity | undefined {
  const { labels } = container;
  if (labels[labelKeys.mesh] !== meshId || !Check(OwnLabels, labels)) return undefined;
  const containerId = labels[labelKeys.container];
  const group = labels[labelKeys.group];
  const app = labels[labelKeys.app];
  const replica = Number(labels[labelKeys.replica]);
  const spec = parseSpec(labels[labelKeys.spec]);
  if (spec === undefined || container.name !== engineName(group, app, replica, containerId)) return undefined;
  return {
    containerId,
    name: container.name,
    group,
    app,
    appUid: labels[labelKeys.appUid],
    cluster: labels[labelKeys.cluster],
    version: Number(labels[labelKeys.version]),
    replica,
    specHash: labels[labelKeys.specHash],
    operationId: labels[labelKeys.operation],
    // The engine enforces what it has, whatever a label says.
    spec: { ...spec, memoryBytes: container.memoryBytes, cpuMilli: container.cpuMilli },
    ports: container.ports,
    createdAtMs: Date.parse(container.createdAt),
  };
}

function parseSpec(text: string): ResolvedSpec | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Check(StoredSpec, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
