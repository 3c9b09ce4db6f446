import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord } from '../../../agent/core/catalog/codec.ts';
import type { CatalogRecord, Hlc } from '../../../agent/core/catalog/record.ts';
import type { HostId } from '../../../protocol/ids.ts';

const text = fc.string({ unit: 'grapheme' });
const record: fc.Arbitrary<CatalogRecord> = fc.record({
  key: text,
  hlc: text as fc.Arbitrary<Hlc>,
  author: text as fc.Arbitrary<HostId>,
  deleted: fc.boolean(),
  value: text,
  ancestors: fc.array(text as fc.Arbitrary<Hlc>),
});

describe('records on disk', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(record, (one) => {
        expect(decodeRecord(encodeRecord(one))).toEqual({ ok: true, record: one });
      }),
    );
  });

  it('refuses any other bytes without throwing', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => !decodeRecord(bytes).ok));
    fc.assert(fc.property(fc.json(), (json) => !decodeRecord(new TextEncoder().encode(json)).ok));
  });
});
