import { describe, expect, it } from 'vitest';
import { type Interfaces, reachableAddresses } from '../../../agent/adapters/libp2p/addresses.ts';

const entry = (address: string, internal = false) =>
  ({
    address,
    internal,
    family: address.includes(':') ? 'IPv6' : 'IPv4',
    netmask: '',
    mac: '',
    cidr: null,
    scopeid: 0,
  }) as never;
const interfaces: Interfaces = {
  lo: [entry('127.0.0.1', true), entry('::1', true)],
  eth0: [entry('10.0.0.5'), entry('fe80::1'), entry('2001:db8::5')],
  docker0: [entry('172.17.0.1')],
  'br-0123456789ab': [entry('172.18.0.1')],
};

describe('the addresses told to others', () => {
  it.each([
    ['a chosen address stays', ['/ip4/10.0.0.9/tcp/1'], interfaces, ['/ip4/10.0.0.9/tcp/1']],
    ['all interfaces mean the outer ones', ['/ip4/0.0.0.0/tcp/1'], interfaces, ['/ip4/10.0.0.5/tcp/1']],
    ['link-local ones are left out', ['/ip6/::/tcp/1'], interfaces, ['/ip6/2001:db8::5/tcp/1']],
    [
      'loopback beside an outer one is left out',
      ['/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.5/tcp/1'],
      interfaces,
      ['/ip4/10.0.0.5/tcp/1'],
    ],
    ['loopback alone stays', ['/ip4/0.0.0.0/tcp/1'], { lo: interfaces.lo }, ['/ip4/127.0.0.1/tcp/1']],
    ['none twice', ['/ip4/0.0.0.0/tcp/1', '/ip4/10.0.0.5/tcp/1'], interfaces, ['/ip4/10.0.0.5/tcp/1']],
  ])('%s', (_, listening, present, expected) => {
    expect(reachableAddresses(listening, present)).toEqual(expected);
  });
});
