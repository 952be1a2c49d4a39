import type { GrafanaTheme2 } from '@grafana/data';
import { css, cx } from '@emotion/css';
import { Icon, useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';

export type Column<T> = {
  readonly id: string;
  readonly name: string;
  readonly cell: (row: T) => ReactNode;
  /** What it is sorted by; nothing: it can't be. Unknown values come last, whichever way. */
  readonly value?: (row: T) => number | string | null;
  readonly numeric?: boolean;
};

/** A column's id, after a `-` for "largest first". */
export type Sort = string;

type Props<T> = {
  /** What the table is of, for those who do not see it. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
};

export const sortRows = <T,>(rows: readonly T[], columns: readonly Column<T>[], sort: Sort): readonly T[] => {
  const down = sort.startsWith('-');
  const value = columns.find(({ id }) => id === sort.replace(/^-/, ''))?.value;
  if (value === undefined) return rows;
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y));
    return down ? -order : order;
  });
};

/** A table that is sorted by its headings, with the keyboard too. */
export const DataTable = <T,>({ label, columns, rows, keyOf, sort, onSort }: Props<T>) => {
  const styles = useStyles2(stylesOf);
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sortRows(rows, columns, sort).map((row) => (
            <tr key={keyOf(row)} className={styles.row}>
              {columns.map(({ id, cell, numeric = false }) => (
                <td key={id} className={cx(styles.cell, numeric && styles.numeric)}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

type HeadingProps<T> = { readonly column: Column<T>; readonly sort: Sort; readonly onSort: (sort: Sort) => void };

const Heading = <T,>({ column: { id, name, value, numeric = false }, sort, onSort }: HeadingProps<T>) => {
  const styles = useStyles2(stylesOf);
  const by = sort === id ? 'ascending' : sort === `-${id}` ? 'descending' : 'none';
  // Numbers are of interest from the top, names from A.
  const next = by === 'none' ? (numeric ? `-${id}` : id) : by === 'ascending' ? `-${id}` : id;
  return (
    <th scope="col" aria-sort={by} className={cx(styles.cell, numeric && styles.numeric)}>
      {value === undefined ? (
        name
      ) : (
        <button type="button" className={styles.button} onClick={() => onSort(next)}>
          {name}
          {by === 'none' ? null : <Icon name={by === 'ascending' ? 'arrow-up' : 'arrow-down'} size="sm" />}
        </button>
      )}
    </th>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  scroll: css({ overflowX: 'auto', width: '100%' }),
  table: css({ width: '100%', borderCollapse: 'collapse' }),
  row: css({
    borderTop: `1px solid ${theme.colors.border.weak}`,
    '&:hover': { background: theme.colors.action.hover },
  }),
  cell: css({ padding: theme.spacing(0.75, 1), textAlign: 'left', verticalAlign: 'top' }),
  numeric: css({ textAlign: 'right', fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  button: css({
    ...{ background: 'none', border: 'none', padding: 0, color: 'inherit', font: 'inherit', fontWeight: 500 },
    ...{ display: 'inline-flex', alignItems: 'center', whiteSpace: 'nowrap' },
  }),
});
