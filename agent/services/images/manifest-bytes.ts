import type { Digest } from '../../../protocol/digest.ts';
import { type ReadFacts, readManifestFacts } from '../../core/images/manifest-facts.ts';

/** Facts of a manifest's bytes, whoever sent them. */
export function readManifest(bytes: Uint8Array, mediaType: string, digest: Digest): ReadFacts {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    const detail = 'is no JSON in UTF-8';
    return { ok: false, detail: `The manifest can't be taken. It ${detail}.`, faults: [{ pointer: '', detail }] };
  }
  return readManifestFacts(value, { digest, sizeBytes: bytes.length, mediaType });
}
