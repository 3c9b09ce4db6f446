import { expect, it } from 'vitest';
import { type AccessAction, may } from '../../../agent/core/access/access.ts';

/** Shows that the one role there is may read and give every command, wherever. */
it.each<AccessAction>(['read', 'group.delete', 'member.evict', 'token.create', 'container.power'])(
  'an admin may %s',
  (action) => {
    const admin = { id: 'cr_1', role: 'admin' } as const;
    expect(may(admin, action, {})).toEqual({ ok: true });
    expect(may(admin, action, { group: 'web', app: 'shop' })).toEqual({ ok: true });
  },
);

/** Shows that a role this version does not know is not let through in silence. */
it('stops at an unknown role', () => {
  expect(() => may({ id: 'x', role: 'guest' as 'admin' }, 'read', {})).toThrow();
});
