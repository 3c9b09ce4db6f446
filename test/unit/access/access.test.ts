import { describe, expect, it } from 'vitest';
import { actionsOf, may } from '../../../agent/core/access/access.ts';
import type { AccessAction } from '../../../protocol/actions.ts';
import { commandKinds } from '../../../protocol/schemas/commands.ts';

const admin = { id: 'admin', role: 'admin' } as const;
const guest = { id: 'grafana', role: 'guest' } as const;

describe('an admin', () => {
  it.each<AccessAction>(['read', 'group.delete', 'member.evict', 'token.create', 'container.power', 'shell.open'])(
    'may %s, wherever',
    (action) => {
      expect(may(admin, action, {})).toEqual({ ok: true });
      expect(may(admin, action, { group: 'web', app: 'shop' })).toEqual({ ok: true });
    },
  );

  it('may give every command', () => {
    expect(actionsOf(admin)).toEqual(expect.arrayContaining([...commandKinds]));
  });
});

describe('a guest', () => {
  it('may read and pull images, and nothing else', () => {
    expect(actionsOf(guest)).toEqual(['read', 'image.pull']);
  });

  it('is told which role it takes', () => {
    expect(may(guest, 'app.deploy', { group: 'web' })).toEqual({
      ok: false,
      detail: 'grafana is a guest, who may look only: app.deploy needs the role admin.',
    });
  });
});

/** Shows that a role this version does not know is not let through in silence. */
it('stops at an unknown role', () => {
  expect(() => may({ id: 'x', role: 'owner' as 'admin' }, 'read', {})).toThrow();
});
