import { describe, expect, it } from 'vitest';
import { decodeReply, decodeRequest, encodeReply, encodeRequest } from '../../../agent/adapters/libp2p/envelope.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { shoal } from '../../../protocol/generated/wire.js';

const request = { method: 'bid', body: Uint8Array.of(1), timeoutMs: 100, id: 'x' };

describe('call envelopes', () => {
  it('carry a request', () => {
    expect(decodeRequest(encodeRequest(request))).toMatchObject({ method: 'bid', timeoutMs: 100, id: 'x' });
  });

  it.each([
    ['no method', { ...request, method: '' }],
    ['a long method', { ...request, method: 'm'.repeat(129) }],
    ['no deadline', { ...request, timeoutMs: 0 }],
    ['a long id', { ...request, id: 'i'.repeat(129) }],
  ])('refuse a request with %s', (_, broken) => {
    expect(decodeRequest(encodeRequest(broken))).toBeUndefined();
  });

  it('refuse bytes that are no envelope', () => {
    expect([
      decodeRequest(Uint8Array.of(0xff)),
      decodeReply(Uint8Array.of(0xff)),
      decodeReply(new Uint8Array()),
    ]).toEqual([undefined, undefined, undefined]);
  });

  it('turn a code that this version does not know into internal', () => {
    const bytes = shoal.call.CallReply.encode({ error: { code: 'from-the-future', detail: 'd' } }).finish();
    expect(decodeReply(bytes)).toMatchObject({ ok: false, error: { code: 'internal', message: 'd' } });
  });

  it('clip what is too long for an error', () => {
    const faults = Array.from({ length: 100 }, () => ({ pointer: '/p', detail: 'd'.repeat(9_999) }));
    const reply = decodeReply(
      encodeReply({ ok: false, error: new ShoalError('conflict', 'x'.repeat(9_999), { faults }) }),
    );
    expect(
      reply?.ok === false && [
        reply.error.message.length,
        reply.error.faults.length,
        reply.error.faults[0]?.detail.length,
      ],
    ).toEqual([4_096, 64, 4_096]);
  });
});
