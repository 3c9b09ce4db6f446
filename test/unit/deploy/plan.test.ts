import { describe, expect, it } from 'vitest';
import type { PlacedContainer, Surroundings } from '../../../agent/core/deploy/actual.ts';
import {
  judgeFailures,
  type Plan,
  planDeployment,
  planRemoval,
  restoreDeployments,
} from '../../../agent/core/deploy/plan.ts';
import type { ContainerId, HostId, OperationId } from '../../../protocol/ids.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';

const deployment: Deployment = { cluster: 'default', version: 2, replicas: 3, operationId: 'op_1' };
const app: App = {
  group: 'team',
  name: 'web',
  uid: 'ap_1',
  state: 'active',
  latestVersion: 2,
  deployments: [deployment],
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
};
const fine: Surroundings = { isolated: false, majority: true, unseenMs: undefined, mustLeave: () => false };

/** What an app with three replicas gets unless it says otherwise; everything that works has worked long enough. */
const calm = {
  origin: undefined,
  hasVolumes: false,
  isProven: (c: PlacedContainer) => c.ready,
  pace: { batch: 1, maxUnavailable: 0, stopFirst: false, isPaused: false, isReleaseHeld: false, isReverting: false },
};

/** `h1/0` is replica 0 on h1, ready since the epoch unless said otherwise. */
function container(place: string, change: Partial<PlacedContainer> = {}): PlacedContainer {
  const [hostId = '', replica = '0'] = place.split('/');
  return {
    id: `ct_${place}${change.version ?? 2}` as ContainerId,
    name: place,
    group: 'team',
    app: 'web',
    appUid: 'ap_1',
    cluster: 'default',
    version: 2,
    replica: Number(replica),
    specHash: 'x',
    operationId: 'op_1',
    image: 'nginx',
    memoryBytes: 1,
    cpuMilli: 0,
    ports: [],
    phase: 'running',
    wanted: 'running',
    health: 'none',
    ready: true,
    restarts: 0,
    createdAt: '2026-01-01T00:00:00Z',
    startedAt: '2026-01-01T00:00:00Z',
    hostId: hostId as HostId,
    hostStatus: 'alive',
    hostLostMs: 0,
    ...change,
  };
}

const dead = { hostStatus: 'dead', hostLostMs: 1 } as const;
const later = { startedAt: '2026-01-02T00:00:00Z' };

/** `+0,1` places replicas, `-h1/0` removes a container, `ok` means settled. */
function show(plan: Pick<Plan, 'actions' | 'isSettled'>): string[] {
  const lines = plan.actions.map((a) =>
    a.type === 'place' ? `+${a.replicas}` : `-${a.containerId.slice(3, -1)} ${a.why}`,
  );
  return plan.isSettled ? [...lines, 'ok'] : lines;
}

interface Case {
  readonly name: string;
  readonly containers: readonly PlacedContainer[];
  readonly around?: Surroundings;
  readonly app?: Partial<App>;
  readonly askedMsAgo?: number;
  readonly pending?: readonly { replica: number; hostId: HostId }[];
  readonly expected: readonly string[];
}

const three = [container('h1/0'), container('h2/1'), container('h3/2')];
const cases: readonly Case[] = [
  { name: 'places everything when nothing runs', containers: [], expected: ['+0,1,2'] },
  { name: 'is settled when every replica works', containers: three, expected: ['ok'] },
  { name: 'fills the gap in the numbers', containers: [container('h1/0'), container('h3/2')], expected: ['+1'] },
  {
    name: 'does not place again what was awarded a moment ago',
    containers: [container('h1/0')],
    pending: [{ replica: 1, hostId: 'h2' as HostId }],
    expected: ['+2'],
  },
  {
    name: 'a container that is not ready yet takes its place but does not settle',
    containers: [container('h1/0'), container('h2/1'), container('h3/2', { ready: false, phase: 'starting' })],
    expected: [],
  },
  {
    name: 'a container stopped by people keeps its place',
    containers: [
      container('h1/0'),
      container('h2/1'),
      container('h3/2', { ready: false, wanted: 'stopped', phase: 'stopped' }),
    ],
    expected: ['ok'],
  },
  {
    name: 'a failed container takes no place',
    containers: [container('h1/0'), container('h2/1'), container('h3/2', { ready: false, phase: 'failed' })],
    expected: ['+2'],
  },
  {
    name: 'replaces the containers of a dead host',
    containers: [container('h1/0'), container('h2/1'), container('h3/2', dead)],
    expected: ['+2'],
  },
  {
    name: 'replaces nobody while it may itself be the one cut off',
    containers: [container('h1/0'), container('h2/1'), container('h3/2', dead)],
    around: { ...fine, isolated: true, majority: false },
    expected: ['ok'],
  },
  {
    name: 'waits as long as the app asks for',
    containers: [container('h1/0'), container('h2/1'), container('h3/2', dead)],
    app: { onHostLoss: { replace: 'always', afterMs: 30_000 } },
    expected: ['ok'],
  },
  {
    name: 'never replaces when the app says so',
    containers: [container('h1/0'), container('h2/1'), container('h3/2', { ...dead, hostLostMs: 1e9 })],
    app: { onHostLoss: { replace: 'never', afterMs: 0 } },
    expected: ['ok'],
  },
  {
    name: 'replaces only on the side of the majority when the app says so',
    containers: [container('h1/0'), container('h2/1'), container('h3/2', dead)],
    app: { onHostLoss: { replace: 'majority', afterMs: 0 } },
    around: { ...fine, majority: false },
    expected: ['ok'],
  },
  {
    name: 'keeps the longer running one of a duplicate when a lost host is back',
    containers: [...three, container('h4/2', later)],
    expected: ['-h4/2 duplicate'],
  },
  {
    name: 'keeps the one that works of a duplicate, however new',
    containers: [container('h1/0'), container('h2/1'), container('h3/2', { ready: false }), container('h4/2', later)],
    expected: ['-h3/2 duplicate'],
  },
  {
    name: 'takes surplus from the host that runs most',
    containers: [container('h1/0'), container('h1/1'), container('h2/2'), container('h3/3')],
    expected: ['-h1/1 surplus'],
  },
  {
    name: 'starts a batch of new ones first and keeps all old ones meanwhile',
    containers: three.map((c) => ({ ...c, version: 1 })),
    expected: ['+0'],
  },
  {
    name: 'removes the old container of a replica whose new one works',
    containers: [
      ...three.map((c) => ({ ...c, version: 1 })),
      container('h1/0'),
      container('h2/1', { ready: false }),
      container('h3/2', { ready: false }),
    ],
    expected: ['-h1/0 old-version'],
  },
  {
    name: 'starts a replacement for what has to leave its host, and is settled by what works meanwhile',
    containers: three,
    around: { ...fine, mustLeave: ({ hostId }) => hostId === 'h3' },
    expected: ['+2', 'ok'],
  },
  {
    name: 'removes what has to leave its host once its replacement works',
    containers: [...three, container('h4/2', later)],
    around: { ...fine, mustLeave: ({ hostId }) => hostId === 'h3' },
    expected: ['-h3/2 moved', 'ok'],
  },
  {
    name: 'sends no removal to a host that cannot hear it',
    containers: [...three, container('h4/2', { ...dead, ...later })],
    expected: ['ok'],
  },
  {
    name: 'is not held up by surplus, duplicates and old ones that cannot hear it',
    containers: [
      ...three,
      container('h4/2', { ...dead, ...later }),
      container('h4/3', dead),
      container('h4/0', { ...dead, version: 1 }),
    ],
    around: { ...fine, isolated: true },
    expected: ['ok'],
  },
  {
    name: 'a container of another spec under the same number is an old one',
    containers: [container('h1/0'), container('h2/1'), container('h3/2', { specHash: 'y' })],
    expected: ['+2'],
  },
  ...(
    [
      ['always', fine, '+1,2'],
      ['always', { ...fine, isolated: true }, undefined],
      ['majority', { ...fine, majority: false }, undefined],
      ['majority', fine, '+1,2'],
      ['never', fine, undefined],
    ] as const
  ).map(
    ([replace, around, placed]): Case => ({
      name: `${placed === undefined ? 'waits' : 'does not wait'} for a host it has not heard from: ${replace}, ${JSON.stringify(around)}`,
      containers: [container('h1/0')],
      app: { onHostLoss: { replace, afterMs: 5_000 } },
      around: { ...around, unseenMs: 6_000 },
      expected: placed === undefined ? [] : [placed],
    }),
  ),
  {
    name: 'waits for a host it has not heard from as long as the app asks for',
    containers: [container('h1/0')],
    app: { onHostLoss: { replace: 'always', afterMs: 5_000 } },
    around: { ...fine, unseenMs: 4_000 },
    expected: [],
  },
  {
    name: 'places what people have just asked for, whatever it has not heard from',
    containers: [container('h1/0')],
    around: { ...fine, isolated: true, majority: false, unseenMs: 5_000 },
    askedMsAgo: 4_000,
    expected: ['+1,2'],
  },
  {
    name: 'waits with what was asked for before it started: others may have placed it unseen',
    containers: [container('h1/0')],
    around: { ...fine, isolated: true, majority: false, unseenMs: 5_000 },
    askedMsAgo: 6_000,
    expected: [],
  },
];

describe('planDeployment', () => {
  it.each(cases)('$name', ({ containers, around = fine, app: change = {}, pending = [], askedMsAgo, expected }) => {
    const wanted = { app: { ...app, ...change }, deployment, specHash: 'x', askedMsAgo };
    const plan = planDeployment({ ...wanted, ...calm, containers, pending, around });
    expect(show(plan)).toEqual(expected);
  });
});

describe('planRemoval', () => {
  it('removes everything that can be reached and is settled when that is gone', () => {
    expect(show(planRemoval([container('h1/0'), container('h2/1', dead)]))).toEqual(['-h1/0 undeployed']);
    expect(show(planRemoval([container('h2/1', dead)]))).toEqual(['ok']);
  });
});

describe('judgeFailures', () => {
  const failure = (code: string, replica = 0) => ({ code, replica });
  it.each([
    { name: 'nothing failed', failures: [], expected: 'retry' },
    {
      name: 'a container that exits would exit anywhere',
      failures: [failure('container-exited')],
      expected: 'give-up',
    },
    { name: 'another host may have the image', failures: [failure('image-not-found')], expected: 'retry' },
    {
      name: 'two replicas failing once each is not one failing twice',
      failures: [failure('image-not-found', 0), failure('image-not-found', 1), failure('image-not-found', 2)],
      expected: 'retry',
    },
    {
      name: 'three hosts could not get the image',
      failures: Array(3).fill(failure('image-not-found')),
      expected: 'give-up',
    },
  ])('$name', ({ failures, expected }) => {
    expect(judgeFailures(failures)).toBe(expected);
  });
});

describe('restoreDeployments', () => {
  const operation = { id: 'op_1' as OperationId, cluster: 'default' };
  it('puts back what was before', () => {
    const before = { version: 1, replicas: 5 };
    expect(restoreDeployments(app, { ...operation, previous: before })).toEqual([{ ...deployment, ...before }]);
  });
  it('leaves no deployment where there was none', () => {
    expect(restoreDeployments(app, operation)).toEqual([]);
  });
  it('touches nothing that a later operation has changed', () => {
    expect(restoreDeployments(app, { ...operation, id: 'op_0' as OperationId })).toEqual(app.deployments);
  });
});
