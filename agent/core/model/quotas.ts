import { namespaceOf, upstreamOf } from '../../../protocol/image-reference.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { ManifestFacts, ManifestRecord, NamespaceRecord } from '../../../protocol/schemas/image.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { blobsOf, sizeOfDifferent } from '../images/sizes.ts';
import { type ModelContext, type ModelView, type Refused, refuse, timestamp, type Verdict } from './verdict.ts';

const NAMESPACES_MAX = 1_000;

/** Sets or lifts the quota of a namespace. */
export function putNamespace(command: CommandOf<'namespace.put'>, view: ModelView, context: ModelContext): Verdict {
  const key = keys.namespace(command.namespace);
  if (upstreamOf(`${command.namespace}/any`) !== undefined) {
    const fault = { pointer: '/namespace', detail: 'names another registry' };
    return refuse('invalid-request', 'What is fetched from other registries is a cache and has no quota.', [fault]);
  }
  if (view.get(key) === undefined && view.list(prefixes.namespaces).length >= NAMESPACES_MAX) {
    return refuse('conflict', `The mesh has ${NAMESPACES_MAX} namespaces with a quota, the most it may have.`);
  }
  const namespace: NamespaceRecord = {
    name: command.namespace,
    ...(command.quotaBytes === null ? {} : { quotaBytes: command.quotaBytes }),
    updatedAt: timestamp(context),
  };
  return { ok: true, writes: [{ key, value: namespace }], body: namespace, primaryKey: key };
}

/**
 * Why a manifest is too much for its namespace, by all different blobs of its repositories. What adds nothing is never too
 * much. Stewards of two repositories judge at the same time, so a quota may be passed by what is pushed at that moment.
 * Images of other registries have none: they are copies that can go.
 */
export function quotaFault(repository: string, manifest: ManifestFacts, view: ModelView): Refused | undefined {
  if (upstreamOf(repository) !== undefined) return undefined;
  const namespace = namespaceOf(repository);
  const quotaBytes = view.get<NamespaceRecord>(keys.namespace(namespace))?.quotaBytes;
  if (quotaBytes === undefined) return undefined;
  const blobs = view
    .list<ManifestRecord>(prefixes.manifests)
    .filter(({ value }) => upstreamOf(value.repository) === undefined && namespaceOf(value.repository) === namespace)
    .flatMap(({ value }) => blobsOf(value));
  const beforeBytes = sizeOfDifferent(blobs);
  const afterBytes = sizeOfDifferent([...blobs, ...blobsOf(manifest)]);
  if (afterBytes <= quotaBytes || afterBytes <= beforeBytes) return undefined;
  const detail = `Namespace "${namespace}" has a quota of ${quotaBytes} bytes and uses ${beforeBytes}; this image would bring it to ${afterBytes}. Delete images, or raise the quota.`;
  return refuse('quota-exceeded', detail);
}
