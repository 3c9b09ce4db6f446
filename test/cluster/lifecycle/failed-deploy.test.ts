import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../protocol/errors.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import type { Operation, RefusalRule } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import {
  containersOf,
  deleteApp,
  deploy,
  deployed,
  itemsOf,
  pathOf,
  type Traces,
  tracesOf,
  type Wish,
} from '../../framework/deploys.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import { waitFor } from '../../framework/wait.ts';

const MiB = 1024 ** 2;

interface BadWish {
  readonly name: string;
  readonly wish: Wish;
  readonly code: ErrorCode;
  readonly detail: RegExp;
}

/** A deploy that no set of hosts can hold: each host names the rule, its reason and the numbers. */
interface Unplaceable {
  readonly name: string;
  readonly wish: Wish;
  readonly problem: RegExp;
  readonly rule: RefusalRule;
  readonly detail: RegExp;
  readonly numbers: Readonly<Record<string, number>>;
}

const broken: readonly BadWish[] = [
  {
    name: 'a command that exits at once',
    wish: { spec: { command: ['sh', '-c', 'echo the disk is missing; exit 3'] }, replicas: 3 },
    code: 'container-exited',
    detail: /exited with code 3 three times .*last output: .*the disk is missing/s,
  },
  {
    name: 'a one-shot that fails',
    wish: { spec: { command: ['sh', '-c', 'exit 4'], restart: 'never' } },
    code: 'container-exited',
    detail: /exited with code 4 within/,
  },
  {
    name: 'a command that is not in the image',
    wish: { spec: { command: ['no-such-program'] }, replicas: 2 },
    code: 'container-exited',
    detail: /no-such-program.*No such file/s,
  },
  {
    name: 'more memory than its limit',
    wish: { spec: { memoryBytes: 8 * MiB, command: ['sh', '-c', 'x=xxxxxxxx; while true; do x=$x$x; done'] } },
    code: 'container-exited',
    detail: /killed for using more than its 8 MiB of memory three times/,
  },
  {
    name: 'a health check that never passes',
    wish: { spec: { health: { command: ['false'], intervalMs: 200, retries: 2 } }, replicas: 2 },
    code: 'container-unhealthy',
    detail: /health check/,
  },
  {
    name: 'a signal that no engine knows',
    wish: { spec: { stopSignal: 'SIGNONE' } },
    code: 'create-failed',
    detail: /SIGNONE/,
  },
];

const unplaceable: readonly Unplaceable[] = [
  {
    name: 'an app too big for every host',
    wish: { spec: { memoryBytes: 2048 * MiB } },
    problem: /^1 of 1 replicas/,
    rule: 'insufficient-memory',
    detail: /needs 2 GiB, 512 MiB free of 512 MiB/,
    numbers: { neededBytes: 2048 * MiB, allocatableBytes: 512 * MiB, promisedBytes: 0 },
  },
  {
    name: 'more replicas than fit',
    wish: { spec: { memoryBytes: 200 * MiB }, replicas: 8 },
    problem: /^2 of 8 replicas/,
    rule: 'insufficient-memory',
    detail: /needs 200 MiB, .* of 512 MiB/,
    numbers: { neededBytes: 200 * MiB, allocatableBytes: 512 * MiB },
  },
  {
    name: 'more CPU than a host has',
    wish: { spec: { cpuMilli: 3_000 } },
    problem: /^1 of 1 replicas/,
    rule: 'insufficient-cpu',
    detail: /needs 3 cores, the host has 2 cores/,
    numbers: { neededCpuMilli: 3_000, totalCpuMilli: 2_000 },
  },
  {
    name: 'a fixed port for more replicas than hosts',
    wish: { spec: { ports: [{ container: 80, host: 8_080 }] }, replicas: 5 },
    problem: /^2 of 5 replicas/,
    rule: 'port-taken',
    detail: /port tcp\/8080 can be published once per host/,
    numbers: { port: 8_080 },
  },
  {
    name: 'a port that the host itself uses',
    wish: { spec: { ports: [{ container: 80, host: 7_421 }] } },
    problem: /^1 of 1 replicas/,
    rule: 'port-taken',
    detail: /port tcp\/7421 is taken by something that Shoal does not run/,
    numbers: { port: 7_421 },
  },
  {
    name: 'a constraint that no host meets',
    wish: { spec: { constraints: [{ label: 'disk', op: '==', values: ['ssd'] }] } },
    problem: /^1 of 1 replicas/,
    rule: 'constraint',
    detail: /disk/,
    numbers: {},
  },
  {
    name: 'more replicas than maxPerHost allows',
    wish: { spec: { maxPerHost: 1 }, replicas: 4 },
    problem: /^1 of 4 replicas/,
    rule: 'max-per-host',
    detail: /at most 1 replica of the app per host/,
    numbers: { maxPerHost: 1 },
  },
];

/** What is there, but for operations: a failed one stays to be looked at. */
const withoutOperations = (traces: readonly Traces[]) => traces.map(({ operations: _, ...rest }) => rest);

describe('a deploy that fails', () => {
  let cluster: RealCluster;
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'f', hosts: 3, memory: '512m', cpu: '2' });
    await cluster.host(1).api('PUT', '/v1/groups/team', { body: {} });
  });
  afterAll(() => cluster?.down());

  /** Waits until engines, ledgers and every host's view are as before. */
  async function isAgain(before: readonly Traces[]): Promise<void> {
    const wanted = withoutOperations(before);
    await waitFor('everything to be as before', async () => {
      const now = withoutOperations(await tracesOf(cluster));
      expect(now).toEqual(wanted);
      return true;
    });
  }

  describe('of a new app', () => {
    let before: readonly Traces[];
    beforeAll(async () => {
      before = await tracesOf(cluster);
    });
    afterEach(() => isAgain(before));

    it.for(broken)('with $name ends with $code and leaves nothing behind', async ({ wish, code, detail }) => {
      const { state, problem, failures, steps } = await deploy(cluster.host(1), 'team/new', wish);
      expect({ state, code: problem?.code }).toEqual({ state: 'failed', code });
      expect(problem?.detail).toMatch(detail);
      expect(failures[0]).toMatchObject({ code, detail: expect.stringMatching(detail) });
      expect(steps.every(({ step }) => step === 'failed')).toBe(true);
    });

    it('with an image that no engine has, while its registry is out of reach, is refused at the request', async () => {
      const spec = { image: 'shoal-test:none', memoryBytes: 16 * MiB };
      const path = `${pathOf('team/new')}/deployments`;
      const { status, body } = await cluster.host(1).api<Problem>('POST', path, { body: { spec, replicas: 2 } });
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'upstream-unavailable' });
      expect(body.detail).toContain('docker.io');
    });

    it.for(unplaceable)('with $name names the rule and the numbers of every host', async ({ wish, ...wanted }) => {
      const { state, problem, decisions } = await deploy(cluster.host(2), 'team/new', wish);
      expect({ state, code: problem?.code }).toEqual({ state: 'failed', code: 'unplaceable' });
      expect(problem?.detail).toMatch(wanted.problem);
      expect(problem?.detail).toMatch(wanted.detail);
      const refusals = decisions.at(-1)?.refusals ?? [];
      expect(refusals.map(({ hostName }) => hostName).sort()).toEqual(['h1', 'h2', 'h3']);
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({ rule: wanted.rule, detail: expect.stringMatching(wanted.detail) });
        expect(refusal.numbers).toMatchObject(wanted.numbers);
      }
    });
  });

  describe('of an app that worked before', () => {
    const name = 'team/old';
    let before: readonly Traces[];
    /** Ids and starts of its containers, straight from the engines. */
    const running = async () => {
      const all = await Promise.all(cluster.hosts.map((host) => host.docker.listContainers()));
      const ids = all.flat().map(({ Id }) => Id);
      const hosts = cluster.hosts.flatMap((host, index) => (all[index] ?? []).map(({ Id }) => ({ host, Id })));
      const looked = await Promise.all(hosts.map(({ host, Id }) => host.docker.getContainer(Id).inspect()));
      return { ids: ids.sort(), starts: looked.map(({ State }) => State.StartedAt).sort() };
    };
    beforeAll(async () => {
      await deployed(cluster.host(3), name, { replicas: 3, spec: { ports: [{ container: 80, host: 8_088 }] } });
      before = await tracesOf(cluster);
    });
    afterAll(() => deleteApp(cluster.host(1), name));

    it.for([
      ...broken.filter(({ name: what }) => /at once|never passes/.test(what)),
      ...unplaceable.filter(({ name: what }) => /too big|constraint/.test(what)),
    ])('with $name changes nothing of it', async ({ wish }) => {
      const runningBefore = await running();
      const { state } = await deploy(cluster.host(1), name, { ...wish, replicas: 3 });
      expect(state).toBe('failed');
      await isAgain(before);
      expect(await running()).toEqual(runningBefore);
      for (const host of cluster.hosts) {
        await waitFor(`${host.name} to know the old version`, async () => {
          const { deployments } = (await host.api<App>('GET', pathOf(name))).body;
          expect(deployments).toMatchObject([{ version: 1, replicas: 3 }]);
          // What was tried stays listed, to be compared; nothing runs it.
          const versions = await itemsOf<Version>(host, `${pathOf(name)}/versions`);
          expect(versions.map(({ number }) => number)).toContain(1);
          return true;
        });
        expect((await containersOf(host, name)).map(({ version, ready }) => ({ version, ready }))).toEqual(
          Array(3).fill({ version: 1, ready: true }),
        );
      }
    });

    it('by too many replicas in a scale changes nothing of it', async () => {
      const runningBefore = await running();
      const path = `${pathOf(name)}/deployments/default`;
      const { body } = await cluster.host(2).api<Operation>('PATCH', path, { body: { replicas: 7 } });
      const { state, problem } = await waitFor('the end of the scale', async () => {
        const { body: now } = await cluster.host(2).api<Operation>('GET', `/v1/operations/${body.id}`);
        return now.state !== 'running' && now;
      });
      expect({ state, code: problem?.code }).toEqual({ state: 'failed', code: 'unplaceable' });
      expect(problem?.detail).toMatch(/^4 of 7 replicas/);
      await isAgain(before);
      expect(await running()).toEqual(runningBefore);
    });
  });
});
