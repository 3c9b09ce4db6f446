import { printableLine } from './format.ts';
import { type Paint, toneOf } from './paint.ts';

/** One column: its heading and what it shows of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string | number | undefined;
  /** Coloured by its word, as states are. */
  readonly isState?: boolean;
  readonly isNumber?: boolean;
}

/** Lines of a table; columns in which every cell is empty are left out. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paint: Paint): string[] {
  const drawn = columns
    .map((column) => ({ column, cells: rows.map((row) => printableLine(String(column.cell(row) ?? ''))) }))
    .filter(({ cells }) => cells.length === 0 || cells.some((cell) => cell !== ''))
    .map(({ column, cells }) => ({
      column,
      cells,
      width: Math.max(column.title.length, ...cells.map((c) => c.length)),
    }));
  const line = (text: (part: (typeof drawn)[number]) => string, tone: (part: (typeof drawn)[number]) => string) =>
    drawn
      .map((part, at) => {
        const space = ' '.repeat(part.width - text(part).length);
        if (part.column.isNumber === true) return space + tone(part);
        return at === drawn.length - 1 ? tone(part) : tone(part) + space;
      })
      .join('  ');
  return [
    line(
      ({ column }) => column.title,
      ({ column }) => paint('dim', column.title),
    ),
    ...rows.map((_, at) =>
      line(
        ({ cells }) => cells[at] ?? '',
        ({ column, cells }) =>
          column.isState === true ? paint(toneOf(cells[at] ?? ''), cells[at] ?? '') : (cells[at] ?? ''),
      ),
    ),
  ];
}

/** Lines `name  value` of one thing; empty values are left out. */
export function fieldLines(
  fields: readonly (readonly [string, string | number | undefined])[],
  paint: Paint,
): string[] {
  const shown = fields.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => {
    const text = printableLine(String(value));
    return `${paint('dim', name.padEnd(width))}  ${paint(toneOf(text), text)}`;
  });
}
