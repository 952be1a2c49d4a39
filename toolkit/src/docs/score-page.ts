import { configSchema, type Thresholds } from '@submilli/core';
import {
  type ComponentName,
  componentNames,
  components,
  FAILSAFE_AGE,
  FIRE,
  GRADE_MARGIN,
  grades,
  HARD_CAP,
  LEAST_BLOCKS,
  LEAST_COVERAGE,
  LEAST_ROWS,
  LEAST_TRANSACTIONS,
  RECOVERY_PER_MINUTE,
  type SignalDeclaration,
  signals,
} from '@submilli/database';
import type { Incident } from './incidents';

export const imageOf = ({ capture }: Incident): string => `images/score-${capture.incident}.svg`;

/** The page about the health score, from the declarations that also compute it. */
export const scorePage = (incidents: readonly Incident[]): string =>
  [
    '# The health score',
    '',
    'Generated from the declarations in the code and from recorded incidents by `npm run docs`; a test keeps it current.',
    '',
    '`db_performance_score` says from 0 to 100 how well a database is. It is a summary for people who look at many',
    'databases at once, so it must not hide a fire behind an average, must not look fine for want of data, and must be',
    'possible to argue with: `GET /api/v1/score` gives for each component the measured value, its points, weight,',
    'thresholds, source and a sentence, what caps the score, and what would raise it most.',
    '',
    '## From signals to points',
    '',
    'Each signal is one number. It has 100 points at its warning threshold or better, none at its critical one or worse,',
    'and a straight line in between. A component has the points of its **worst** signal: what is well does not make up',
    'for what is not. Thresholds are the keys under `thresholds` in [submilli.yml](../submilli.yml).',
    '',
    ...signalTable(),
    '',
    `A ratio over fewer than ${LEAST_TRANSACTIONS} transactions, ${LEAST_BLOCKS} blocks or ${LEAST_ROWS} rows is not judged. What comes and goes`,
    'within milliseconds where all is well (a session that waits for a lock, a pool that is full for a moment) counts by',
    'its mean over the readings of the window. A MB of WAL has 1024 * 1024 bytes.',
    '',
    'PostgreSQL adds execution time to its statistics when a statement ends, so sessions that stand still show under',
    '`locks_and_waits` first and under `latency` when they go on. The pool is known when the pool exporter runs in the',
    'same process (`submilli serve`), and is matched by the address and database that PgBouncer connects to.',
    '',
    '## From points to the score',
    '',
    'The score is the weighted mean of the components, and never above a cap that a component sets which is on fire, with',
    `fewer than ${FIRE} points. The cap is a straight line from 100 at ${FIRE} points to the component’s *floor* at none, so`,
    'nothing jumps, and worse is never better. The floor says how bad it is when this alone is at its worst:',
    '',
    ...componentTable(),
    '',
    `Two facts make all other figures beside the point and cap the score at ${HARD_CAP}: ${FAILSAFE_AGE / 1e9} billion`,
    'transaction or multixact ids in use (where vacuum gives up everything else to save the server), and a page with a',
    'wrong checksum (until somebody has looked at it and reset the statistics with `pg_stat_reset()`).',
    '',
    '## What is not known',
    '',
    'A component without data is left out of the mean, and the other weights count for more; it is not taken for well.',
    '`db_performance_score_coverage_ratio` is the share of the weight that had data. What could not be read (a missing',
    'privilege, a window that is not full yet) lowers it; what does not apply (replication without a standby, checksums',
    `that are off) does not. Below ${LEAST_COVERAGE} the grade is \`unknown\`.`,
    '',
    '## Slow to recover',
    '',
    `The published score falls at once and rises by at most ${RECOVERY_PER_MINUTE} points a minute, so that a database that flaps`,
    'between well and ill stays low, and an alert on it does not flap along. After an outage of the target, or a restart of',
    `the exporter, it begins with what it is then. The grade is \`good\` from ${grades.good}, \`fair\` from ${grades.fair}, \`poor\` from ${grades.poor} and`,
    `\`critical\` below; it gets worse at once, and better only ${GRADE_MARGIN} points inside the better one.`,
    '',
    '## Incidents',
    '',
    'Made on real servers and recorded once a second (`npm run incidents` records them again; the window was',
    `${incidents[0]?.capture.config.window_seconds ?? 0} s, all else as by default). A test replays the recorded signals and compares the score curve with the committed`,
    'one, so that no change of the score goes unseen.',
    '',
    ...incidents.flatMap((incident) => incidentSection(incident)),
  ].join('\n');

const signalTable = (): string[] => {
  const { thresholds } = configSchema.parse({});
  const rows = Object.entries(signals).map(([name, declaration]) => [
    `\`${declaration.component}\``,
    `\`${name}\``,
    `${declaration.meaning} (${declaration.unit})`,
    thresholdText(declaration, 'warning', thresholds),
    thresholdText(declaration, 'critical', thresholds),
    declaration.source,
  ]);
  return table(['component', 'signal', 'meaning', 'warning', 'critical', 'read from'], rows);
};

const thresholdText = (declaration: SignalDeclaration, which: 'warning' | 'critical', all: Thresholds): string => {
  const threshold = declaration[which];
  return typeof threshold === 'number' ? String(threshold) : `${all[threshold]} \`${threshold}\``;
};

const componentTable = (): string[] =>
  table(
    ['component', 'weight', 'floor', 'because then'],
    componentNames.map((name: ComponentName) => {
      const { weight, floor, because } = components[name];
      return [`\`${name}\``, String(weight), String(floor), because];
    }),
  );

const incidentSection = (incident: Incident): string[] => {
  const { capture, moments } = incident;
  const lowest = Math.min(...moments.flatMap(({ score }) => score?.value ?? []));
  const worst = moments.find(({ score }) => score?.value === lowest)?.score?.worst ?? 'nothing';
  return [
    `### ${capture.title}`,
    '',
    `![${capture.incident}](${imageOf(incident)})`,
    '',
    `${capture.servers}. Lowest score: ${lowest.toFixed(0)}, for \`${worst}\`.`,
    '',
  ];
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `| ${head.map(() => '---').join(' | ')} |`,
  ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
];
