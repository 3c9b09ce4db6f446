import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DockerEngine } from '../../../agent/adapters/dockerode/docker-engine.ts';
import { NetProber } from '../../../agent/adapters/probe/net-prober.ts';
import { systemClock } from '../../../agent/adapters/system-clock.ts';
import { createMachine } from '../../../agent/adapters/systeminformation/machine.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { MemoryMountFiles } from '../../../agent/ports/mount-files-memory.ts';
import { MemoryStore } from '../../../agent/ports/store-memory.ts';
import { HostAgent } from '../../../agent/services/host/host-agent.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { ContainerId, HostId, MeshId } from '../../../protocol/ids.ts';
import { Customer } from '../../unit/host/customer.ts';
import { RealHost } from './real-host.ts';

const host = new RealHost('enghost');
const nobody = new AbortController().signal;
const DEADLINE_MS = 60_000;

class RealWorld extends Customer {
  readonly clock = systemClock;
  readonly engine = new DockerEngine(host.socketPath);
  readonly store = new MemoryStore();
  readonly kinds: string[] = [];
  override readonly image = 'shoal-test:1';
  agent = this.newAgent();

  newAgent(): HostAgent {
    return new HostAgent({
      identity: {
        hostId: '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo' as HostId,
        hostName: 'h1',
        meshId: 'mesh-real' as MeshId,
        agentVersion: '1',
        zone: 'z1',
        labels: {},
      },
      engine: this.engine,
      machine: createMachine(),
      prober: new NetProber(),
      store: this.store,
      clock: this.clock,
      log: silentLog,
      onEvent: (event) => this.kinds.push(event.kind),
      mountFiles: new MemoryMountFiles(),
      contentOf: () => Promise.reject(new ShoalError('not-found', 'there are no files')),
    });
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!isSo()) {
      if (Date.now() > deadline) throw new Error(`never: ${what}; ${JSON.stringify(this.agent.record().containers)}`);
      await sleep(10);
    }
  }

  areReady(ids: readonly ContainerId[]): boolean {
    return ids.every((id) => this.state(id)?.ready === true);
  }
}

describe('a host agent on a real engine', () => {
  let world: RealWorld;
  beforeAll(() => host.up());
  afterAll(() => host.down());
  beforeEach(async () => {
    world = new RealWorld();
    await world.agent.start();
  });
  afterEach(async () => {
    for (const { id } of world.agent.record().containers) await world.agent.remove(id, 'the test is over');
    await world.until('everything is removed', () => world.agent.record().containers.length === 0);
    world.agent.stop();
  });

  const forEver = { command: ['sleep', '1000'], stopGraceMs: 1_000 };

  it('runs three containers with a published port each, and promises their memory', async () => {
    const ids = await world.run({ ...forEver, ports: [{ container: 80 }] }, 3);
    await world.until('all are ready', () => world.areReady(ids));
    const containers = await world.engine.list(nobody);
    expect(containers.map(({ name, state }) => `${name.replace(/-\w+$/, '')} ${state}`).sort()).toEqual([
      'shop-web-0 running',
      'shop-web-1 running',
      'shop-web-2 running',
    ]);
    expect(new Set(ids.map((id) => world.state(id)?.ports[0]?.host)).size).toBe(3);
    expect(world.agent.record().capacity.promisedBytes).toBe(3 * 64 * 1024 ** 2);
  });

  it('starts a killed container again, and notices one that was removed by hand', async () => {
    const [first, second] = await world.run(forEver, 2);
    if (first === undefined || second === undefined) throw new Error('no containers');
    await world.until('both are ready', () => world.areReady([first, second]));
    await world.engine.kill(world.engineIdOf(first), 'SIGKILL', nobody);
    await world.until('it runs again', () => world.state(first)?.restarts === 1 && world.areReady([first]));
    await world.engine.remove(world.engineIdOf(second), nobody);
    await world.until('it is gone from the record', () => world.state(second) === undefined);
    expect(world.kinds).toContain('container.removed-externally');
    expect(world.agent.record().capacity.promisedBytes).toBe(64 * 1024 ** 2);
  });

  it('has all its containers back after the engine was killed and started again', async () => {
    const ids = await world.run(forEver, 3);
    await world.until('all are ready', () => world.areReady(ids));
    const engineIds = ids.map((id) => world.engineIdOf(id)).sort();
    await host.cluster('kill', 'h1', 'engine');
    await world.until('the engine is lost', () => world.agent.record().engine.state === 'unreachable');
    await host.cluster('start', 'h1', 'engine');
    await world.until('all run again', () => world.agent.record().engine.state === 'ready' && world.areReady(ids));
    const containers = await world.engine.list(nobody);
    expect(containers.map((container) => container.engineId).sort()).toEqual(engineIds);
    expect(containers.every((container) => container.state === 'running')).toBe(true);
    expect(world.kinds).toEqual(expect.arrayContaining(['engine.lost', 'engine.back']));
  });

  it('adopts what an agent before it ran, stopped containers as stopped', async () => {
    const [runs, stopped] = await world.run({ ...forEver, ports: [{ container: 80 }] }, 2);
    if (runs === undefined || stopped === undefined) throw new Error('no containers');
    await world.until('both are ready', () => world.areReady([runs, stopped]));
    await world.agent.power(stopped, 'stop');
    await world.until('one is stopped', () => world.state(stopped)?.phase === 'stopped');
    const before = world.agent.record();
    world.agent.stop();
    world.agent = world.newAgent();
    await world.agent.start();
    const after = world.agent.record();
    expect(after.capacity).toEqual(before.capacity);
    const shown = (record: typeof before) =>
      record.containers.map(({ createdAt, startedAt, exitCode, ...rest }) => rest);
    expect(shown(after)).toEqual(shown(before));
  });

  it("fails what exits at once with its last words, and an image that nobody has with the engine's reason", async () => {
    const [exits] = await world.run({ command: ['sh', '-c', 'echo no database; exit 3'] });
    const [absent] = await world.run({ image: 'no-such-image:9' });
    await world.until('both failed', () => [exits, absent].every((id) => world.state(id)?.phase === 'failed'));
    expect(world.state(exits)?.reason).toMatchObject({
      code: 'container-exited',
      detail: expect.stringContaining('no database'),
    });
    expect(world.state(absent)?.reason?.code).toBe('image-not-found');
    expect(await world.engine.list(nobody)).toEqual([]);
  });
});
