import { type CommandKind, commandKinds } from './schemas/commands.ts';

/** What needs a right without being a command. */
const plainActions = ['read', 'image.pull', 'shell.open', 'recording.read', 'recording.delete'] as const;

/** What somebody does: reads anything, pulls an image, opens a shell, or gives a command. */
export type AccessAction = (typeof plainActions)[number] | CommandKind;

export const accessActions: readonly AccessAction[] = [...plainActions, ...commandKinds];
