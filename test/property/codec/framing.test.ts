import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, withLength } from '../../../agent/adapters/libp2p/framing.ts';

const MAX_BYTES = 1_000;
const frames = fc.array(fc.uint8Array({ maxLength: MAX_BYTES }), { maxLength: 8 });

/** Cuts at the given places (taken modulo the length). */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((x, y) => x - y);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

describe('length-prefixed frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 20 }), (sent, places) => {
        const reader = new FrameReader(MAX_BYTES);
        const bytes = Buffer.concat(sent.map(withLength));
        const read = cut(bytes, places).flatMap((chunk) => reader.push(chunk).map((frame) => Uint8Array.from(frame)));
        expect(read).toEqual(sent.map((frame) => Uint8Array.from(frame)));
      }),
    );
  });

  it('end with an error or stay within the bound, whatever bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 4 }), (chunks) => {
        const reader = new FrameReader(MAX_BYTES);
        try {
          for (const chunk of chunks)
            for (const frame of reader.push(chunk)) expect(frame.length).toBeLessThanOrEqual(MAX_BYTES);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
