import type { CommandKind } from '../../../protocol/schemas/commands.ts';
import { assertNever } from '../context.ts';

/** What somebody does: reads anything, pulls an image, opens a shell, or gives a command. */
export type AccessAction = 'read' | 'image.pull' | 'shell.open' | 'recording.read' | 'recording.delete' | CommandKind;

/** What it is done to, as far as it is known. All absent: the mesh itself. */
export interface AccessResource {
  readonly group?: string;
  readonly app?: string;
  readonly cluster?: string;
  readonly host?: string;
  /** Of images: the first component of the repository's name. */
  readonly namespace?: string;
}

/** Who asks. Further roles are further members of `role`, each a case below. */
export interface AccessSubject {
  readonly id: string;
  readonly role: 'admin';
}

/** Whoever is refused is told why, under the code `forbidden`. */
export type AccessVerdict = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/** The one place where access is decided. An admin may do everything; everybody who has a token is an admin today. */
export function may(subject: AccessSubject, _action: AccessAction, _resource: AccessResource): AccessVerdict {
  switch (subject.role) {
    case 'admin':
      return { ok: true };
    default:
      return assertNever(subject.role);
  }
}
