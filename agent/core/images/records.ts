import type { ManifestRecord, TagRecord } from '../../../protocol/schemas/image.ts';
import { prefixes } from '../catalog/keys.ts';

/** The catalog, or a steward's view of it. */
export interface Records {
  /** In key order. */
  list<T>(prefix: string): readonly { readonly key: string; readonly value: T }[];
}

/** The tags of one repository, in lexical order; not those of repositories below it. */
export const tagsOf = (records: Records, repository: string): readonly TagRecord[] =>
  direct<TagRecord>(records, prefixes.tagsOf(repository));

/** The manifests of one repository, by digest; not those of repositories below it. */
export const manifestsOf = (records: Records, repository: string): readonly ManifestRecord[] =>
  direct<ManifestRecord>(records, prefixes.manifestsOf(repository));

/** Neither a tag nor a digest has a slash. */
const direct = <T>(records: Records, prefix: string): readonly T[] =>
  records.list<T>(prefix).flatMap(({ key, value }) => (key.includes('/', prefix.length) ? [] : [value]));
