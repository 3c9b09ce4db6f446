import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { ANCESTORS_MAX } from '../../core/catalog/check-record.ts';
import type { CatalogRecord } from '../../core/catalog/record.ts';

/** Shape of catalog records inside the body of a call. Their contents are judged by the catalog's own merge. */
export const CatalogRecordSchema = Type.Unsafe<CatalogRecord>(
  Type.Object({
    key: Type.String({ maxLength: 512 }),
    hlc: Type.String({ maxLength: 128 }),
    author: Type.String({ maxLength: 128 }),
    deleted: Type.Boolean(),
    value: Type.String({ maxLength: limits.recordBytes }),
    ancestors: Type.Array(Type.String({ maxLength: 128 }), { maxItems: ANCESTORS_MAX }),
  }),
);

const Records = Compile(Type.Array(CatalogRecordSchema, { maxItems: 4_096 }));

export const encodeRecords = (records: readonly CatalogRecord[]): Uint8Array => encodeJson(records);

/** @throws ShoalError invalid-request */
export function decodeRecords(body: Uint8Array): readonly CatalogRecord[] {
  return decodeJson(body, (value) => Records.Check(value), 'catalog records');
}

export const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Parses a JSON body of a call from another member. @throws ShoalError invalid-request */
export function decodeJson<T>(body: Uint8Array, check: (value: unknown) => boolean, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new ShoalError('invalid-request', `${what}: not JSON`, { cause });
  }
  if (!check(value)) throw new ShoalError('invalid-request', `${what}: not of the expected shape`);
  return value as T;
}
