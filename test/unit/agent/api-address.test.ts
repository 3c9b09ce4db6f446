import { describe, expect, it } from 'vitest';
import { apiAddress } from '../../../agent/api-address.ts';

/** Shows that a host tells others an address of its API that leads there, or none. */
describe('apiAddress', () => {
  const mesh = ['/ip4/10.0.0.7/tcp/7421', '/ip6/fd00::7/tcp/7421'];

  it.each<[string, readonly string[], string | undefined]>([
    ['127.0.0.1', mesh, '127.0.0.1:7420'],
    ['10.0.0.7', [], '10.0.0.7:7420'],
    ['fd00::7', [], '[fd00::7]:7420'],
    ['0.0.0.0', mesh, '10.0.0.7:7420'],
    ['::', ['/dns/h7.test/tcp/7421'], 'h7.test:7420'],
    ['0.0.0.0', [], undefined],
    ['0.0.0.0', ['/unix/run'], undefined],
    ['fe80::1%eth0', mesh, undefined],
  ])('%s with %j is %s', (address, addresses, expected) =>
    expect(apiAddress({ address, port: 7420 }, addresses)).toBe(expected),
  );
});
