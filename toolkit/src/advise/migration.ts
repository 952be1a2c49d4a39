import type { Advised } from './advise';

export type Migration = { readonly up: string; readonly down: string };

/** The advice as a migration and the way back. Only what was judged is in it: what is to be tried, or dropped, is a comment. */
export const migrationOf = ({ database, advice }: Advised): Migration => {
  const head = [
    `-- Database ${oneLine(database)}. Made by submilli advise indexes.`,
    '-- CONCURRENTLY builds without locking writers out. It runs in no transaction block: tell your migration tool so.',
  ];
  const { indexes, drops, trials } = advice;
  const up = [
    ...head,
    '-- A build that fails leaves an invalid index behind, which IF NOT EXISTS would take for done: look afterwards with',
    '--   SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid;',
    ...indexes.flatMap((index) => [
      '',
      `-- ${megabytes(index.size.low)} to ${megabytes(index.size.high)} MB; confidence ${index.confidence}; ${oneLine(index.measured)}`,
      ...index.warnings.map((warning) => `-- Mind: ${oneLine(warning)}`),
      index.create,
    ]),
    ...commented(
      'Another index does their work. Look on every standby first; then take the dashes away:',
      drops.map(({ drop, instead }) => `${drop}  -- ${instead}`),
    ),
    ...commented(
      'To be tried, as no planner can be asked about them:',
      trials.map(({ create, why }) => `${create}  -- ${why}`),
    ),
  ];
  const down = [
    ...head,
    '',
    ...indexes.toReversed().map(({ drop }) => drop),
    ...commented(
      'If you dropped them:',
      drops.map(({ undo }) => undo),
    ),
  ];
  return { up: `${up.join('\n')}\n`, down: `${down.join('\n')}\n` };
};

const commented = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `-- ${title}`, ...lines.map((line) => `-- ${oneLine(line)}`)];

/** A comment ends with its line: names and texts must not. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
