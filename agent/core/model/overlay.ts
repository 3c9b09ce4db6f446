import { compareText } from '../order.ts';
import type { ModelView, Write } from './verdict.ts';

/** The catalog as it would be after these writes. */
export function overlay(view: ModelView, writes: readonly Write[]): ModelView {
  const written = new Map(writes.map(({ key, value }) => [key, value]));
  return {
    get: <T>(key: string) => (written.has(key) ? (written.get(key) as T | undefined) : view.get<T>(key)),
    list: <T>(prefix: string) => {
      const kept = view.list<T>(prefix).filter(({ key }) => !written.has(key));
      const added = [...written].flatMap(([key, value]) =>
        value === undefined || !key.startsWith(prefix) ? [] : [{ key, value: value as T }],
      );
      return [...kept, ...added].sort((a, b) => compareText(a.key, b.key));
    },
  };
}
