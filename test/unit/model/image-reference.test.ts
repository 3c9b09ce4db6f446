import { describe, expect, it } from 'vitest';
import { isImageReference } from '../../../protocol/image-reference.ts';

const hash = 'a'.repeat(64);

/** Shows which texts name an image. The engine redirected `x//y` to a host of that name, and the agent died of it. */
describe('image references', () => {
  it.each([
    'nginx',
    'nginx:1.27-alpine',
    'library/nginx',
    'a__b/c.d-e--f:_x',
    'localhost/x',
    'registry.example:5000/team/web:2',
    `nginx@sha256:${hash}`,
    `nginx:1@sha256:${hash}`,
    `sha256:${hash}`,
    '10.0.0.1:5000/x',
    'a'.repeat(237),
  ])('%s is one', (text) => {
    expect(isImageReference(text)).toBe(true);
  });

  it.each([
    '',
    'x//y',
    'x/../y',
    './x',
    'x/.',
    '/x',
    'x/',
    'x:',
    'x:a:b',
    '@x',
    'x@sha256:abcd',
    'http://x/y',
    'X',
    'x y',
    'x\n',
    'x%2fy',
    'x?y',
    'x#y',
    `x:${'a'.repeat(129)}`,
    'a'.repeat(238),
    'a/'.repeat(300),
    `${'a-'.repeat(250)}!`,
  ])('%j is none', (text) => {
    expect(isImageReference(text)).toBe(false);
  });
});
