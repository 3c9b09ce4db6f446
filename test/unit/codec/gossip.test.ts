import { describe, expect, it } from 'vitest';
import type { CatalogRecord, Hlc } from '../../../agent/core/catalog/record.ts';
import type { GossipMessage } from '../../../agent/core/mesh/messages.ts';
import { decodeFrame, encodeFrame, encodeMessage, joinFrame } from '../../../agent/services/codec/gossip.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';

const host = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5' as HostId;
const ping: GossipMessage = { type: 'ping', seq: 1, incarnation: 2 };
const record: CatalogRecord = {
  key: 'k',
  hlc: `${'0'.repeat(12)}-0000-${host}` as Hlc,
  author: host,
  deleted: false,
  value: '{}',
  ancestors: [],
};
const records = (change: Record<string, unknown>): GossipMessage => ({
  type: 'catalog-records',
  records: [{ ...record, ...change }],
});
const signed = { hostId: host, incarnation: 1, sequence: 1, payload: new Uint8Array(), signature: new Uint8Array() };

describe('a hostile gossip message', () => {
  it.each<readonly [string, GossipMessage]>([
    ['an id that is no peer id', { type: 'ping-req', seq: 1, target: '../../etc' as HostId }],
    ['an empty delta id', { type: 'delta', id: '', hops: 0, delta: { kind: 'catalog', records: [] } }],
    ['a delta of no known kind', { type: 'delta', id: 'a', hops: 0, delta: { kind: 'other', records: [] } as never }],
    ['a delta without its content', { type: 'delta', id: 'a', hops: 0, delta: { kind: 'liveness' } as never }],
    [
      'more hops than members',
      { type: 'delta', id: 'a', hops: limits.members + 1, delta: { kind: 'catalog', records: [] } },
    ],
    [
      'a status that is none',
      {
        type: 'liveness-list',
        updates: [{ hostId: host, status: 'zombie' as never, incarnation: 1, by: host }],
        isReply: false,
      },
    ],
    ['a counter that is no safe integer', { type: 'ping', seq: 2 ** 60, incarnation: 0 }],
    ['a record without a stamp', records({ hlc: '' })],
    ['a catalog value beyond a frame', records({ value: 'x'.repeat(limits.gossipFrameBytes + 1) })],
    ['ancestors without end', records({ ancestors: Array(257).fill(record.hlc) })],
    ['a key beyond the bound', { type: 'catalog-want', keys: ['k'.repeat(1_025)] }],
    [
      'a host record beyond the bound',
      { type: 'host-records', records: [{ ...signed, payload: new Uint8Array(limits.gossipFrameBytes + 1) }] },
    ],
    ['a list beyond the bound', { type: 'graft', ids: Array(65_537).fill('a') }],
  ])('with %s is dropped alone', (_, message) => {
    expect(decodeFrame(encodeFrame([ping, message, ping]))).toEqual({
      isValid: true,
      messages: [ping, ping],
      rejected: 1,
      unknown: 0,
    });
  });

  it('of a later version is skipped and counted', () => {
    const later = Uint8Array.of(0xba, 0x3e, 0x02, 0x08, 0x01);
    expect(decodeFrame(joinFrame([later, encodeMessage(ping)]))).toMatchObject({
      messages: [ping],
      rejected: 0,
      unknown: 1,
    });
  });

  it('with fields of a later version is read without them', () => {
    // Field 15 of Ping, a varint.
    const extended = Uint8Array.of(0x0a, 0x06, 0x08, 0x01, 0x10, 0x02, 0x78, 0x07);
    expect(decodeFrame(joinFrame([extended])).messages).toEqual([ping]);
  });
});

describe('a record that the catalog will refuse', () => {
  it.each([
    ['a stamp that is none', { hlc: 'now' }],
    ['another author than its stamp', { author: 'somebody' }],
    ['a value beyond the bound', { value: 'x'.repeat(limits.recordBytes + 1) }],
  ])('for %s does not take its message away', (_, change) => {
    const message = records(change);
    expect(decodeFrame(encodeFrame([message])).messages).toEqual([message]);
  });
});

describe('a decoded host record', () => {
  it('does not keep the frame it came in alive', () => {
    const frame = encodeFrame([{ type: 'host-records', records: [{ ...signed, payload: Uint8Array.of(1, 2, 3) }] }]);
    const [message] = decodeFrame(frame).messages;
    const payload = message?.type === 'host-records' ? message.records[0]?.payload : undefined;
    expect(payload).toEqual(Uint8Array.of(1, 2, 3));
    expect(payload?.buffer.byteLength).toBe(3);
  });
});
