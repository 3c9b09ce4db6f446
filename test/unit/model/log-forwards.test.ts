import { describe, expect, it } from 'vitest';
import type { LogForwardRecord } from '../../../protocol/schemas/log-forward.ts';
import type { Group } from '../../../protocol/schemas/model.ts';
import { World } from './world.ts';

const put = { kind: 'log-forward.put', forward: 'main' } as const;
const url = 'https://logs.example/in';

describe('where logs are forwarded to', () => {
  it.each([
    { name: 'without an address', command: put, pointer: '/url' },
    { name: 'an app without its group', command: { ...put, url, scope: { app: 'web' } }, pointer: '/scope/group' },
    { name: 'a header without a value', command: { ...put, url, headerName: 'x-key' }, pointer: '/headerValue' },
    { name: 'a value without a header', command: { ...put, url, sealedHeader: 'abc' }, pointer: '/headerName' },
    {
      name: 'a header for syslog',
      command: { ...put, url: 'syslog+tcp://h', headerName: 'x', sealedHeader: 'abc' },
      pointer: '/headerName',
    },
  ])('is refused: $name', ({ command, pointer }) => {
    const verdict = new World().try(command);
    expect(verdict).toMatchObject({ ok: false, code: 'invalid-request', faults: [{ pointer }] });
  });

  it('keeps what is left out, takes away what is null, checks certificates unless told otherwise, and shows no secret', () => {
    const world = new World();
    const made = world.do({ ...put, url, headerName: 'x-key', sealedHeader: 'abc' });
    expect(made.body).toMatchObject({ url, scope: {}, verify: true, headerName: 'x-key' });
    expect(made.body).not.toHaveProperty('sealedHeader');
    world.do({ ...put, verify: false, scope: { group: 'team' } });
    expect(world.get<LogForwardRecord>('forwards/main')).toMatchObject({
      url,
      sealedHeader: 'abc',
      verify: false,
      scope: { group: 'team' },
    });
    world.do({ ...put, headerName: null, sealedHeader: null });
    expect(world.get<LogForwardRecord>('forwards/main')).not.toHaveProperty('headerName');
    world.do({ kind: 'log-forward.delete', forward: 'main' });
    expect(world.get('forwards/main')).toBeUndefined();
    expect(world.try({ kind: 'log-forward.delete', forward: 'main' })).toMatchObject({ ok: false, code: 'not-found' });
  });
});

describe('whether shells are recorded', () => {
  it('is said for the mesh and for a group, which forgets it with null', () => {
    const world = new World();
    expect(world.do({ kind: 'shells.set', recordShells: 'on' }).body).toMatchObject({ recordShells: 'on' });
    world.do({ kind: 'group.put', group: 'team', recordShells: 'off' });
    expect(world.get<Group>('groups/team')).toMatchObject({ recordShells: 'off' });
    world.do({ kind: 'group.put', group: 'team', description: 'x' });
    expect(world.get<Group>('groups/team')).toMatchObject({ recordShells: 'off' });
    world.do({ kind: 'group.put', group: 'team', recordShells: null });
    expect(world.get<Group>('groups/team')).not.toHaveProperty('recordShells');
  });
});
