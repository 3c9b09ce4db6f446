import { describe, expect, it } from 'vitest';
import { mayCarryLogin } from '../../../agent/adapters/upstream/authority.ts';
import { parseChallenge } from '../../../agent/adapters/upstream/challenge.ts';

describe('WWW-Authenticate', () => {
  it.each([
    {
      header:
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      realm: 'https://auth.docker.io/token',
      service: 'registry.docker.io',
      scope: 'repository:a/b:pull,push',
    },
    {
      header: 'bearer REALM = "https://x/t" , service=plain',
      realm: 'https://x/t',
      service: 'plain',
      scope: undefined,
    },
    {
      header: 'Basic realm="x", Bearer realm="https://x/t"',
      realm: 'https://x/t',
      service: undefined,
      scope: undefined,
    },
    {
      header: 'Bearer realm="https://x/t", Basic realm="y"',
      realm: 'https://x/t',
      service: undefined,
      scope: undefined,
    },
    {
      header: 'Bearer realm="https://me:pw@x/t#f",service="a\\"b"',
      realm: 'https://x/t',
      service: 'a"b',
      scope: undefined,
    },
  ])('asks for a token: $header', ({ header, realm, service, scope }) => {
    const challenge = parseChallenge(header);
    expect(challenge).toMatchObject({ scheme: 'bearer', service, scope });
    expect(challenge?.scheme === 'bearer' && challenge.realm.href).toBe(realm);
  });

  it.each(['Basic', 'basic realm="Registry, bearer of news"'.replace('bearer', 'giver'), 'Negotiate x, Basic realm=y'])(
    'asks for a password: %s',
    (header) => {
      expect(parseChallenge(header)).toEqual({ scheme: 'basic' });
    },
  );

  it.each([
    undefined,
    '',
    'Negotiate abc',
    'Bearer',
    'Bearer realm=""',
    'Bearer realm="/token"',
    'Bearer realm="ftp://x/"',
    'Bearer realm="javascript:1"',
    `Bearer realm="https://x/${'y'.repeat(10_000)}"`,
  ])('asks for nothing that is known: %s', (header) => {
    expect(parseChallenge(header)).toBeUndefined();
  });
});

describe('a login', () => {
  it.each([
    { access: 'https://r.example', target: 'https://auth.example/token', may: true },
    { access: 'https://r.example', target: 'http://auth.example/token', may: false },
    { access: 'https://r.example', target: 'http://127.0.0.1.example/token', may: false },
    { access: 'https://r.example', target: 'http://127.0.0.1:9/token', may: true },
    { access: 'https://r.example', target: 'http://[::1]/token', may: true },
    { access: 'http://r.example', target: 'http://auth.example/token', may: true },
  ])('for $access may go to $target: $may', ({ access, target, may }) => {
    expect(mayCarryLogin(access, new URL(target))).toBe(may);
  });
});
