type Labels = Readonly<Record<string, string>>;

/** What to send so that labels become those of the text, or the first line that is none. */
export type LabelChanges =
  | { readonly ok: true; readonly labels: Readonly<Record<string, string | null>> }
  | { readonly ok: false; readonly line: string };

const LINE = /^([a-zA-Z0-9](?:[a-zA-Z0-9._/-]{0,126}[a-zA-Z0-9])?)(?:=(.{0,1024}))?$/;

/** Compares labels with lines of `key=value`: lines that are gone take their label away. */
export function labelChanges(before: Labels, text: string): LabelChanges {
  const after: Record<string, string> = {};
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const match = LINE.exec(line);
    if (match?.[1] === undefined) return { ok: false, line };
    after[match[1]] = match[2] ?? '';
  }
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return { ok: true, labels: Object.fromEntries([...set, ...gone.map((key) => [key, null] as const)]) };
}
