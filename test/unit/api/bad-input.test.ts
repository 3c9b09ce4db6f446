import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import { openApi } from './api-fixture.ts';

const deployments = '/v1/groups/web/apps/shop/deployments';
const deploy = (payload: object): InjectOptions => ({ method: 'POST', url: deployments, payload });
const withSpec = (spec: object): InjectOptions => deploy({ replicas: 1, spec: { image: 'nginx:1', ...spec } });
const json = { 'content-type': 'application/json' };

/** Shows that a bad request is answered with a problem that names the place, and that no command is run. */
describe('bad input', () => {
  const rows: [name: string, request: InjectOptions, status: number, pointer?: string][] = [
    ['an unknown field', deploy({ replicas: 1, replica: 2 }), 400, '/replica'],
    ['an unknown field deep inside', withSpec({ ports: [{ container: 80, hots: 1 }] }), 400, '/spec/ports/0/hots'],
    ['a missing field', deploy({ spec: {} }), 400, '/spec/image'],
    [
      'a spec and an image',
      deploy({ image: 'nginx', spec: { image: 'nginx', memoryBytes: 64 * 1024 ** 2 } }),
      400,
      '/image',
    ],
    ['a batch of nothing', deploy({ image: 'nginx', rollout: { batch: 0 } }), 400, '/rollout/batch'],
    ['an unknown way to roll out', deploy({ image: 'nginx', rollout: { strategy: 'yolo' } }), 400, '/rollout/strategy'],
    ['canaries of no sense', deploy({ image: 'nginx', canary: { replicas: [-1] } }), 400, '/canary/replicas/0'],
    ['a number as text', deploy({ replicas: '3' }), 400, '/replicas'],
    ['a fraction', deploy({ replicas: 1.5 }), 400, '/replicas'],
    ['null', deploy({ replicas: null }), 400, '/replicas'],
    ['negative memory', withSpec({ memoryBytes: -1 }), 400, '/spec/memoryBytes'],
    ['less memory than Docker takes', withSpec({ memoryBytes: 1_024 }), 400, '/spec/memoryBytes'],
    ['10,000 replicas', deploy({ replicas: 10_000, spec: { image: 'nginx' } }), 400, '/replicas'],
    ['a port twice', withSpec({ ports: [{ container: 80 }, { container: 80 }] }), 400, '/spec/ports/1/container'],
    ['port 70000', withSpec({ ports: [{ container: 70_000 }] }), 400, '/spec/ports/0/container'],
    ['protocol sctp', withSpec({ ports: [{ container: 80, protocol: 'sctp' }] }), 400, '/spec/ports/0/protocol'],
    ['an environment name with a space', withSpec({ env: { 'A B': '1' } }), 400, '/spec/env/A B'],
    ['a pointer that needs escapes', withSpec({ env: { 'a/b~c': '1' } }), 400, '/spec/env/a~1b~0c'],
    ['a number in the environment', withSpec({ env: { A: 1 } }), 400, '/spec/env/A'],
    ['an image with a space', withSpec({ image: 'nginx latest' }), 400, '/spec/image'],
    ['an array as body', deploy([]), 400, ''],
    ['text that is no JSON', { method: 'POST', url: deployments, headers: json, payload: '{' }, 400],
    ['a poisoned prototype', { method: 'POST', url: deployments, headers: json, payload: '{"__proto__":{}}' }, 400],
    ['a form', { method: 'POST', url: deployments, headers: { 'content-type': 'text/plain' }, payload: 'a=1' }, 415],
    ['10 MiB', { method: 'POST', url: deployments, headers: json, payload: ' '.repeat(10 * 1024 * 1024) }, 413],
    ['a group named ../', { method: 'PUT', url: '/v1/groups/..%2F..%2Fetc', payload: {} }, 400, '/group'],
    ['a group with capitals', { method: 'PUT', url: '/v1/groups/Web', payload: {} }, 400, '/group'],
    ['a path that leaves the API', { url: '/v1/groups/../../etc/passwd' }, 404],
    ['an escape that is none', { url: '/v1/groups/%zz' }, 400],
    ['a NUL in a name', { url: '/v1/groups/a%00b' }, 400, '/group'],
    ['a very long name', { url: `/v1/groups/${'a'.repeat(200)}` }, 400, '/group'],
    ['a very long URL', { url: `/v1/groups?cursor=${'a'.repeat(limits.apiUrlBytes)}` }, 413],
    ['a name longer than any', { url: `/v1/groups/${'a'.repeat(1_000)}` }, 400],
    ['an unknown query', { url: '/v1/groups?page=2' }, 400, '/page'],
    ['a limit of 0', { url: '/v1/groups?limit=0' }, 400, '/limit'],
    ['a limit above 500', { url: '/v1/groups?limit=501' }, 400, '/limit'],
    ['a limit in words', { url: '/v1/groups?limit=all' }, 400, '/limit'],
    ['a cursor of somebody else', { url: '/v1/groups?cursor=-' }, 400, '/cursor'],
    ['a method that is not there', { method: 'PUT', url: '/v1/groups' }, 404],
    ['an operation id that is none', { url: '/v1/operations/1' }, 400, '/operation'],
    [
      'a bad idempotency key',
      { ...deploy({ replicas: 1 }), headers: { 'idempotency-key': 'a b' } },
      400,
      '/idempotency-key',
    ],
    ['a bad If-Match', { method: 'DELETE', url: '/v1/groups/web', headers: { 'if-match': 'W/"1"' } }, 400, '/if-match'],
  ];
  it.each(rows)('%s', async (_name, request, status, pointer) => {
    const { ask, platform } = await openApi();
    const before = [...platform.world.records];
    const answer = await ask(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const problem = answer.json();
    expect(problem).toMatchObject({ status, type: expect.stringMatching(/^urn:/), title: expect.any(String) });
    expect(problem.errors?.map((fault: { pointer: string }) => fault.pointer)).toEqual(
      pointer === undefined ? undefined : [pointer],
    );
    expect([...platform.world.records]).toEqual(before);
  });

  it('names what is allowed instead', async () => {
    const { ask } = await openApi();
    const { detail } = (await ask(withSpec({ restart: 'sometimes' }))).json();
    expect(detail).toContain('must be one of always, on-failure, never');
  });

  it('does not repeat a huge name', async () => {
    const { ask } = await openApi();
    const answer = await ask(withSpec({ env: { [`${'x'.repeat(100_000)} `]: '' } }));
    expect(answer.statusCode).toBe(400);
    expect(answer.body.length).toBeLessThan(2_000);
  });

  it('tells nothing of an unexpected error but where to look', async () => {
    const { ask, platform } = await openApi();
    platform.groups = () => {
      throw new Error('secret inside');
    };
    const answer = await ask({ url: '/v1/groups' });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(answer.json()).toMatchObject({ code: 'internal', instance: expect.stringMatching(/^req_/) });
  });
});
