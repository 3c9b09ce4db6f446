import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ShoalError } from '../../../protocol/errors.ts';
import type { ContainerId } from '../../../protocol/ids.ts';
import { HostWorld } from './host-world.ts';

const text = 'port = 80\n';
const sha256 = createHash('sha256').update(text).digest('hex');
const file = { path: '/etc/app.conf', sha256, sizeBytes: text.length, mode: '0444' };
const script = ['sh', '-c', 'cat /etc/app.conf; sleep 1000'];
const nobody = new AbortController().signal;

describe('a container with configuration files', () => {
  let world: HostWorld;
  beforeEach(async () => {
    world = await new HostWorld().started();
    world.contents.set(sha256, Buffer.from(text));
  });

  const run = async () => {
    const [id] = await world.run({ command: script, files: [file] });
    await world.clock.advance(2_000);
    if (id === undefined) throw new Error('no container');
    return id;
  };
  const printed = async (id: ContainerId) => {
    const tail = world.engine.logsTail(world.engineIdOf(id), 20, nobody);
    await world.clock.advance(0);
    return tail;
  };
  const tamper = () => {
    for (const path of world.mountFiles.files.keys()) world.mountFiles.files.set(path, Buffer.from('hacked'));
  };

  it('reads them', async () => {
    const id = await run();
    expect(world.state(id)).toMatchObject({ phase: 'running', ready: true });
    expect(await printed(id)).toBe(text.trim());
  });

  it('fails with the file and the reason when the content is nowhere', async () => {
    world.contents.clear();
    const id = await run();
    expect(world.state(id)).toMatchObject({
      phase: 'failed',
      reason: {
        code: 'create-failed',
        detail: 'cannot get the file /etc/app.conf: no member that answers has its content',
      },
    });
    expect(await world.list()).toEqual([]);
  });

  it('fails with the reason of a disk that takes nothing', async () => {
    world.mountFiles.put = () => Promise.reject(new ShoalError('not-stored', 'no space left on device'));
    const id = await run();
    expect(world.state(id)).toMatchObject({
      phase: 'failed',
      reason: { code: 'create-failed', detail: 'cannot get the file /etc/app.conf: no space left on device' },
    });
  });

  it('gets them put right when it is started again, also by an agent that only has its labels', async () => {
    const id = await run();
    tamper();
    await world.agent.power(id, 'restart');
    await world.clock.advance(2_000);
    expect(await printed(id)).toBe('port = 80\nport = 80');
    await world.replaceAgent();
    await world.clock.advance(1_000);
    world.mountFiles.files.clear();
    world.engine.exit(world.engineIdOf(id), 1);
    await world.clock.advance(5_000);
    expect(world.state(id)?.phase).toBe('running');
    expect(await printed(id)).toBe('port = 80\nport = 80\nport = 80');
  });

  it('starts without asking anybody while its files are there and whole', async () => {
    const id = await run();
    world.contents.clear();
    await world.agent.power(id, 'restart');
    await world.clock.advance(2_000);
    expect(world.state(id)?.phase).toBe('running');
  });

  it('leaves its files when it goes, and only then', async () => {
    const id = await run();
    await world.agent.power(id, 'stop');
    await world.clock.advance(60_000);
    expect(world.mountFiles.files.size).toBe(1);
    await world.agent.remove(id, 'test');
    await world.clock.advance(60_000);
    expect(world.mountFiles.files.size).toBe(0);
  });

  it('is known by a short label, whatever its files contain', async () => {
    await run();
    const [container] = await world.list();
    const label = container?.labels['shoal.spec'] ?? '';
    expect(label).toContain(sha256);
    expect(label).not.toContain('port');
    expect(label.length).toBeLessThan(400);
  });
});
