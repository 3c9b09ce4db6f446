import { parse, stringify, YAMLError } from 'yaml';

/** The object that a text stands for, or the line and reason why it is none. */
export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly detail: string };

/** Aliases may multiply a short text into a huge one; nobody needs them here. */
const ALIASES_MAX = 0;

export function parseYaml(text: string): Parsed {
  try {
    return { ok: true, value: parse(text, { maxAliasCount: ALIASES_MAX, prettyErrors: true }) ?? {} };
  } catch (error) {
    const words = error instanceof YAMLError || error instanceof Error ? error.message : String(error);
    return { ok: false, detail: words.split('\n', 1)[0] ?? words };
  }
}

export const writeYaml = (value: object): string => stringify(value, { lineWidth: 0 });
