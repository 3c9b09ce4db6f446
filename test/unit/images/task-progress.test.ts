import { describe, expect, it } from 'vitest';
import { judgeImageOperation, type WatchedHost } from '../../../agent/core/images/task-progress.ts';
import { composeImageOperation } from '../../../agent/core/model/image-operation-view.ts';
import { faultOfValue } from '../../../agent/services/catalog/families.ts';
import type { HostId, OperationId } from '../../../protocol/ids.ts';
import type { HostTask, Liveness } from '../../../protocol/schemas/host.ts';
import type { ImageOperationRecord } from '../../../protocol/schemas/operation.ts';
import { hostA, hostB, hostC } from '../model/world.ts';
import { digestOf } from './fixtures.ts';

const id = `op_${'0'.repeat(26)}` as OperationId;
const startMs = Date.parse('2030-01-01T00:00:00Z');
const record = (change: Partial<ImageOperationRecord> = {}): ImageOperationRecord => ({
  id,
  kind: 'preheat',
  state: 'running',
  image: { reference: 'team/app:1', repository: 'team/app', digest: digestOf(1) },
  hosts: [hostA, hostB],
  results: [],
  createdAt: new Date(startMs).toISOString(),
  actor: 'tk_admin',
  acceptedBy: hostA,
  ...change,
});
const task = (state: HostTask['state'], change: Partial<HostTask> = {}): HostTask => ({
  operationId: id,
  state,
  bytes: 50,
  totalBytes: 100,
  peers: 2,
  detail: '',
  ...change,
});

type Seen = { status?: Liveness; lostMs?: number; task?: HostTask };
/** Hosts as seen so many seconds after the start. */
function at(seconds: number, a: Seen | 'gone', b: Seen | 'gone') {
  const nowMs = startMs + seconds * 1_000;
  const host = (name: string, seen: Seen | 'gone'): WatchedHost | undefined => {
    if (seen === 'gone') return undefined;
    const { status = 'alive', lostMs = 0, task: own } = seen;
    return { name, status, sinceMs: nowMs - lostMs, record: { tasks: own === undefined ? [] : [own] } };
  };
  const hosts = new Map<HostId, WatchedHost | undefined>([
    [hostA, host('h1', a)],
    [hostB, host('h2', b)],
  ]);
  return { nowMs, hostOf: (hostId: HostId) => hosts.get(hostId) };
}

describe('an operation on images goes on', () => {
  const rows: [string, ReturnType<typeof at>, number][] = [
    ['while a host has not begun', at(10, {}, { task: task('done') }), 3_590_000],
    ['while one is at it', at(0, { task: task('running') }, {}), 3_600_000],
    ['while one was lost a moment ago', at(100, { status: 'dead', lostMs: 59_000 }, {}), 1_000],
  ];
  it.each(rows)('%s', (_name, watch, againInMs) => {
    expect(judgeImageOperation(record(), watch)).toEqual({ state: 'running', againInMs });
  });
});

describe('it ends', () => {
  const done = { task: task('done', { bytes: 100 }) };
  const rows: {
    name: string;
    watch: ReturnType<typeof at>;
    change?: Partial<ImageOperationRecord>;
    state: string;
    code?: string;
    says?: string;
  }[] = [
    { name: 'well when every host is done', watch: at(5, done, done), state: 'succeeded' },
    {
      name: 'well when one is lost after it was done',
      watch: at(5, done, { ...done, status: 'dead', lostMs: 1e6 }),
      state: 'succeeded',
    },
    {
      name: 'badly when a host failed',
      watch: at(5, done, { task: task('failed', { detail: 'disk full' }) }),
      state: 'failed',
      code: 'image-not-found',
      says: 'h2: disk full',
    },
    {
      name: 'badly when a host is dead for a minute',
      watch: at(99, done, { status: 'dead', lostMs: 60_000 }),
      state: 'failed',
      code: 'host-unreachable',
      says: 'h2: is dead',
    },
    {
      name: 'badly when a host has left',
      watch: at(99, done, { status: 'left', lostMs: 60_000 }),
      state: 'failed',
      code: 'host-unreachable',
      says: 'has left',
    },
    {
      name: 'badly when a host was evicted',
      watch: at(1, done, 'gone'),
      state: 'failed',
      code: 'host-unreachable',
      says: hostB,
    },
    {
      name: 'badly after an hour',
      watch: at(3_600, done, { task: task('running') }),
      state: 'failed',
      code: 'timeout',
      says: '60 minutes',
    },
    {
      name: 'at once when cancelled',
      watch: at(1, done, {}),
      change: { cancelRequested: true },
      state: 'cancelled',
      code: 'cancelled',
    },
    {
      name: 'well when cancelled too late',
      watch: at(1, done, done),
      change: { cancelRequested: true },
      state: 'succeeded',
    },
  ];
  it.each(rows)('$name', ({ watch, change, state, code, says }) => {
    const judgement = judgeImageOperation(record(change), watch);
    if (judgement.state !== 'ended') throw new Error('it goes on');
    const { record: ended } = judgement;
    expect(ended.state).toBe(state);
    expect(ended.problem?.code).toBe(code);
    if (says !== undefined) expect(ended.problem?.detail).toContain(says);
    expect(ended.results).toHaveLength(2);
    expect(ended.results[0]).toEqual({ hostId: hostA, ok: true, detail: '', bytes: 100 });
    expect(ended.finishedAt).toBe(new Date(watch.nowMs).toISOString());
    expect(faultOfValue(`operations/${id}`, ended)).toBeUndefined();
  });

  it('with a record that can be stored, whatever a thousand hosts have to say', () => {
    const hosts = Array.from(
      { length: 1_000 },
      (_, at) => `${'1'.repeat(48)}${String(1_000 + at).replaceAll('0', 'a')}` as HostId,
    );
    const failed = task('failed', { detail: '\u0000'.repeat(1_024) });
    const hostOf = () => ({ name: 'x', status: 'alive' as const, sinceMs: 0, record: { tasks: [failed] } });
    const judgement = judgeImageOperation(record({ hosts }), { hostOf, nowMs: startMs });
    if (judgement.state !== 'ended') throw new Error('it goes on');
    expect(Buffer.byteLength(JSON.stringify(judgement.record))).toBeLessThan(256 * 1024);
  });
});

describe('people see', () => {
  const steps = (operation: ImageOperationRecord, watch: ReturnType<typeof at>) =>
    composeImageOperation(operation, watch.hostOf, hostC).steps.map(
      ({ hostName, step, bytes, peers }) => `${hostName} ${step} ${bytes} ${peers}`,
    );

  it('what each host reports, and which ones are lost', () => {
    expect(steps(record(), at(1, {}, { task: task('running') }))).toEqual(['h1 waiting 0 0', 'h2 running 50 2']);
    expect(steps(record(), at(1, { status: 'dead' }, { status: 'left', task: task('running') }))).toEqual([
      'h1 lost 0 0',
      'h2 lost 50 0',
    ]);
    const operation = composeImageOperation(record(), at(1, {}, { task: task('done') }).hostOf, hostC);
    expect(operation).toMatchObject({ steward: hostC, done: 1, total: 2 });
  });

  it('the results once it has ended, whatever hosts report then', () => {
    const results = [
      { hostId: hostA, ok: true, detail: '', bytes: 9 },
      { hostId: hostB, ok: false, detail: 'disk full', bytes: 3 },
    ];
    const operation = composeImageOperation(record({ state: 'failed', results }), at(9, 'gone', {}).hostOf);
    expect(operation).toMatchObject({
      done: 1,
      total: 2,
      steps: [
        { hostName: hostA, step: 'done' },
        { hostName: 'h2', step: 'failed', detail: 'disk full' },
      ],
    });
  });
});
