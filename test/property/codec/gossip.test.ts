import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  encodeMessage,
  joinFrame,
  messageBytes,
} from '../../../agent/services/codec/gossip.ts';
import { gossipMessage } from './arbitraries.ts';

const frame = fc.array(gossipMessage, { maxLength: 6 });

describe('gossip frames', () => {
  it('give back exactly the messages that went in, in order', () => {
    fc.assert(
      fc.property(frame, (messages) => {
        expect(decodeFrame(encodeFrame(messages))).toEqual({ isValid: true, messages, rejected: 0, unknown: 0 });
      }),
    );
  });

  it('are as long as their messages say', () => {
    fc.assert(
      fc.property(frame, (messages) => {
        const sum = messages.reduce((bytes, message) => bytes + messageBytes(message), 0);
        expect(encodeFrame(messages).length).toBe(sum);
      }),
    );
  });

  it('never throw and never invent, whatever bytes arrive', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const { isValid, messages } = decodeFrame(bytes);
        expect(isValid || messages.length === 0).toBe(true);
        // What was accepted is a message that we could have sent ourselves.
        expect(decodeFrame(encodeFrame(messages)).messages).toEqual(messages);
      }),
    );
  });

  it('lose at most the message whose bytes were changed', () => {
    const damaged = fc.record({
      before: gossipMessage,
      victim: gossipMessage,
      after: gossipMessage,
      at: fc.nat(),
      bits: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(damaged, ({ before, victim, after, at, bits }) => {
        const bytes = Uint8Array.from(encodeMessage(victim));
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ bits;
        const { isValid, messages } = decodeFrame(joinFrame([encodeMessage(before), bytes, encodeMessage(after)]));
        expect(isValid).toBe(true);
        expect([messages.at(0), messages.at(-1)]).toEqual([before, after]);
      }),
    );
  });
});
