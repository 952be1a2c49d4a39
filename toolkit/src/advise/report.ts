import type { Advised } from './advise';

const MOST_EFFECTS = 5;
const MOST_TEXT = 100;

/** The advice for people to read: what to build, why, at what price, and why other statements got none. */
export const adviseReport = ({ database, workload, advice }: Advised): string => {
  const texts = new Map(workload.statements.map(({ id, text }) => [id, oneLine(text)]));
  const how = advice.plannerChecked
    ? `the planner was asked ${advice.explains} times`
    : 'estimated from statistics: no planner was asked (HypoPG is not there, or this is a primary: see --on-primary)';
  const reasons = new Map<string, string[]>();
  for (const { statement, reasons: own } of advice.without) {
    const [first] = own;
    if (first !== undefined) reasons.set(first.reason, [...(reasons.get(first.reason) ?? []), statement]);
  }
  return [
    `Database ${database}: ${workload.statements.length} statements, ${advice.seconds.toFixed(1)} s, ${how}.`,
    advice.overBudget ? 'The time or the number of plans ended first: more may be found with more.' : '',
    ...(advice.indexes.length === 0 ? ['\nNo index is advised.'] : []),
    ...advice.indexes.flatMap((index) => [
      `\n${index.create}`,
      `  back:       ${index.drop}`,
      `  size:       ${megabytes(index.size.low)} to ${megabytes(index.size.high)} MB`,
      `  writes:     ${index.tax.known ? `${index.tax.entriesPerSecond.toPrecision(2)} entries/s, ${Math.round(index.tax.walBytesPerSecond)} bytes of WAL/s` : 'not known here'}`,
      `  confidence: ${index.confidence}; ${index.measured}`,
      ...index.warnings.map((warning) => `  mind:       ${warning}`),
      ...index.effects
        .slice(0, MOST_EFFECTS)
        .map(
          ({ statement, before, after, callsPerSecond }) =>
            `  ${before.toFixed(0)} → ${after.toFixed(0)} at ${callsPerSecond.toPrecision(2)} calls/s: ${texts.get(statement) ?? statement}`,
        ),
    ]),
    ...(advice.drops.length === 0 ? [] : ['\nIndexes whose work another one does (look on every standby first):']),
    ...advice.drops.map(({ drop, instead, proof }) => `  ${drop}  -- ${instead}; proof: ${proof}`),
    ...(advice.trials.length === 0 ? [] : ['\nTo be tried, as no planner can be asked about them:']),
    ...advice.trials.map(({ create, why }) => `  ${create}  -- ${why}`),
    ...(reasons.size === 0 ? [] : ['\nStatements that got none:']),
    ...[...reasons].map(([reason, ids]) => `  ${String(ids.length).padStart(4)}  ${reason}`),
    '',
  ]
    .filter((line, i, all) => line !== '' || i === all.length - 1)
    .join('\n');
};

const oneLine = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > MOST_TEXT ? `${line.slice(0, MOST_TEXT)}…` : line;
};

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
