import { describe, expect, it } from 'vitest';
import { fullName, nameInPath, parseResolvedImage, upstreamOf } from '../../../protocol/image-reference.ts';

describe('the upstream of a name', () => {
  it.each([
    ['team/app', undefined],
    ['app', undefined],
    ['docker.io/nginx', { host: 'docker.io', repository: 'library/nginx' }],
    ['index.docker.io/a/b', { host: 'docker.io', repository: 'a/b' }],
    ['localhost/a', { host: 'localhost', repository: 'a' }],
    ['registry.corp:5000/a/b', { host: 'registry.corp:5000', repository: 'a/b' }],
    ['registry.corp__5000/a/b', { host: 'registry.corp:5000', repository: 'a/b' }],
  ])('%s', (name, upstream) => {
    expect(upstreamOf(name)).toEqual(upstream);
  });
});

describe('a name behind the address of the registry', () => {
  it.each([
    ['team/app', 'team/app'],
    ['ghcr.io/a/b', 'ghcr.io/a/b'],
    ['registry.corp:5000/a/b', 'registry.corp__5000/a/b'],
    [`registry.corp:5000/a@sha256:${'0'.repeat(64)}`, `registry.corp__5000/a@sha256:${'0'.repeat(64)}`],
    [`team/app@sha256:${'0'.repeat(64)}`, `team/app@sha256:${'0'.repeat(64)}`],
  ])('%s is %s', (name, inPath) => {
    expect(nameInPath(name)).toBe(inPath);
  });

  it('means the same repository', () => {
    expect(fullName(nameInPath('registry.corp:5000/a/b'))).toBe('registry.corp:5000/a/b');
  });
});

describe('a resolved image', () => {
  it('is taken apart into repository and digest', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(parseResolvedImage(`registry.corp:5000/a/b@${digest}`)).toEqual({
      repository: 'registry.corp:5000/a/b',
      digest,
    });
    expect(parseResolvedImage(`a//b@${digest}`)).toBeUndefined();
    expect(parseResolvedImage('team/app:1')).toBeUndefined();
  });
});
