/** Rows, the first of them the head, as the formatter of this project writes them: each column as wide as its widest cell. */
export const markdownRows = (rows: readonly (readonly string[])[]): string[] => {
  const [head = [], ...rest] = rows;
  const widths = head.map((_, i) => Math.max(3, ...rows.map((cells) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[], fill: string): string =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width, fill)).join(' | ')} |`;
  return [line(head, ' '), line([], '-'), ...rest.map((cells) => line(cells, ' '))];
};

/** Text that is no markup, in one line; in a cell of a table, too. */
export const plain = (text: string): string =>
  text
    .replaceAll(/([\\|*_`[])/g, '\\$1')
    .replaceAll('<', '&lt;')
    .replaceAll(/\s+/g, ' ');
