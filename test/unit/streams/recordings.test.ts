import { describe, expect, it } from 'vitest';
import { isRecorded } from '../../../agent/core/model/shell-settings.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { MemoryFolder } from '../../../agent/ports/folder-memory.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { type RecordedShell, Recordings } from '../../../agent/services/recordings/recordings.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ContainerState } from '../../../protocol/schemas/host.ts';

const hostId = '12D3KooWBhV9dp6FDvi3vSQ7Y2JH7nVd9yLuVdNtGv4CkKXy3h7m' as HostId;
const ULID = '01ARZ3NDEKTSV4RRFFQ69G5F';
const container = { id: `ct_${ULID}00`, name: 'team-web-0-abcd', group: 'team', app: 'web' } as ContainerState;

function host(folder = new MemoryFolder()) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const start = () =>
    new Recordings({
      ...{ folder, clock, log: silentLog, hostId, hostName: 'h1' },
      events: { record: ({ kind }) => told.push(kind) },
    });
  return { folder, clock, told, start };
}
const shell = (number: number): RecordedShell => ({
  ...{ id: `sh_${ULID}${String(number).padStart(2, '0')}`, container, command: ['sh'], tty: true, cols: 80, rows: 24 },
  openedBy: 'admin',
});
const read = async (recordings: Recordings, id: string): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await recordings.read(id)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe('whether shells are recorded', () => {
  const group = { name: 'team', createdAt: '' };
  it.each([
    { name: 'nobody said anything', group, settings: undefined, expected: false },
    { name: 'the mesh does', group, settings: { recordShells: 'on' as const }, expected: true },
    {
      name: 'the group does not',
      group: { ...group, recordShells: 'off' as const },
      settings: { recordShells: 'on' as const },
      expected: false,
    },
    { name: 'the group does', group: { ...group, recordShells: 'on' as const }, settings: undefined, expected: true },
  ])('$name', ({ group: of, settings, expected }) => {
    expect(isRecorded(of, settings)).toBe(expected);
  });
});

describe('recordings of a host', () => {
  it('are asciicast v2 with what was shown and when, sizes and the exit code', async () => {
    const { clock, start } = host();
    const recordings = start();
    const recording = await recordings.begin(shell(1));
    // The first half of a character comes alone.
    await recording.output(Uint8Array.of(0x61, 0xc3));
    await clock.advance(1_500);
    await recording.output(Uint8Array.of(0xa9));
    await recording.resize(100, 40);
    await recording.end(3);
    const lines = (await read(recordings, shell(1).id)).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ version: 2, width: 80, height: 24, title: 'team-web-0-abcd by admin' }),
      [0, 'o', 'a'],
      [1.5, 'o', '\u00e9'],
      [1.5, 'r', '100x40'],
      [1.5, 'm', 'exit 3'],
    ]);
    expect(await recordings.list()).toMatchObject([{ state: 'ended', exitCode: 3, openedBy: 'admin' }]);
  });

  it('are found again by the next agent; those that it broke off are marked', async () => {
    const { clock, start } = host();
    const first = start();
    await (await first.begin(shell(1))).end(0);
    const open = await first.begin(shell(2));
    await open.output(Buffer.from('half'));
    await clock.advance(1_000);
    const again = start();
    expect((await again.list()).map(({ state }) => state)).toEqual(['ended', 'broken-off']);
    expect(await read(again, shell(2).id)).toContain('half');
  });

  it('end at their bound, say so, and let the shell go on', async () => {
    const { start, told } = host();
    const recordings = start();
    const recording = await recordings.begin(shell(1));
    for (let mib = 0; mib < 10; mib++) await recording.output(Buffer.alloc(1024 ** 2, 'x'));
    await recording.end(0);
    const [found] = await recordings.list();
    expect(found).toMatchObject({ isCut: true, state: 'ended' });
    expect(found?.sizeBytes).toBeLessThanOrEqual(limits.recordingBytes);
    expect(await read(recordings, shell(1).id)).toContain('the rest is not recorded');
    expect(told).toEqual(['recording.cut']);
  });

  it('go when there is too much, the oldest first', async () => {
    const { start } = host();
    const recordings = start();
    for (let number = 0; number < 40; number++) {
      const recording = await recordings.begin(shell(number));
      for (let mib = 0; mib < 7; mib++) await recording.output(Buffer.alloc(1024 ** 2, 'x'));
      await recording.end(0);
    }
    const left = await recordings.list();
    expect(left.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThanOrEqual(limits.recordingsBytes);
    expect(left.at(-1)?.id).toBe(shell(39).id);
    expect(left.length).toBeLessThan(40);
  }, 30_000);

  it('do not begin, nor leave anything, when the disk takes nothing', async () => {
    const folder = new MemoryFolder();
    folder.append = folder.put = () => Promise.reject(new ShoalError('not-stored', 'No space left on device.'));
    const recordings = host(folder).start();
    await expect(recordings.begin(shell(1))).rejects.toMatchObject({ code: 'not-stored' });
    expect(await recordings.list()).toEqual([]);
  });

  it('are not removed while they are made; who removes one is told', async () => {
    const { start, told } = host();
    const recordings = start();
    const recording = await recordings.begin(shell(1));
    await expect(recordings.remove(shell(1).id, 'admin')).rejects.toMatchObject({ code: 'conflict' });
    await recording.end(0);
    await recordings.remove(shell(1).id, 'admin');
    expect(told).toEqual(['recording.deleted']);
    await expect(recordings.read(shell(1).id)).rejects.toMatchObject({ code: 'not-found' });
  });
});
