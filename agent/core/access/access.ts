import { type AccessAction, accessActions } from '../../../protocol/actions.ts';
import type { Role } from '../../../protocol/schemas/model.ts';
import { assertNever } from '../context.ts';

/** What it is done to, as far as it is known. All absent: the mesh itself. */
export interface AccessResource {
  readonly group?: string;
  readonly app?: string;
  readonly cluster?: string;
  readonly host?: string;
  /** Of images: the first component of the repository's name. */
  readonly namespace?: string;
}

/** Who asks. */
export interface AccessSubject {
  readonly id: string;
  readonly role: Role;
}

/** Whoever is refused is told why, under the code `forbidden`. */
export type AccessVerdict = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/** What a guest may do: nothing that changes anything, and nothing that shows what others typed. */
const guestActions: ReadonlySet<AccessAction> = new Set<AccessAction>(['read', 'image.pull']);

/** The one place where access is decided. */
export function may(subject: AccessSubject, action: AccessAction, _resource: AccessResource): AccessVerdict {
  switch (subject.role) {
    case 'admin':
      return { ok: true };
    case 'guest':
      if (guestActions.has(action)) return { ok: true };
      return { ok: false, detail: `${subject.id} is a guest, who may look only: ${action} needs the role admin.` };
    default:
      return assertNever(subject.role);
  }
}

/** All that somebody may do in the whole mesh. */
export const actionsOf = (subject: AccessSubject): readonly AccessAction[] =>
  accessActions.filter((action) => may(subject, action, {}).ok);
