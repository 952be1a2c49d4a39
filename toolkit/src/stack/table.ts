import type { ServiceStatus, StackStatus } from './events';

/** Columns as wide as their widest cell, two spaces apart; no trailing blanks. */
export const aligned = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const stateWord = (service: ServiceStatus): string => {
  if (service.state !== 'running') return service.state;
  return service.healthy ? 'running' : 'not well';
};

const rowsOf = (service: ServiceStatus): string[][] => {
  const state = stateWord(service);
  const note = service.healthy && service.note !== null ? `${state}, ${service.note}` : state;
  const endpoints = service.endpoints.length === 0 ? [{ what: service.title, url: '' }] : service.endpoints;
  return endpoints.map(({ what, url }, i) => (i === 0 ? [service.name, note, what, url] : ['', '', what, url]));
};

/** What runs where, its state and its URL, then why anything is not well. */
export const statusTable = ({ services }: Pick<StackStatus, 'services'>): string => {
  const table = aligned([['NAME', 'STATE', 'WHAT', 'WHERE'], ...services.flatMap(rowsOf)]);
  const problems = services.flatMap(({ name, healthy, note, state }) =>
    healthy || note === null || state === 'waiting' ? [] : [`${name}: ${note}`],
  );
  return problems.length === 0 ? table : `${table}\n\n${problems.join('\n')}`;
};

/** The table with what to do next under it. */
export const upReport = (status: StackStatus): string =>
  [
    statusTable(status),
    ...(status.notes.length === 0 ? [] : ['', ...status.notes]),
    '',
    'Next things to try:',
    ...status.next.map((line) => `  ${line}`),
  ].join('\n');
