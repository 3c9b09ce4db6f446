import { Check } from 'typebox/value';
import { beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../agent/core/canonical-json.ts';
import { HostRecord } from '../../../protocol/schemas/host.ts';
import { MiB } from './customer.ts';
import { HostWorld, RESOLVED } from './host-world.ts';

const nobody = new AbortController().signal;

describe('awarded containers', () => {
  let world: HostWorld;
  beforeEach(async () => {
    world = await new HostWorld().started();
  });

  it('run within one create and one start, all at once, with one look for the image', async () => {
    const ids = await world.run({}, 3);
    await world.clock.advance(160);
    expect(ids.map((id) => world.state(id)?.phase)).toEqual(['running', 'running', 'running']);
    expect(world.engine.calls.get('findImage')).toBe(1); // for the ask
    expect(world.engine.calls.get('inspect')).toBeUndefined();
  });

  it('are ready after a second without a health check, and count as promised memory', async () => {
    const [id] = await world.run();
    await world.clock.advance(160);
    expect(world.state(id)?.ready).toBe(false);
    await world.clock.advance(1_000);
    expect(world.state(id)?.ready).toBe(true);
    expect(world.agent.record().capacity.promisedBytes).toBe(64 * MiB);
  });

  it('are ready once healthy when they have a health check', async () => {
    const [id] = await world.run({ health: { command: ['true'], intervalMs: 500 } });
    await world.clock.advance(400);
    expect(world.state(id)).toMatchObject({ phase: 'running', health: 'starting', ready: false });
    await world.clock.advance(500);
    expect(world.state(id)).toMatchObject({ health: 'healthy', ready: true });
  });

  it('that crash come back in less than a second', async () => {
    const [id] = await world.run();
    await world.clock.advance(2_000);
    world.engine.exit(world.engineIdOf(id), 1);
    await world.clock.advance(0);
    expect(world.state(id)).toMatchObject({ phase: 'backoff', ready: false, exitCode: 1 });
    await world.clock.advance(500);
    expect(world.state(id)).toMatchObject({ phase: 'running', restarts: 1 });
    expect(world.kinds()).toContain('container.restarting');
  });

  it('that never stay up fail with their last words, and leave nothing behind', async () => {
    const [id] = await world.run({ command: ['sh', '-c', 'echo no database; exit 3'] });
    await world.clock.advance(3_000);
    const state = world.state(id);
    expect(state).toMatchObject({ phase: 'failed', memoryBytes: 0, reason: { code: 'container-exited' } });
    expect(state?.reason?.detail).toMatch(
      /^exited with code 3 three times within .* s of its start; last output: no database/,
    );
    expect(await world.list()).toEqual([]);
    expect(world.agent.record().capacity.promisedBytes).toBe(0);
    await world.clock.advance(5 * 60_000);
    expect(world.state(id)).toBeUndefined();
  });

  it('that get unhealthy before they are ready fail', async () => {
    const [id] = await world.run({ health: { command: ['false'], intervalMs: 100, retries: 2 } });
    await world.clock.advance(1_000);
    expect(world.state(id)).toMatchObject({ phase: 'failed', reason: { code: 'container-unhealthy' } });
  });

  it('that do their work and end are completed by policy never', async () => {
    const [id] = await world.run({ restart: 'never', command: ['sh', '-c', 'sleep 1; exit 0'] });
    await world.clock.advance(2_000);
    expect(world.state(id)).toMatchObject({ phase: 'completed', ready: true, exitCode: 0 });
  });

  it('show the phases of a pull with its bytes', async () => {
    world = await new HostWorld({ images: [], registry: ['app:1'], pullMs: 2_000 }).started();
    const [id] = await world.run();
    await world.clock.advance(1_000);
    expect(world.state(id)).toMatchObject({ phase: 'pulling', pull: { bytes: 500_000, totalBytes: 1_000_000 } });
    await world.clock.advance(1_200);
    expect(world.state(id)?.phase).toBe('running');
  });

  it("whose image nobody has fail with the engine's reason, once", async () => {
    world = await new HostWorld({ images: [] }).started();
    const ids = await world.run({}, 3);
    await world.clock.advance(100);
    for (const id of ids)
      expect(world.state(id)).toMatchObject({ phase: 'failed', reason: { code: 'image-not-found' } });
    expect(world.engine.calls.get('pull')).toBe(1);
  });

  it('are not run twice by an award that comes again', async () => {
    const spec = { image: 'app:1', memoryBytes: 64 * MiB };
    const bid = await world.ask(spec, 2);
    if (!bid.ok) throw new Error('refused');
    const award = world.award(spec, bid, 2);
    expect(world.agent.award(award)).toEqual(world.agent.award(award));
    await world.clock.advance(500);
    expect((await world.list()).length).toBe(2);
  });
});

describe('power operations', () => {
  let world: HostWorld;
  beforeEach(async () => {
    world = await new HostWorld().started();
  });

  it('stop a container for good, also across a new agent, until it is started again', async () => {
    const [id] = await world.run();
    await world.clock.advance(2_000);
    if (id === undefined) throw new Error('no container');
    await world.agent.power(id, 'stop');
    await world.clock.advance(500);
    expect(world.state(id)).toMatchObject({ phase: 'stopped', wanted: 'stopped', ready: false });
    await world.replaceAgent();
    await world.clock.advance(500);
    expect(world.state(id)).toMatchObject({ phase: 'stopped', wanted: 'stopped' });
    await world.agent.power(id, 'start');
    await world.agent.power(id, 'start');
    await world.clock.advance(2_000);
    expect(world.state(id)).toMatchObject({ phase: 'running', wanted: 'running', ready: true });
  });

  it('remove a container and free its claim; again is fine', async () => {
    const [id] = await world.run();
    await world.clock.advance(2_000);
    if (id === undefined) throw new Error('no container');
    await world.agent.remove(id, 'surplus');
    await world.clock.advance(100);
    await world.agent.remove(id, 'surplus');
    expect(world.state(id)).toBeUndefined();
    expect(await world.list()).toEqual([]);
    expect(world.agent.record().capacity.promisedBytes).toBe(0);
  });

  it('remove a container while its image is being pulled, which ends the pull', async () => {
    world = await new HostWorld({ images: [], registry: ['app:1'], pullMs: 60_000 }).started();
    const [id] = await world.run();
    await world.clock.advance(1_000);
    if (id === undefined) throw new Error('no container');
    await world.agent.remove(id, 'surplus');
    await world.clock.advance(120_000);
    expect(world.agent.record().containers).toEqual([]);
    expect(await world.engine.findImage('app:1', nobody)).toBeUndefined();
  });

  it('kill a container, which comes back by its policy; restart it at once', async () => {
    const [id] = await world.run();
    await world.clock.advance(2_000);
    if (id === undefined) throw new Error('no container');
    await world.agent.power(id, 'kill', { killSignal: 'SIGKILL' });
    await world.clock.advance(1_000);
    expect(world.state(id)).toMatchObject({ phase: 'running', restarts: 1 });
    await world.agent.power(id, 'restart');
    await world.clock.advance(160);
    expect(world.state(id)).toMatchObject({ phase: 'running', restarts: 2 });
  });

  it("refuse what can't be done with a code", async () => {
    await expect(world.agent.power('ct_x' as never, 'stop')).rejects.toMatchObject({ code: 'not-found' });
    const [id] = await world.run({ image: 'absent:1' });
    await world.clock.advance(100);
    if (id === undefined) throw new Error('no container');
    await expect(world.agent.power(id, 'start')).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('what happens to the engine', () => {
  let world: HostWorld;
  beforeEach(async () => {
    world = await new HostWorld().started();
  });

  it('a container removed by hand is reported and frees its claim', async () => {
    const [id] = await world.run();
    await world.clock.advance(2_000);
    await world.engine.remove(world.engineIdOf(id), nobody);
    await world.clock.advance(300);
    expect(world.kinds()).toContain('container.removed-externally');
    expect(world.agent.record()).toMatchObject({ containers: [], capacity: { promisedBytes: 0 } });
  });

  it('a crash of the engine is seen, refuses asks, and its containers run again once it is back', async () => {
    const ids = await world.run({}, 3);
    await world.clock.advance(2_000);
    world.engine.crash();
    await world.clock.advance(1_000);
    expect(world.agent.record().engine.state).toBe('unreachable');
    expect(await world.ask({ image: 'app:1', memoryBytes: 64 * MiB })).toMatchObject({
      ok: false,
      refusal: { rule: 'engine-unreachable' },
    });
    world.engine.recover();
    await world.clock.advance(7_000);
    expect(ids.map((id) => world.state(id))).toMatchObject(ids.map(() => ({ phase: 'running', ready: true })));
    expect(world.kinds()).toEqual(expect.arrayContaining(['engine.lost', 'engine.back']));
    expect((await world.list()).length).toBe(3);
  });

  it('a hung engine is seen by its silence, and what was asked of it meanwhile is done later', async () => {
    const [id] = await world.run();
    await world.clock.advance(2_000);
    if (id === undefined) throw new Error('no container');
    world.engine.freeze();
    await world.agent.power(id, 'stop');
    await world.clock.advance(30_000);
    expect(world.agent.record().engine.state).toBe('unreachable');
    world.engine.recover();
    await world.clock.advance(60_000);
    expect(world.agent.record().engine.state).toBe('ready');
    expect(world.state(id)).toMatchObject({ phase: 'stopped', wanted: 'stopped' });
  });

  it('an agent that comes after another adopts its containers, and starts what it had only created', async () => {
    const resolvedImage = RESOLVED;
    const ids = await world.run({ resolvedImage }, 2);
    await world.clock.advance(2_000);
    const late = await world.run();
    await world.clock.advance(20); // created, not started
    await world.replaceAgent();
    expect(ids.map((id) => world.state(id))).toMatchObject([
      { phase: 'running', ready: true, resolvedImage },
      { phase: 'running', ready: true, resolvedImage },
    ]);
    expect(world.agent.record().capacity.promisedBytes).toBe(3 * 64 * MiB);
    await world.clock.advance(500);
    expect(world.state(late[0])?.phase).toBe('running');
    expect((await world.list()).length).toBe(3);
  });

  it('containers of another mesh are left alone and count as unmanaged', async () => {
    await world.run({}, 2);
    await world.clock.advance(2_000);
    world.agent.stop();
    const other = world.newAgent('mesh-two' as never);
    await other.start();
    expect(other.record().containers).toEqual([]);
    expect(other.record().unmanaged.length).toBe(2);
    expect(other.record().capacity.unmanagedBytes).toBe(128 * MiB);
    other.stop();
  });

  it('a container that was removed while a list was on its way does not come back from that list', async () => {
    world = await new HostWorld({ listMs: 300 }).started();
    const [id] = await world.run();
    if (id === undefined) throw new Error('no container');
    await world.clock.advance(29_100); // a list that shows the container was asked for at 30 s, and comes at 30.3 s
    await world.agent.remove(id, 'surplus');
    await world.clock.advance(5_000);
    expect(world.agent.record()).toMatchObject({ containers: [], capacity: { promisedBytes: 0 } });
    expect(world.kinds().filter((kind) => kind.startsWith('container.removed'))).toEqual(['container.removed']);
  });

  it('a copy of a container made by hand is unmanaged, whatever its labels say', async () => {
    const [id] = await world.run();
    await world.clock.advance(2_000);
    const [ours] = await world.list();
    if (ours === undefined) throw new Error('no container');
    const copy = { name: 'copy', image: 'app:1', env: {}, labels: ours.labels, memoryBytes: 32 * MiB, cpuMilli: 0 };
    const made = world.engine.create(
      { ...copy, ports: [], volumes: [], files: [], stopGraceMs: 0, logMaxBytes: 1 },
      nobody,
    );
    await world.clock.advance(2_000);
    expect(world.agent.record().unmanaged).toMatchObject([{ engineId: await made, name: 'copy' }]);
    expect(world.state(id)).toMatchObject({ phase: 'running', engineId: ours.engineId });
  });

  it('a container stopped by hand starts again, and people are told why', async () => {
    const [id] = await world.run();
    await world.clock.advance(2_000);
    await world.engine.stop(world.engineIdOf(id), 1_000, nobody);
    await world.clock.advance(2_000);
    expect(world.state(id)?.phase).toBe('running');
    expect(world.kinds()).toContain('container.stopped-externally');
  });

  it('an agent that stops leaves no timer and no stream behind', async () => {
    await world.run({}, 2);
    await world.clock.advance(200);
    world.agent.stop();
    await world.clock.advance(0);
    expect(world.clock.pending).toBe(0);
    expect(world.engine.readers).toBe(0);
  });
});

describe('the record', () => {
  it('fits its schema, and is told once per change, at most every 50 ms', async () => {
    const world = new HostWorld();
    const records: string[] = [];
    world.agent.onChange((record, json) => {
      expect(Check(HostRecord, record)).toBe(true);
      expect(canonicalJson(JSON.parse(json))).toBe(json);
      records.push(json);
    });
    await world.started();
    await world.run({ ports: [{ container: 80 }] }, 5);
    await world.clock.advance(2_000);
    const told = records.length;
    expect(new Set(records).size).toBe(told);
    expect(told).toBeLessThan(12);
    await world.clock.advance(300_000);
    expect(records.length).toBe(told);
  });
});

describe('ports', () => {
  it('are chosen from the range, never one that something else listens on', async () => {
    const world = await new HostWorld().started();
    for (let port = 20_000; port < 29_998; port++) world.machine.taken.add(`tcp/${port}`);
    const ids = await world.run({ ports: [{ container: 80 }] }, 2);
    expect(ids.map((id) => world.state(id)?.ports[0]?.host).sort()).toEqual([29_998, 29_999]);
    expect(await world.ask({ image: 'app:1', memoryBytes: 64 * MiB, ports: [{ container: 80 }] })).toMatchObject({
      ok: false,
      refusal: { rule: 'port-taken' },
    });
  });
});
