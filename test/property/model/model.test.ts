import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ModelCommand } from '../../../agent/core/model/decide.ts';
import { composeOperation } from '../../../agent/core/model/operation-view.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { newWorld, type World } from '../../unit/model/world.ts';

const names = { group: 'web', app: 'shop', cluster: 'default' } as const;
const count = fc.integer({ min: 0, max: 4 });
const image = fc.constantFrom('nginx:1', 'nginx:2', 'nginx:3');

/** A request, or what the controller does to the operation that runs. */
type Act = ModelCommand | 'succeed' | 'fail' | 'cancel' | 'forget';
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant('app.deploy' as const),
    ...constants(names),
    replicas: count,
    spec: fc.record({ image }),
  }),
  fc.record({ kind: fc.constant('app.deploy' as const), ...constants(names), replicas: count }),
  fc.record({ kind: fc.constant('app.scale' as const), ...constants(names), replicas: count }),
  fc.record({ kind: fc.constant('app.undeploy' as const), ...constants(names) }),
  fc.record({ kind: fc.constant('app.delete' as const), group: fc.constant('web'), app: fc.constant('shop') }),
  fc.record({
    kind: fc.constant('version.create' as const),
    group: fc.constant('web'),
    app: fc.constant('shop'),
    spec: fc.record({ image }),
  }),
  fc.constantFrom('succeed' as const, 'fail' as const, 'cancel' as const, 'forget' as const),
);

function constants<T extends Record<string, string>>(values: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  const entries = Object.entries(values).map(([key, value]) => [key, fc.constant(value)]);
  return Object.fromEntries(entries);
}

const operations = (world: World) => world.list<AppOperationRecord>('operations/').map(({ value }) => value);
const runningOnes = (world: World) => operations(world).filter(({ state }) => state === 'running');

function perform(world: World, what: Act): void {
  if (typeof what === 'object') {
    world.try(what);
    return;
  }
  const running = runningOnes(world)[0];
  if (running === undefined) return;
  if (what === 'cancel') world.try({ kind: 'operation.cancel', group: 'web', app: 'shop', operationId: running.id });
  else if (running.kind === 'delete-app') finishDeletion(world, running);
  else if (what === 'succeed') world.change(`operations/${running.id}`, { state: 'succeeded' });
  else if (what === 'fail') world.change(`operations/${running.id}`, { state: 'failed' });
  else world.apply([{ key: `operations/${running.id}`, value: undefined }]);
}

function finishDeletion(world: World, { id }: AppOperationRecord): void {
  const versions = world.list('versions/web/shop/').map(({ key }) => ({ key, value: undefined }));
  world.apply([{ key: 'apps/web/shop', value: undefined }, ...versions]);
  world.change(`operations/${id}`, { state: 'succeeded' });
}

/** Shows that whatever is asked in whatever order, one operation at most is bringing a deployment about. */
it('the catalog stays coherent under any sequence of requests', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
      const world = newWorld();
      for (const what of acts) {
        perform(world, what);
        const app = world.get<App>('apps/web/shop');
        const running = runningOnes(world);
        expect(running.length).toBeLessThanOrEqual(1);
        for (const operation of running) {
          const isNamed = app?.deployments.some(({ operationId }) => operationId === operation.id);
          expect(isNamed === true || app?.deletedBy === operation.id).toBe(true);
        }
        for (const { version } of app?.deployments ?? []) {
          expect(world.get<Version>(`versions/web/shop/${String(version).padStart(6, '0')}`)).toMatchObject({
            number: version,
          });
        }
      }
    }),
    { numRuns: 150 },
  );
});

/** Shows that deciding is a function: the catalog is not touched, and the same question has the same answer. */
it('a decision changes nothing by itself', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 10 }), act, (acts, last) => {
      const world = newWorld();
      for (const what of acts) perform(world, what);
      const before = structuredClone([...world.records]);
      if (typeof last === 'object') world.ask(last);
      expect([...world.records]).toEqual(before);
    }),
    { numRuns: 50 },
  );
});

/** Shows that progress never promises more than there is to do, however many containers are about. */
it('done is at most total, and a running deploy has a step for every replica it wants', () => {
  const container = fc.record({
    replica: fc.integer({ min: 0, max: 5 }),
    version: fc.integer({ min: 1, max: 2 }),
    phase: fc.constantFrom('claimed', 'pulling', 'running', 'failed', 'removing'),
    ready: fc.boolean(),
    hostStatus: fc.constantFrom('alive', 'suspect', 'dead', 'left'),
  });
  fc.assert(
    fc.property(fc.array(container, { maxLength: 8 }), count, (containers, replicas) => {
      const world = newWorld();
      const verdict = world.do({ kind: 'app.deploy', ...names, replicas, spec: { image: 'nginx:1' } });
      const operation = verdict.operation as AppOperationRecord;
      const located = containers.map((c, index) => ({
        ...({
          id: `ct_${index}`,
          appUid: operation.appUid,
          cluster: 'default',
          wanted: 'running',
          hostName: 'h1',
        } as object),
        ...c,
      })) as unknown as Parameters<typeof composeOperation>[1];
      const { steps, done, total } = composeOperation(operation, located);
      expect(done).toBeLessThanOrEqual(total);
      expect(steps).toHaveLength(total);
      expect(steps.filter(({ step }) => step !== 'removing' && step !== 'removed')).toHaveLength(replicas);
    }),
    { numRuns: 100 },
  );
});
