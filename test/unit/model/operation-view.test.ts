import { describe, expect, it } from 'vitest';
import { composeOperation, type LocatedContainer } from '../../../agent/core/model/operation-view.ts';
import type { ContainerId, OperationId } from '../../../protocol/ids.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import { hostA, hostB } from './world.ts';

const record = (change: Partial<AppOperationRecord> = {}): AppOperationRecord => ({
  id: `op_${'0'.repeat(26)}` as OperationId,
  kind: 'deploy',
  state: 'running',
  group: 'web',
  app: 'shop',
  appUid: 'ap_1',
  cluster: 'default',
  version: 2,
  replicas: 3,
  createdAt: '2030-01-01T00:00:00.000Z',
  actor: 'tk_admin',
  acceptedBy: hostA,
  decisions: [],
  failures: [],
  ...change,
});

let serial = 0;
const container = (change: Partial<LocatedContainer> = {}): LocatedContainer => ({
  id: `ct_${String(++serial).padStart(26, '0')}` as ContainerId,
  name: 'web-shop-0-aaaa',
  group: 'web',
  app: 'shop',
  appUid: 'ap_1',
  cluster: 'default',
  version: 2,
  replica: 0,
  specHash: 'h',
  operationId: `op_${'0'.repeat(26)}`,
  image: 'nginx:1',
  memoryBytes: 1,
  cpuMilli: 0,
  ports: [],
  phase: 'running',
  wanted: 'running',
  health: 'none',
  ready: true,
  restarts: 0,
  createdAt: '2030-01-01T00:00:00.000Z',
  hostId: hostA,
  hostName: 'h1',
  ...change,
});

/** `replica:step`, then how far it is. */
function shown(operation: AppOperationRecord, containers: readonly LocatedContainer[]): string {
  const { steps, done, total } = composeOperation(operation, containers);
  return `${steps.map(({ replica, step }) => `${replica}:${step}`).join(' ')} (${done}/${total})`;
}

describe('a container becomes the step that people know', () => {
  const rows: [string, Partial<LocatedContainer>, string][] = [
    ['claimed', { phase: 'claimed', ready: false }, 'reserved'],
    ['pulling', { phase: 'pulling', ready: false, pull: { bytes: 1, totalBytes: 2 } }, 'pulling'],
    ['creating, image was there', { phase: 'creating', ready: false }, 'reserved'],
    ['creating, image just pulled', { phase: 'creating', ready: false, pull: { bytes: 2, totalBytes: 2 } }, 'pulling'],
    ['created', { phase: 'creating', ready: false, engineId: 'e' }, 'created'],
    ['starting', { phase: 'starting', ready: false, engineId: 'e' }, 'started'],
    ['running, not healthy yet', { phase: 'running', ready: false, health: 'starting' }, 'started'],
    ['running and ready', { phase: 'running' }, 'healthy'],
    ['stopped on purpose', { phase: 'stopped', ready: false, wanted: 'stopped' }, 'healthy'],
    ['stopped by itself', { phase: 'stopped', ready: false }, 'started'],
    ['waiting to be restarted', { phase: 'backoff', ready: false }, 'backoff'],
    ['failed', { phase: 'failed', ready: false }, 'failed'],
  ];
  it.each(rows)('%s', (_name, change, step) => {
    const { steps } = composeOperation(record({ replicas: 1 }), [container(change)]);
    expect(steps).toMatchObject([{ replica: 0, step, hostId: hostA, hostName: 'h1', phase: change.phase }]);
    expect(steps[0]?.pull).toEqual(change.pull);
  });
});

describe('what counts', () => {
  const three = [0, 1, 2].map((replica) => container({ replica }));
  const rows: {
    name: string;
    operation?: Partial<AppOperationRecord>;
    containers: LocatedContainer[];
    shows: string;
  }[] = [
    { name: 'nothing is placed', containers: [], shows: '0:auction 1:auction 2:auction (0/3)' },
    {
      name: 'one works, one was claimed',
      containers: [container({ replica: 2 }), container({ replica: 0, phase: 'claimed', ready: false })],
      shows: '0:reserved 1:auction 2:healthy (1/3)',
    },
    {
      name: 'old versions, other clusters and an earlier app of the name do not',
      containers: [container({ version: 1 }), container({ cluster: 'edge' }), container({ appUid: 'ap_0' })],
      shows: '0:auction 1:auction 2:auction (0/3)',
    },
    {
      name: 'a container on a dead host does not, on a suspected one it does',
      operation: { replicas: 2 },
      containers: [container({ hostStatus: 'dead' }), container({ replica: 1, hostStatus: 'suspect' })],
      shows: '0:auction 1:healthy (1/2)',
    },
    {
      name: 'a failed container only until another takes its place',
      operation: { replicas: 1 },
      containers: [container({ phase: 'failed', ready: false }), container({ phase: 'pulling', ready: false })],
      shows: '0:pulling (0/1)',
    },
    {
      name: 'scaling down: what stays, what goes and what is gone',
      operation: { kind: 'scale', replicas: 1, toRemove: 3 },
      containers: [container(), container({ replica: 2, phase: 'removing' })],
      shows: '0:healthy 1:removed 2:removing 3:removed (3/4)',
    },
    {
      name: 'scaling down to replicas that are not the first',
      operation: { kind: 'scale', replicas: 2, toRemove: 1 },
      containers: [container({ replica: 0 }), container({ replica: 4 })],
      shows: '0:healthy 1:removed 4:healthy (3/3)',
    },
    {
      name: 'undeploying removes every version',
      operation: { kind: 'undeploy', replicas: 0, toRemove: 3 },
      containers: [container({ version: 1 }), container({ replica: 1, phase: 'removing' })],
      shows: '0:removing 1:removing 2:removed (1/3)',
    },
    {
      name: 'a deleted app in all its clusters',
      operation: { kind: 'delete-app', toRemove: 2 },
      containers: [container({ cluster: 'edge' })],
      shows: '0:removing 1:removed (1/2)',
    },
    {
      name: 'a succeeded operation stays complete whatever happens later',
      operation: { state: 'succeeded' },
      containers: three.slice(0, 1),
      shows: '0:healthy (3/3)',
    },
    {
      name: 'a failed operation shows its failures',
      operation: {
        state: 'failed',
        failures: [
          {
            containerId: three[0]?.id as ContainerId,
            replica: 1,
            hostId: hostB,
            code: 'container-exited',
            detail: 'exit 1',
          },
        ],
      },
      containers: three,
      shows: '1:failed (0/3)',
    },
  ];
  it.each(rows)('$name', ({ operation, containers, shows }) => {
    const whole = record(operation);
    if (operation?.kind === 'delete-app') delete whole.cluster;
    expect(shown(whole, containers)).toBe(shows);
  });
});

it('keeps the record and adds the steward', () => {
  const operation = composeOperation(record(), [], { steward: hostB });
  expect(operation).toMatchObject({ ...record(), steward: hostB });
  expect(composeOperation(record(), [])).not.toHaveProperty('steward');
});
