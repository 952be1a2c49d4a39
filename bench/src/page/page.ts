import { markdownRows, plain, short } from '@submilli/toolkit';
import type { Cell, Goal, Measured, Table } from '../part';
import { pictureOf } from './pictures';

/** Files of the documentation, by their names under it. */
export type DocFiles = Readonly<Record<string, string>>;

/** All that was measured as one page, with its pictures. */
export const benchPage = (results: readonly Measured[], remarks: Readonly<Record<string, string>>): DocFiles => ({
  'benchmarks.md': text(results, remarks),
  ...Object.fromEntries(
    results.flatMap(({ plots }) =>
      plots.flatMap((plot) => {
        const picture = pictureOf(plot);
        return picture === '' ? [] : [[imageOf(plot.name), picture]];
      }),
    ),
  ),
});

export const imageOf = (name: string): string => `images/bench-${name}.svg`;

const text = (results: readonly Measured[], remarks: Readonly<Record<string, string>>): string =>
  [
    '# Benchmarks',
    '',
    'What Submilli costs and how far it can be believed, beside the peers. Figures are of one machine: compare those that',
    'stand together, which were measured in turns, and [measure on yours](#to-measure-it-yourself).',
    '',
    '## Goals',
    '',
    ...goalLines(results),
    '',
    ...results.flatMap((result) => partLines(result, remarks[result.part])),
    ...yourself(results),
  ].join('\n');

const goalLines = (results: readonly Measured[]): readonly string[] => {
  if (results.length === 0) return ['Nothing has been measured yet.'];
  const all = results.flatMap(({ goals }) => goals);
  const met = all.filter((goal) => goal.met).length;
  return [
    `${met} of ${all.length} met. Why one was missed is said in its part.`,
    '',
    ...markdownRows([['goal', 'target', 'measured', ''], ...results.flatMap(({ goals }) => goals.map(goalRow))]),
  ];
};

const goalRow = ({ what, target, measured, met }: Goal): readonly string[] => [
  ...[plain(what), plain(target), plain(measured)],
  met ? 'met' : '**missed**',
];

const partLines = (result: Measured, remarks: string | undefined): readonly string[] => [
  `## ${plain(result.title)}`,
  '',
  ...result.how.map((line) => `- ${inOneLine(line)}`),
  `- ${plain(machineText(result))}`,
  '',
  ...result.tables.flatMap(tableLines),
  ...result.plots.flatMap(({ name, title, series }) =>
    series.every(({ points }) => points.length === 0)
      ? []
      : [`![${plain(title)}](${imageOf(name)})`, '', `${plain(title)}.`, ''],
  ),
  ...(remarks === undefined ? [] : ['### Read it with care', '', remarks, '']),
];

/** Its own markup stays: commands and options are code. */
const inOneLine = (line: string): string => line.replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ');

const machineText = ({ machine, node, startedAt, seconds }: Measured): string => {
  const { processors, model, loadAverageBefore } = machine;
  const load = `load average ${loadAverageBefore.toFixed(2)} before it`;
  return `${processors} processors (${model}), Node ${node.replace(/^v/, '')}, ${load}. ${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${durationText(seconds)}.`;
};

export const durationText = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

const tableLines = ({ title, columns, rows }: Table): readonly string[] => [
  `${plain(title)}:`,
  '',
  ...markdownRows([columns.map(plain), ...rows.map((row) => row.map(cellText))]),
  '',
];

/** What was not measured is a dash. */
export const cellText = (cell: Cell): string => {
  if (cell === null) return '–';
  if (typeof cell === 'string') return plain(cell);
  return short(cell);
};

const yourself = (results: readonly Measured[]): readonly string[] => [
  '## To measure it yourself',
  '',
  '```sh',
  'npm ci && npm run build',
  'npx submilli packages --for test --yes                       # Debian 12: PostgreSQL 15, HypoPG, PgBouncer, both peers',
  'npm run bench                                                # all parts, one after the other',
  'npm run bench -- --only advice --index-advisor FILE          # one part, with the peer’s SQL file',
  'npm run bench -- --quick                                     # a few minutes, to see that it works; not to be believed',
  '```',
  '',
  'Leave the machine alone meanwhile. A part that can’t run says why, and the others still do. Results are written to',
  '`bench/results/PART.json`, this page and its pictures are made of them (`npm run docs` makes them again without',
  'measuring), and what people have to say of a part stands in `bench/remarks/PART.md`. With `--quick` all of it goes to a',
  'temporary folder. `npm run bench -- --help` has the options of the parts.',
  '',
  'The index advisor’s peer is [index_advisor](https://github.com/supabase/index_advisor) by Supabase (PostgreSQL',
  'licence), one SQL file that you fetch: `index_advisor--0.2.0.sql`.',
  '',
  ...(results.length === 0
    ? []
    : [
        ...markdownRows([
          ['part', 'took'],
          ...results.map(({ part, seconds }) => [part, durationText(seconds)]),
          ['all', durationText(results.reduce((sum, { seconds }) => sum + seconds, 0))],
        ]),
        '',
      ]),
];
