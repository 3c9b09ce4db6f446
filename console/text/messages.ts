import type { en } from './en.ts';

export type MessageKey = keyof typeof en;
/** Every message of a language. */
export type Messages = Readonly<Record<MessageKey, string>>;

/** Puts values in the `{places}` of a message. They stay text, whatever they hold. */
export const fill = (message: string, values: Readonly<Record<string, string | number>>): string =>
  message.replaceAll(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
