/** A row that is taller than the others. */
export interface TallRow {
  readonly index: number;
  /** On top of the height of every row. Pixels. */
  readonly extraPx: number;
}

export interface ListWindow {
  /** First row drawn, and the one after the last. */
  readonly start: number;
  readonly end: number;
  /** Where the first row drawn is. Pixels. */
  readonly topPx: number;
  readonly totalPx: number;
}

/** Rows drawn beyond each edge, so that a fast scroll shows no gap. */
const SPARE_ROWS = 12;

interface View {
  readonly rows: number;
  readonly rowPx: number;
  /** Few, by index. */
  readonly tall: readonly TallRow[];
  readonly scrollPx: number;
  readonly heightPx: number;
}

/** Which rows of a long list are in sight. Rows are of one height but for a few. */
export function windowOf({ rows, rowPx, tall, scrollPx, heightPx }: View): ListWindow {
  const start = Math.max(0, rowAt(rowPx, tall, scrollPx) - SPARE_ROWS);
  const end = Math.min(rows, rowAt(rowPx, tall, scrollPx + heightPx) + 1 + SPARE_ROWS);
  return {
    start: Math.min(start, rows),
    end: Math.max(end, 0),
    topPx: topOf(rowPx, tall, Math.min(start, rows)),
    totalPx: topOf(rowPx, tall, rows),
  };
}

const topOf = (rowPx: number, tall: readonly TallRow[], index: number): number =>
  index * rowPx + tall.reduce((sum, row) => sum + (row.index < index ? row.extraPx : 0), 0);

function rowAt(rowPx: number, tall: readonly TallRow[], atPx: number): number {
  let extraPx = 0;
  for (const row of tall) {
    const bottomPx = (row.index + 1) * rowPx + extraPx;
    if (atPx < bottomPx) break;
    if (atPx < bottomPx + row.extraPx) return row.index;
    extraPx += row.extraPx;
  }
  return Math.max(0, Math.floor((atPx - extraPx) / rowPx));
}
