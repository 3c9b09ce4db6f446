import { describe, expect, it } from 'vitest';
import { multiaddrOf, readConfig } from '../../../agent/config.ts';

const read = (env: Record<string, string>) => readConfig(env, { name: 'h1' });

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(read({})).toMatchObject({
      dataDir: '/var/lib/shoal',
      api: { address: '127.0.0.1', port: 7420 },
      mesh: { address: '0.0.0.0', port: 7421 },
      advertise: undefined,
      capacity: {},
      labels: {},
      zone: '',
      portRange: { first: 20_000, last: 29_999 },
      logLevel: 'info',
    });
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = { SHOAL_DATA_DIR: '', SHOAL_API_LISTEN: '', SHOAL_ADVERTISE: '', SHOAL_MEMORY: '', SHOAL_LABELS: '' };
    expect(read(empty)).toEqual(read({}));
  });

  it('prefers flags to variables', () => {
    const env = { SHOAL_DATA_DIR: '/a', SHOAL_NAME: 'env', SHOAL_ADVERTISE: '10.0.0.1' };
    const flags = { dataDir: '/b', name: 'flag', advertise: '10.0.0.2' };
    expect(readConfig(env, flags)).toMatchObject({ dataDir: '/b', name: 'flag', advertise: '10.0.0.2' });
  });

  it.each([
    ['web-1', 'web-1'],
    ['Web-1.example.org', 'web-1'],
    ['my_host', 'my-host'],
    ['-x-', 'x'],
    [`${'a'.repeat(62)}-b`, 'a'.repeat(62)],
  ])('makes a name of %s', (given, name) => {
    expect(readConfig({ SHOAL_NAME: given }, {}).name).toBe(name);
  });

  it.each([
    ['1073741824', 1024 ** 3],
    ['512m', 512 * 1024 ** 2],
    ['512MiB', 512 * 1024 ** 2],
    ['1.5g', 1.5 * 1024 ** 3],
    ['2T', 2 * 1024 ** 4],
    ['64kb', 64 * 1024],
  ])('reads %s of memory', (text, bytes) => {
    expect(read({ SHOAL_MEMORY: text, SHOAL_RESERVE_MEMORY: text }).capacity).toEqual({
      memoryBytes: bytes,
      reserveBytes: bytes,
    });
  });

  it('reads cores as thousandths', () => {
    expect(read({ SHOAL_CPU: '0.5' }).capacity).toEqual({ cpuMilli: 500 });
  });

  it('reads proxies, in capitals or not', () => {
    const lower = { http_proxy: 'http://p:3128', https_proxy: 'http://u:secret@p:3128', no_proxy: '.corp,10.0.0.1' };
    const proxies = { HTTP_PROXY: 'http://p:3128', HTTPS_PROXY: 'http://u:secret@p:3128', NO_PROXY: '.corp,10.0.0.1' };
    expect(read(lower).images.proxies).toEqual(proxies);
    expect(read({ ...lower, ...proxies }).images.proxies).toEqual(proxies);
    expect(read({}).images.proxies).toEqual({});
  });

  it.each(['proxy:3128', 'socks5://u:secret@p:1080', 'not a url'])(
    'refuses the proxy %s without repeating it',
    (value) => {
      expect(() => read({ HTTPS_PROXY: value })).toThrow(/HTTPS_PROXY/);
      expect(() => read({ HTTPS_PROXY: value })).not.toThrow(/secret/);
    },
  );

  it('reads where to listen', () => {
    expect(read({ SHOAL_API_LISTEN: '[::1]:80' }).api).toEqual({ address: '::1', port: 80 });
    expect(read({ SHOAL_MESH_LISTEN: 'host.example:7421' }).mesh).toEqual({ address: 'host.example', port: 7421 });
  });

  it('reads labels, whose values may contain "="', () => {
    expect(read({ SHOAL_LABELS: 'disk=ssd,example.org/rack=r=1,' }).labels).toEqual({
      disk: 'ssd',
      'example.org/rack': 'r=1',
    });
  });

  it.each([
    ['SHOAL_NAME', '...'],
    ['SHOAL_API_LISTEN', '7420'],
    ['SHOAL_API_LISTEN', '::1:7420'],
    ['SHOAL_MESH_LISTEN', '0.0.0.0:70000'],
    ['SHOAL_MEMORY', 'lots'],
    ['SHOAL_MEMORY', '-1g'],
    ['SHOAL_MEMORY', '9000000t'],
    ['SHOAL_CPU', '0'],
    ['SHOAL_CPU', '1e9'],
    ['SHOAL_CPU', 'two'],
    ['SHOAL_LABELS', 'disk'],
    ['SHOAL_LABELS', '-disk=ssd'],
    ['SHOAL_LABELS', `disk=${'x'.repeat(1_025)}`],
    ['SHOAL_LABELS', Array.from({ length: 33 }, (_, index) => `l${index}=x`).join()],
    ['SHOAL_ZONE', 'z'.repeat(129)],
    ['SHOAL_HOST_PORTS', '2000'],
    ['SHOAL_HOST_PORTS', '30000-20000'],
    ['SHOAL_HOST_PORTS', '0-100'],
    ['SHOAL_LOG_LEVEL', 'chatty'],
  ])('refuses %s=%.20s and names the variable', (variable, value) => {
    const refusal = { code: 'invalid-request', message: expect.stringMatching(`^${variable}=`) };
    expect(() => readConfig({ [variable]: value }, {})).toThrow(expect.objectContaining(refusal));
  });
});

describe('multiaddrOf', () => {
  it.each([
    ['10.0.0.1', '/ip4/10.0.0.1/tcp/7421'],
    ['fd00::1', '/ip6/fd00::1/tcp/7421'],
    ['h1.example', '/dns/h1.example/tcp/7421'],
  ])('writes %s', (address, expected) => {
    expect(multiaddrOf(address, 7_421)).toBe(expected);
  });
});
