import type { ComponentChildren } from 'preact';

export interface Column<T> {
  readonly label: string;
  readonly cell: (item: T) => ComponentChildren;
  readonly isNumber?: boolean;
  /** Buttons of the row; the column has no visible head. */
  readonly isActions?: boolean;
}

interface TableProps<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
}

/** Things with named values: a table, and cards where there is no room for columns. The first column is the name. */
export function Table<T>({ caption, columns, items, keyOf }: TableProps<T>) {
  return (
    <div class="table-scroll">
      <table class="cards">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ label, isNumber, isActions }) => (
              <th key={label} scope="col" class={isNumber ? 'number' : undefined}>
                {isActions ? <span class="visually-hidden">{label}</span> : label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={keyOf(item)}>
              {columns.map(({ label, cell, isNumber, isActions }) => (
                <td key={label} data-label={label} class={isActions ? 'actions' : isNumber ? 'number' : undefined}>
                  {cell(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
