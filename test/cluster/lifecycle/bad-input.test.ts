import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../protocol/errors.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import { itemsOf, tracesOf } from '../../framework/deploys.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { ApiOptions } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';

const MiB = 1024 ** 2;
const deployments = '/v1/groups/team/apps/web/deployments';
const spec = { image: 'shoal-test:1', memoryBytes: 32 * MiB };

interface BadRequest extends ApiOptions {
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  readonly code: ErrorCode;
  /** The field at fault. */
  readonly pointer?: string;
}

/** A deploy with something wrong in it. */
const badDeploy = (name: string, change: object, pointer: string, code: ErrorCode = 'invalid-request'): BadRequest => ({
  name,
  body: { replicas: 1, spec, ...change },
  code,
  pointer,
});
const badSpec = (name: string, change: object, pointer: string): BadRequest =>
  badDeploy(name, { spec: { ...spec, ...change } }, `/spec${pointer}`);

const deploys: readonly BadRequest[] = [
  badDeploy('an unknown field', { replica: 3 }, '/replica'),
  badDeploy('a number as text', { replicas: '3' }, '/replicas'),
  badDeploy('half a replica', { replicas: 1.5 }, '/replicas'),
  badDeploy('fewer than no replicas', { replicas: -1 }, '/replicas'),
  badDeploy('10,000 replicas', { replicas: 10_000 }, '/replicas'),
  badDeploy('a batch of nothing', { rollout: { batch: 0 } }, '/rollout/batch'),
  badDeploy('canaries where nothing runs', { canary: { count: 1 } }, '/canary', 'conflict'),
  badDeploy('a version and a spec', { version: 1 }, '/version'),
  badDeploy('a cluster that is a path', { cluster: '../default' }, '/cluster'),
  badDeploy('a cluster that is not there', { cluster: 'nowhere' }, '/cluster', 'not-found'),
  badDeploy('a spec that is a list', { spec: [] }, '/spec'),
  badSpec('an unknown field of the spec', { memory: '64m' }, '/memory'),
  badSpec('negative memory', { memoryBytes: -64 * MiB }, '/memoryBytes'),
  badSpec('memory as text', { memoryBytes: '64m' }, '/memoryBytes'),
  badSpec('less memory than an engine takes', { memoryBytes: 1 }, '/memoryBytes'),
  badSpec('no memory, and none in the group', { memoryBytes: undefined }, '/memoryBytes'),
  badSpec('negative CPU', { cpuMilli: -1 }, '/cpuMilli'),
  badSpec('an image with a space', { image: 'shoal-test:1 --privileged' }, '/image'),
  badSpec('no image', { image: undefined }, '/image'),
  badSpec(
    'a container port twice',
    { ports: [{ container: 80 }, { container: 80, host: 8080 }] },
    '/ports/1/container',
  ),
  badSpec(
    'a host port twice',
    {
      ports: [
        { container: 80, host: 8080 },
        { container: 81, host: 8080 },
      ],
    },
    '/ports/1/host',
  ),
  badSpec('port 0', { ports: [{ container: 0 }] }, '/ports/0/container'),
  badSpec('port 65536', { ports: [{ container: 80, host: 65_536 }] }, '/ports/0/host'),
  badSpec('another protocol', { ports: [{ container: 80, protocol: 'sctp' }] }, '/ports/0/protocol'),
  badSpec('a volume that climbs out', { volumes: [{ name: '../../etc', target: '/host' }] }, '/volumes/0/name'),
  badSpec('a volume that is a path of the host', { volumes: [{ name: '/etc', target: '/host' }] }, '/volumes/0/name'),
  badSpec('a volume without an absolute target', { volumes: [{ name: 'data', target: 'data' }] }, '/volumes/0/target'),
  badSpec(
    'two volumes at one place',
    {
      volumes: [
        { name: 'one', target: '/data' },
        { name: 'two', target: '/data' },
      ],
    },
    '/volumes/1/target',
  ),
  badSpec('a NUL in the environment', { env: { A: 'a\u0000b' } }, '/env/A'),
  badSpec('a NUL in the command', { command: ['sh\u0000'] }, '/command/0'),
  badSpec('an environment name with =', { env: { 'A=B': 'c' } }, '/env/A=B'),
  badSpec('an environment value that is a number', { env: { A: 1 } }, '/env/A'),
  badSpec("a label of the agent's own", { labels: { 'shoal.app': 'other' } }, '/labels/shoal.app'),
  badSpec('an unknown restart policy', { restart: 'sometimes' }, '/restart'),
  badSpec('a signal that is a command', { stopSignal: 'TERM; rm' }, '/stopSignal'),
  badSpec('a health check without a command', { health: { command: [] } }, '/health/command'),
  badSpec('at most no replica per host', { maxPerHost: 0 }, '/maxPerHost'),
  badSpec('an unknown operator', { constraints: [{ label: 'disk', op: '~', values: ['ssd'] }] }, '/constraints/0/op'),
];

const others: readonly BadRequest[] = [
  { name: 'a body of 10 MiB', body: `{"replicas":1,"junk":"${'x'.repeat(10 * MiB)}"}`, code: 'too-large' },
  { name: 'half a document', body: '{"replicas": 1, "spec": {', code: 'invalid-request' },
  { name: 'half a million brackets', body: '['.repeat(512 * 1024), code: 'invalid-request' },
  { name: 'a prototype', body: '{"replicas":1,"__proto__":{"admin":true}}', code: 'invalid-request' },
  { name: 'a list', body: '[]', code: 'invalid-request' },
  {
    name: 'a form',
    body: 'replicas=1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    code: 'unsupported-media-type',
  },
  { name: 'no token', token: '', body: { replicas: 1, spec }, code: 'unauthenticated' },
  { name: 'a wrong token', token: 'wrong', body: { replicas: 1, spec }, code: 'unauthenticated' },
  {
    name: 'a group that climbs out',
    path: `/v1/groups/${encodeURIComponent('../../etc')}/apps/web/deployments`,
    body: { replicas: 1, spec },
    code: 'invalid-request',
    pointer: '/group',
  },
  {
    name: 'an app that climbs out',
    path: `/v1/groups/team/apps/${encodeURIComponent('../web')}/deployments`,
    body: { replicas: 1, spec },
    code: 'invalid-request',
    pointer: '/app',
  },
  {
    name: 'an app with capitals',
    path: '/v1/groups/team/apps/Web/deployments',
    body: { replicas: 1, spec },
    code: 'invalid-request',
    pointer: '/app',
  },
  {
    name: 'a path that climbs out',
    path: '/v1/groups/team/apps/../../../../etc/passwd',
    body: { replicas: 1, spec },
    code: 'not-found',
  },
  {
    name: 'a group that is not there',
    path: '/v1/groups/nobody/apps/web/deployments',
    body: { replicas: 1, spec },
    code: 'not-found',
    pointer: '/group',
  },
  { name: 'an app without a spec', body: { replicas: 1 }, code: 'not-found', pointer: '/app' },
  { name: 'a version of no app', body: { replicas: 1, version: 7 }, code: 'not-found', pointer: '/app' },
  {
    name: 'an Idempotency-Key with a space',
    body: { replicas: 1, spec },
    headers: { 'idempotency-key': 'one two' },
    code: 'invalid-request',
    pointer: '/idempotency-key',
  },
  {
    name: 'an If-Match without quotes',
    method: 'PUT',
    path: '/v1/groups/team',
    body: {},
    headers: { 'if-match': 'abc' },
    code: 'invalid-request',
    pointer: '/if-match',
  },
  {
    name: 'a group with an unknown field',
    method: 'PUT',
    path: '/v1/groups/team2',
    body: { memory: 1 },
    code: 'invalid-request',
    pointer: '/memory',
  },
  {
    name: 'a scale of what is not there',
    method: 'PATCH',
    path: `${deployments}/default`,
    body: { replicas: 2 },
    code: 'not-found',
    pointer: '/app',
  },
  { name: 'a page of 0', method: 'GET', path: '/v1/apps?limit=0', code: 'invalid-request', pointer: '/limit' },
  { name: 'an unknown filter', method: 'GET', path: '/v1/apps?gruop=team', code: 'invalid-request', pointer: '/gruop' },
  { name: 'a made-up cursor', method: 'GET', path: '/v1/apps?cursor=a', code: 'invalid-request', pointer: '/cursor' },
  {
    name: 'an operation that is none',
    method: 'GET',
    path: '/v1/operations/op_1',
    code: 'invalid-request',
    pointer: '/operation',
  },
  { name: 'another method', method: 'PUT', path: deployments, body: {}, code: 'not-found' },
];

describe('bad input', () => {
  let cluster: RealCluster;
  /** Every agent checks what it is told: they take turns. */
  let turn = 0;
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'i', hosts: 3 });
    await cluster.host(1).api('PUT', '/v1/groups/team', { body: {} });
  });
  afterAll(() => cluster?.down());

  it.for([...deploys, ...others])('$name is answered with $code at $pointer', async (bad) => {
    const host = cluster.host(1 + (turn++ % cluster.hosts.length));
    const { method = 'POST', path = deployments, code, pointer } = bad;
    const { status, headers, body } = await host.api<Problem>(method, path, bad);
    expect(body).toMatchObject({ code, status, type: `urn:shoal:error:${code}` });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body.detail).not.toMatch(/node_modules|\.ts\b|\n *at /);
    if (pointer !== undefined) expect(body.errors?.map((fault) => fault.pointer)).toContain(pointer);
  });

  it('leaves nothing behind: no container, reservation, app, version, operation or group', async () => {
    const nothing = { engines: [], containers: [], apps: [], operations: 0, promisedBytes: 0, heldBytes: 0 };
    for (const traces of await tracesOf(cluster)) expect(traces).toEqual({ ...nothing, promisedCpuMilli: 0 });
    for (const host of cluster.hosts) {
      expect(await itemsOf<{ name: string }>(host, '/v1/groups')).toMatchObject([{ name: 'team' }]);
      expect((await host.api('GET', '/v1/groups/team/apps/web/versions')).status).toBe(404);
    }
  });

  it('shuts an address out for a while that keeps guessing tokens, and not its valid token', async () => {
    const host = cluster.host(1);
    const guess = async () => (await host.api('GET', '/v1/apps', { token: 'guess' })).status;
    await waitFor('429', async () => (await guess()) === 429);
    expect((await host.api('GET', '/v1/apps')).status).toBe(200);
  });
});
