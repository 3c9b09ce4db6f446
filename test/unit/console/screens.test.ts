import { describe, expect, it } from 'vitest';
import { appState, containerState, hostState } from '../../../console/format/state.ts';
import { faultsOf, withRefusal } from '../../../console/screens/deploy/check.ts';
import { formOf, type Request, requestOf } from '../../../console/screens/deploy/draft.ts';
import { parseYaml, writeYaml } from '../../../console/screens/deploy/yaml.ts';
import { labelChanges } from '../../../console/screens/hosts/label-changes.ts';
import { lanesOf } from '../../../console/screens/topology/lanes-of.ts';
import { treeOf } from '../../../console/screens/topology/tree-of.ts';
import { otherMembers } from '../../../console/shell/other-addresses.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { Container, Host } from '../../../protocol/schemas/host.ts';
import { SyntheticMesh } from '../../framework/synthetic-mesh.ts';

const mesh = new SyntheticMesh({ hosts: 6, containersPerHost: 4, apps: 3 });
const apps = mesh.apps().map(({ item }) => item);
const [container] = mesh.allContainers as [Container];
const [host] = mesh.allHosts as [Host];

describe('states', () => {
  it.each<[Partial<Container>, string]>([
    [{}, 'container.healthy'],
    [{ health: 'none' }, 'container.running'],
    [{ ready: false, health: 'starting' }, 'container.checking'],
    [{ ready: false, health: 'unhealthy' }, 'container.unhealthy'],
    [{ phase: 'backoff' }, 'container.backoff'],
    [{ hostStatus: 'dead' }, 'container.lost'],
    [{ hostStatus: 'suspect' }, 'container.unsure'],
  ])('a container with %o is %s', (change, word) => {
    const healthy = { ...container, ready: true, health: 'healthy', phase: 'running', hostStatus: 'alive' } as const;
    expect(containerState({ ...healthy, ...change }).word).toBe(word);
  });

  it.each<[Partial<Host>, string]>([
    [{}, 'host.alive'],
    [{ cordoned: true }, 'host.cordoned'],
    [{ cordoned: true, drainedAt: '2030-01-01T00:00:00Z' }, 'host.drained'],
    [{ status: 'dead', cordoned: true }, 'host.dead'],
    [{ engine: { state: 'unreachable', version: '' } }, 'host.noEngine'],
  ])('a host with %o is %s', (change, word) => expect(hostState({ ...host, ...change }).word).toBe(word));

  it('an app without a working replica is down, with some of them degraded', () => {
    const [app] = apps;
    if (app === undefined) throw new Error('there is no app');
    const own = mesh
      .containers({ group: app.group, app: app.name })
      .map((one) => ({ ...one, ready: true, phase: 'running' as const }));
    const alive = own.map((one) => ({ ...one, hostStatus: 'alive' as const, health: 'healthy' as const }));
    expect(appState(app, alive).word).toBe('app.healthy');
    expect(appState(app, alive.slice(1)).word).toBe('app.degraded');
    expect(appState(app, []).word).toBe('app.down');
  });
});

describe('topology', () => {
  it('has every container once, under its app, cluster and version', () => {
    const tree = treeOf(apps, mesh.allContainers, '');
    const shown = tree.flatMap(({ clusters }) =>
      clusters.flatMap(({ versions }) => versions.flatMap((v) => v.containers)),
    );
    expect(shown.map(({ id }) => id).sort()).toEqual(mesh.allContainers.map(({ id }) => id).sort());
    expect(treeOf(apps, mesh.allContainers, 'no such thing')).toEqual([]);
    expect(treeOf(apps, mesh.allContainers, container.name).map(({ app }) => app.name)).toEqual([container.app]);
  });

  it('gives only the host whose container changed a new object', () => {
    const known = new Map();
    const before = lanesOf(mesh.allHosts, mesh.allContainers, known);
    const changed = mesh.allContainers.map((one) => (one.id === container.id ? { ...one, ready: !one.ready } : one));
    const after = lanesOf(mesh.allHosts, changed, known);
    expect(after.filter((lanes, index) => lanes !== before[index]).map((lanes) => lanes.host.id)).toEqual([
      container.hostId,
    ]);
  });
});

describe('the deploy form', () => {
  const request: Request = {
    cluster: 'edge',
    replicas: 3,
    canary: { count: 1 },
    hold: true,
    ifRunning: 'refuse',
    rollout: {
      strategy: 'blue-green',
      batch: 2,
      maxUnavailable: 0,
      maxSurge: 3,
      minHealthyMs: 1_500,
      healthyDeadlineMs: 300_000,
      progressDeadlineMs: 3_600_000,
      onFailure: 'pause',
    },
    spec: {
      image: '127.0.0.1:5000/shop/web:1',
      memoryBytes: 256 * 1024 ** 2,
      cpuMilli: 500,
      ports: [
        { container: 80, host: 8080 },
        { container: 53, protocol: 'udp' },
      ],
      env: { A: '1', B: 'x=y' },
      command: ['serve', '--all'],
      volumes: [
        { name: 'data', target: '/data' },
        { name: 'conf', target: '/etc/conf', readOnly: true },
      ],
      restart: 'on-failure',
      description: 'the shop',
      files: [
        { path: '/etc/a.conf', mode: '0400', uid: 7, sha256: 'a'.repeat(64), sizeBytes: 12 },
        { path: '/etc/b.conf', content: 'b = 1\n' },
      ],
      health: {
        http: { port: 80, path: '/up', bodyIncludes: 'ok' },
        retries: 5,
        intervalMs: 500,
        startPeriodMs: 60_000,
      },
      constraints: [
        { label: 'disk', op: '==', values: ['ssd'] },
        { label: 'zone', op: 'in', values: ['a', 'b'] },
        { label: 'cores', op: '>=', values: ['8'] },
      ],
      affinity: [
        { app: 'db', rule: 'with', required: true },
        { app: 'pay/batch', rule: 'apart' },
      ],
      spread: [{ label: 'zone' }, { label: 'class', weights: { big: 3, small: 1 } }],
      maxPerHost: 2,
      stopSignal: 'SIGINT',
      labels: { team: 'shop' },
    },
  };

  it('gives back what it was given, also what it has no field for', () => {
    expect(requestOf(formOf(request), request)).toEqual({ request, unread: new Set() });
    expect(faultsOf('shop', 'web', request)).toEqual(new Map());
  });

  it('keeps the owner of a file whose content is typed anew, and nothing of its old content', () => {
    const form = formOf(request);
    const files = form.files.map((file) => (file.path === '/etc/a.conf' ? { ...file, content: 'new' } : file));
    expect(requestOf({ ...form, files }, request).request.spec?.files?.[0]).toEqual({
      path: '/etc/a.conf',
      mode: '0400',
      uid: 7,
      content: 'new',
    });
  });

  it('is the same as YAML, there and back', () => {
    const parsed = parseYaml(writeYaml(request));
    expect(parsed).toEqual({ ok: true, value: request });
  });

  it.each<[string, Partial<ReturnType<typeof formOf>>, string[]]>([
    ['words for numbers', { replicas: 'three', memory: 'lots', cpu: '-1' }, ['replicas', 'memory', 'cpu']],
    ['a port that is none', { ports: '80:' }, ['ports']],
    ['a variable without a name', { env: '=x' }, ['env']],
    ['a volume that is a directory of a host', { volumes: '/srv:/data' }, ['volumes']],
    ['a rule that is none', { constraints: 'zone==a\nzone=b' }, ['constraints']],
    ['an affinity to nothing', { affinity: 'near=db' }, ['affinity']],
    ['a weight that is none', { spread: 'zone:a=0' }, ['spread']],
    ['a time without a number', { minHealthy: 'soon' }, ['minHealthy']],
  ])('marks %s', (_name, change, fields) => {
    expect([...requestOf({ ...formOf(request), ...change }, request).unread]).toEqual(fields);
  });

  it('finds what the API would refuse, by its place', () => {
    const faults = faultsOf('Shop!', 'web', { spec: { image: ' ', memoryBytes: 5, typo: true }, replicas: -1 });
    expect([...faults.keys()]).toEqual(
      expect.arrayContaining(['/group', '/replicas', '/spec/image', '/spec/memoryBytes']),
    );
  });

  it('puts what the mesh would refuse beside its own faults, which come first', () => {
    const own = new Map([['/replicas', 'too few']]);
    const errors = ['/cluster', '/replicas'].map((pointer) => ({ pointer, detail: `mesh: ${pointer}` }));
    expect(withRefusal(own, undefined)).toEqual(own);
    expect([...withRefusal(own, { errors } as Problem)].sort()).toEqual([
      ['/cluster', 'mesh: /cluster'],
      ['/replicas', 'too few'],
    ]);
  });

  it('says why a text is no YAML, and follows no aliases', () => {
    expect(parseYaml('a: [1')).toMatchObject({ ok: false });
    expect(parseYaml('a: &x [1]\nb: [*x, *x]')).toMatchObject({ ok: false });
  });
});

describe('labels as lines', () => {
  it.each([
    ['a=1\nb=2', {}],
    ['a=1', { b: null }],
    ['a=2\nb=2\nc', { a: '2', c: '' }],
    ['', { a: null, b: null }],
  ])('%j changes %j', (text, labels) => {
    expect(labelChanges({ a: '1', b: '2' }, text)).toEqual({ ok: true, labels });
  });

  it('names the first line that is none', () => {
    expect(labelChanges({}, 'ok=1\n -bad=2')).toEqual({ ok: false, line: '-bad=2' });
  });
});

it('offers other living members where their API listens, says how to get to one that does not, and lets nothing else into a link', () => {
  const at = (name: string, api: string | undefined, status: Host['status'] = 'alive'): Host =>
    ({ ...host, id: name, name, status, api }) as unknown as Host;
  const hosts = [
    at('h1', '10.0.0.1:7420'),
    at('h2', '127.0.0.1:7421'),
    at('h3', '[fd00::3]:7420'),
    at('h4', 'h4.test:80'),
    at('h5', '10.0.0.5:7420', 'dead'),
    at('h6', 'javascript:alert(1)//:80'),
    at('h7', undefined),
    at('h8', '[::1]:7420'),
  ];
  expect(otherMembers(hosts, 'h1', '#/apps')).toEqual([
    { name: 'h3', url: 'http://[fd00::3]:7420/#/apps' },
    { name: 'h4', url: 'http://h4.test:80/#/apps' },
    { name: 'h2', port: 7421 },
    { name: 'h8', port: 7420 },
  ]);
});
