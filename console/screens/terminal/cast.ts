/** Something that happened in a recorded shell. */
export interface CastEvent {
  /** After its beginning. Seconds. */
  readonly atS: number;
  /** Output, a size like `80x24`, or a mark. */
  readonly kind: 'o' | 'r' | 'm';
  readonly data: string;
}

export interface Cast {
  readonly cols: number;
  readonly rows: number;
  readonly events: readonly CastEvent[];
  readonly lengthS: number;
}

const SIZE_MAX = 1_000;

/** Reads a recording (asciicast v2, docs.asciinema.org/manual/asciicast/v2). Lines that are none of it are left out. */
export function parseCast(text: string): Cast {
  const [first = '', ...lines] = text.split('\n');
  const header = parsed(first);
  const events = lines.flatMap((line): readonly CastEvent[] => {
    const event = parsed(line);
    if (!Array.isArray(event)) return [];
    const [atS, kind, data] = event as readonly unknown[];
    if (typeof atS !== 'number' || !(atS >= 0) || typeof data !== 'string') return [];
    return kind === 'o' || kind === 'r' || kind === 'm' ? [{ atS, kind, data }] : [];
  });
  const size = typeof header === 'object' && header !== null ? header : {};
  return {
    cols: sizeOf('width' in size ? size.width : undefined, 80),
    rows: sizeOf('height' in size ? size.height : undefined, 24),
    events,
    lengthS: events.at(-1)?.atS ?? 0,
  };
}

/** `80x24`; undefined for anything else. */
export function parseSize(data: string): { readonly cols: number; readonly rows: number } | undefined {
  const [, cols, rows] = /^(\d{1,4})x(\d{1,4})$/.exec(data) ?? [];
  if (cols === undefined || rows === undefined) return undefined;
  return { cols: sizeOf(Number(cols), 80), rows: sizeOf(Number(rows), 24) };
}

/** Events after one moment and up to another, in order. */
export const eventsBetween = ({ events }: Cast, afterS: number, untilS: number): readonly CastEvent[] =>
  events.filter(({ atS }) => atS > afterS && atS <= untilS);

const sizeOf = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? Math.min(value, SIZE_MAX) : otherwise;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
