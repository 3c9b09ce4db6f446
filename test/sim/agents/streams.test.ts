import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../protocol/schemas/logs.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { deployed, deployOf, onMesh } from './scenario.ts';

const three = { hosts: 3, latencyMs: 2, seed: 1 };
const admin = { id: 'admin', role: 'admin' } as const;
const never = new AbortController().signal;
const URL = 'https://collector.test/';
const talker = (name: string) =>
  deployOf(name, 3, { command: ['sh', '-c', 'echo one; sleep 1; echo two; sleep 100000'] });
const texts = (mesh: MemoryMesh) =>
  (mesh.collectors.lines.get(URL) ?? []).map(({ text, host }) => `${host} ${text}`).sort();

describe('forwarded logs', () => {
  it('of every host come to the collector, once, whatever agent was killed while it was dead', async () => {
    await onMesh(three, async (mesh) => {
      mesh.collectors.dead.add(URL);
      await mesh.run(1, { kind: 'log-forward.put', forward: 'main', url: URL, scope: { group: 'team' } });
      await deployed(mesh, 1, talker('talk'));
      await mesh.advance(5_000);
      const states = await mesh.settle(mesh.host(3).platform.forwards.list());
      expect(states[0]?.hosts.map(({ state }) => state)).toEqual(['behind', 'behind', 'behind']);
      mesh.kill(2);
      await mesh.advance(1_000);
      await mesh.restart(2);
      mesh.collectors.dead.clear();
      await mesh.advance(90_000);
      const all = ['h1', 'h2', 'h3'].flatMap((host) => [`${host} one`, `${host} two`]);
      expect(texts(mesh)).toEqual(all);
      await mesh.run(2, { kind: 'log-forward.delete', forward: 'main' });
      await mesh.advance(2_000);
      for (const { folders } of mesh.hosts) expect(await folders.forward.list()).toEqual([]);
    });
  });
});

describe('what removed containers wrote last', () => {
  it('is there for an hour, asked of any member', async () => {
    await onMesh(three, async (mesh) => {
      await deployed(mesh, 1, talker('talk'));
      await mesh.advance(3_000);
      const { operationId = '' } = await mesh.run(1, { kind: 'app.delete', group: 'team', app: 'talk' });
      await mesh.finished(1, operationId);
      const of = { group: 'team', app: 'talk' };
      const read = async () => {
        const entries: LogEntry[] = [];
        for await (const some of await mesh.host(2).platform.previousLogs(of, { follow: false }, never))
          entries.push(...some);
        return entries;
      };
      const entries = await mesh.settle(read());
      expect(entries.map((entry) => (entry.type === 'line' ? entry.text : entry.type)).sort()).toEqual([
        'one',
        'one',
        'one',
        'two',
        'two',
        'two',
      ]);
      await mesh.advance(3_700_000);
      await expect(mesh.settle(read())).rejects.toMatchObject({ code: 'not-found' });
      for (const { folders } of mesh.hosts) expect(await folders.lastOutput.list()).toEqual([]);
    });
  }, 60_000);
});

describe('a recorded shell', () => {
  it('is found by any member, also after its agent was killed; what it left behind is ended', async () => {
    await onMesh(three, async (mesh) => {
      await mesh.run(1, { kind: 'shells.set', recordShells: 'on' });
      await deployed(mesh, 1, deployOf('web', 3));
      const container = mesh.host(1).platform.containers({ host: 'h2' })[0];
      const request = { command: ['sh'], tty: true };
      const opening = mesh.host(1).platform.shells.open(container?.id ?? '', request, { actor: admin, signal: never });
      const ticket = await mesh.settle(opening);
      expect(ticket.isRecorded).toBe(true);
      await mesh.advance(1_000);
      mesh.kill(2);
      await mesh.restart(2);
      await mesh.advance(2_000);
      const { items } = await mesh.settle(mesh.host(3).platform.recordings.list(admin));
      expect(items).toMatchObject([{ id: ticket.sessionId, hostName: 'h2', state: 'broken-off', openedBy: 'admin' }]);
      for await (const [key] of mesh.host(2).disk.entries('shells/')) throw new Error(`${key} is left behind`);
      await mesh.settle(mesh.host(1).platform.recordings.remove(ticket.sessionId, admin));
      expect((await mesh.settle(mesh.host(2).platform.recordings.list(admin))).items).toEqual([]);
    });
  });
});
