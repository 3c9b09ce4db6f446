import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { ImageSettings } from '../../../protocol/schemas/image.ts';
import { keys } from '../catalog/keys.ts';
import { type ModelContext, type ModelView, timestamp, type Verdict } from './verdict.ts';

/** Sets bounds for moving layers; what is left out stays, null lifts a bound. */
export function setImages(command: CommandOf<'images.set'>, view: ModelView, context: ModelContext): Verdict {
  const key = keys.imageSettings;
  const { kind: _kind, ...changes } = command;
  const { updatedAt: _at, ...before } = view.get<ImageSettings>(key) ?? { updatedAt: '' };
  const set = Object.entries({ ...before, ...changes }).filter(([, rate]) => typeof rate === 'number');
  const settings: ImageSettings = { ...Object.fromEntries(set), updatedAt: timestamp(context) };
  return { ok: true, writes: [{ key, value: settings }], body: settings, primaryKey: key };
}
