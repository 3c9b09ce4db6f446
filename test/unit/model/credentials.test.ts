import { describe, expect, it } from 'vitest';
import { newWorld, World } from './world.ts';

const create = (credential: string, role: 'admin' | 'guest' = 'guest') =>
  ({ kind: 'credential.create', credential, role, description: 'for dashboards' }) as const;

describe('credentials', () => {
  it('are kept with the hash of their token, which nobody is shown', () => {
    const world = newWorld();
    const { body } = world.do(create('grafana'));
    expect(body).toMatchObject({ id: 'grafana', role: 'guest', description: 'for dashboards' });
    expect(body).not.toHaveProperty('secretHash');
    expect(world.get('credentials/grafana')).toMatchObject({ role: 'guest', secretHash: 'f'.repeat(64) });
  });

  it('have names of their own', () => {
    const world = newWorld();
    world.do(create('grafana'));
    expect(world.ask(create('grafana', 'admin'))).toMatchObject({
      ok: false,
      code: 'already-exists',
      faults: [{ pointer: '/id', detail: 'this name is taken' }],
    });
    expect(world.get('credentials/grafana')).toMatchObject({ role: 'guest' });
  });

  it('are gone when they are revoked, and can be made again', () => {
    const world = newWorld();
    world.do(create('boss', 'admin'));
    world.do(create('grafana'));
    expect(world.do({ kind: 'credential.revoke', credential: 'grafana' }).body).not.toHaveProperty('secretHash');
    expect(world.get('credentials/grafana')).toBeUndefined();
    expect(world.ask({ kind: 'credential.revoke', credential: 'grafana' })).toMatchObject({ code: 'not-found' });
    expect(world.ask(create('grafana'))).toMatchObject({ ok: true });
  });

  it('stay when they are the last admin: guests are no help', () => {
    const world = newWorld();
    world.do(create('ann', 'admin'));
    world.do(create('bob', 'admin'));
    world.do(create('grafana'));
    world.do({ kind: 'credential.revoke', credential: 'ann' });
    expect(world.ask({ kind: 'credential.revoke', credential: 'bob' })).toMatchObject({ ok: false, code: 'conflict' });
    expect(world.get('credentials/bob')).toBeDefined();
  });

  it('need a token that the shell made', () => {
    const world = new World();
    const { tokenSecretHash: _none, ...without } = world.context();
    world.context = () => without;
    expect(() => world.ask(create('ci'))).toThrow(/tokenSecretHash/);
  });
});
