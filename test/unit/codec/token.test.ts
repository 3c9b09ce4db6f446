import { describe, expect, it } from 'vitest';
import type { MeshId } from '../../../protocol/ids.ts';
import { encodeJoinToken, type JoinToken, parseJoinToken } from '../../../protocol/token.ts';

const token: JoinToken = {
  meshId: '0123456789abcdef' as MeshId,
  tokenId: 'tk_01J9ZZZZZZZZZZZZZZZZZZZZZZ',
  secret: Uint8Array.from({ length: 32 }, (_, index) => index * 8),
  addresses: ['/ip4/10.0.0.1/tcp/7421/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'],
  expiresAtMs: 1_900_000_000_000,
};
const text = encodeJoinToken(token);

describe('a join token', () => {
  it('is one word that gives back what went in', () => {
    expect(text).toMatch(/^shoal1\.[\w-]+$/);
    expect(parseJoinToken(` ${text}\n`)).toEqual(token);
  });

  it.each([
    ['nothing', ''],
    ['another word', 'hello'],
    ['another version', text.replace('shoal1', 'shoal2')],
    ['a cut one', text.slice(0, -20)],
    ['one with a line break inside', `${text.slice(0, 40)}\n${text.slice(40)}`],
    ['a very long one', `shoal1.${'A'.repeat(10_000)}`],
    ['one without addresses', encodeJoinToken({ ...token, addresses: [] })],
    ['one whose address names no host', encodeJoinToken({ ...token, addresses: ['/ip4/10.0.0.1/tcp/7421'] })],
    ['one with a short secret', encodeJoinToken({ ...token, secret: new Uint8Array(31) })],
  ])('is refused when it is %s', (_, input) => {
    expect(() => parseJoinToken(input)).toThrow(expect.objectContaining({ code: 'token-invalid' }));
  });
});
