import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { Group } from '../../../protocol/schemas/model.ts';
import type { ShellSettings } from '../../../protocol/schemas/recording.ts';
import { keys } from '../catalog/keys.ts';
import { type ModelContext, type ModelView, timestamp, type Verdict } from './verdict.ts';

/** What holds until somebody says otherwise. */
export const shellDefaults: ShellSettings = { recordShells: 'off' };

/** Whether what shells into containers of a group show is recorded. */
export function isRecorded(group: Group | undefined, settings: ShellSettings = shellDefaults): boolean {
  return (group?.recordShells ?? settings.recordShells) === 'on';
}

/** Says how shells are treated where their group says nothing else; what is left out stays. */
export function setShells(command: CommandOf<'shells.set'>, view: ModelView, context: ModelContext): Verdict {
  const key = keys.shellSettings;
  const before = view.get<ShellSettings>(key) ?? shellDefaults;
  const settings: ShellSettings = {
    recordShells: command.recordShells ?? before.recordShells,
    updatedAt: timestamp(context),
  };
  return { ok: true, writes: [{ key, value: settings }], body: settings, primaryKey: key };
}
