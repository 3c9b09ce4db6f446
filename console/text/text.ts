import { effect, signal } from '@preact/signals';
import { en } from './en.ts';
import { fill, type MessageKey, type Messages } from './messages.ts';

export type Language = 'en' | 'zh';

const KEY = 'shoal-language';

/** English comes with the page; other languages are loaded when they are wanted. */
const others: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Messages>>> = {
  zh: async () => (await import('./zh.ts')).zh,
};

const messages = signal<Messages>(en);

/** The language of everything that is not a name or the API's own words. */
export const language = signal<Language>(chosen());

function chosen(): Language {
  const stored = localStorage.getItem(KEY) ?? navigator.language;
  return stored.startsWith('zh') ? 'zh' : 'en';
}

/** A message, its `{places}` filled in. */
export function t(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): string {
  return fill(messages.value[key], values);
}

/** Loads the language whenever it is chosen, and keeps the choice. */
export function applyLanguage(): () => void {
  return effect(() => {
    const wanted = language.value;
    document.documentElement.lang = wanted;
    localStorage.setItem(KEY, wanted);
    const load = wanted === 'en' ? Promise.resolve<Messages>(en) : others[wanted]();
    void load.then((loaded) => {
      if (language.peek() === wanted) messages.value = loaded;
    });
  });
}
