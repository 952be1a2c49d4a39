import { homedir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { SubmilliError } from '@submilli/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Compared, compareAll, SURE } from '../baseline/compare';
import { askHours, merged } from '../baseline/history';
import { listedOf } from '../baseline/listed';
import { baselineMetrics } from '../baseline/metrics';
import { historyOf, HOUR, HOURS_OF_WEEK, seriesOf, VERSION } from '../baseline/model';
import { neededBaseline, readBaseline, writeBaseline } from '../baseline/store';
import { comparisonText, listText } from '../baseline/words';
import { bounds } from '../prometheus/client';
import { prometheusOf, type PrometheusFlags, withPrometheus } from '../prometheus/options';
import { parseEnd } from '../report/period';
import { momentText, plural } from '../report/words';
import { stateDirectoryOf } from '../state-directory';
import { interruptible } from './interruptible';

type Common = { readonly file: string; readonly cluster?: string; readonly json: boolean };
type UpdateFlags = PrometheusFlags & Common & { readonly weeks: number };
type CompareFlags = PrometheusFlags & Common & { readonly hours: number; readonly end?: number };

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const lastHour = (seconds: number): number => Math.floor(seconds / HOUR) * HOUR;

export const baselineCommand = (): Command =>
  new Command('baseline')
    .description('What is usual, by hour of the week, and whether now is: from Prometheus, kept in a file.')
    .addHelpText('after', help)
    .addCommand(updateCommand())
    .addCommand(compareCommand())
    .addCommand(listCommand());

const help = `
  submilli baseline update                               learn, or learn more: once a day from a timer
  submilli baseline compare --hours 6                    are the last six hours as usual?
  submilli baseline compare --end 2026-01-31T12:00Z      were those twenty-four?
  submilli baseline list                                 what is known, and where its level changed

A baseline holds the hours of the last weeks as they were: score, latency by query type, throughput, errors, cache, waits,
lag. Hours are compared with the same hours of the week, by ranks and medians, so that no outage makes a baseline; and only
with those since the level last changed for good. docs/baseline.md says how, and what it cannot say.
`;

const common = (command: Command): Command =>
  command
    .addOption(
      new Option('--file <file>', 'the file that it is in').default(
        join(stateDirectoryOf(null, process.env, homedir()), 'baseline.json'),
        'baseline.json in the exporters’ state directory',
      ),
    )
    .option('--cluster <name>', 'of this cluster only')
    .option('--json', 'print it as JSON', false);

const updateCommand = (): Command =>
  common(withPrometheus(new Command('update')))
    .description('Take the hours that Prometheus knows into the file.')
    .option('--weeks <count>', 'keep so many', count(1, 26), 8)
    .addHelpText(
      'after',
      `
Hours that Prometheus has forgotten stay until they are older than --weeks, so a daily update knows more than Prometheus
keeps. The file is replaced as a whole or not at all. To begin anew, move it away.

  submilli baseline update --file main.json --cluster main --prometheus https://prometheus.example/prom \\
    --prometheus-token-file secrets/token

No series of an answer has more than ${bounds.points} points, no answer takes longer than ${bounds.seconds} s.

Exit status: 0 written; 1 Prometheus knows nothing of these hours, nothing was written; 2 not written: no answer, refused, or a
damaged file; 130 interrupted, and nothing written.
`,
    )
    .action(async (flags: UpdateFlags) => {
      process.exitCode = await interruptible('Learning', 2, (signal, say, print) => update(flags, signal, say, print));
    });

const compareCommand = (): Command =>
  common(withPrometheus(new Command('compare')))
    .description('What is not as usual: what changed, by how much, how sure.')
    .option('--hours <count>', 'compare so many, three or more', count(3, 4 * HOURS_OF_WEEK), 24)
    .option('--end <moment>', 'up to then: 2026-01-31 or 2026-01-31T12:00Z; now if not said', moment)
    .addHelpText(
      'after',
      `
A change is told if it is surer than ${SURE * 100} % for all rows together (rank test, Holm's correction), and of an amount that matters
(10 %, and for each metric some least). Few hours tell large changes only, more hours smaller ones.

  submilli baseline compare --hours 6 || page-somebody
  submilli baseline compare --json | jq '.compared[] | select(.verdict == "worse")'

Exit status: 0 as usual; 1 something changed; 2 could not tell: no baseline, no answer, nothing that could be compared, or
nothing changed but something that was there is missing; 130 interrupted.
`,
    )
    .action(async (flags: CompareFlags) => {
      process.exitCode = await interruptible('Comparing', 2, (signal, say, print) =>
        compare(flags, signal, say, print),
      );
    });

const listCommand = (): Command =>
  common(new Command('list'))
    .description('What the file knows: since when it counts, what is usual, where the level changed.')
    .addHelpText('after', '\nExit status: 0 printed; 2 there is no such file, or it is damaged; 130 interrupted.\n')
    .action(async (flags: Common) => {
      process.exitCode = await interruptible('Reading', 2, (signal, _, print) => list(flags, signal, print));
    });

/** Between two computations: Ctrl-C and the clock on the terminal want their turn. */
const breathing = (signal: AbortSignal) => async (): Promise<void> => {
  await setImmediate();
  signal.throwIfAborted();
};

type Tell = (text: string) => void;

const update = async (flags: UpdateFlags, signal: AbortSignal, say: Tell, print: Tell): Promise<number> => {
  const { file: path, cluster, weeks, json } = flags;
  const before = readBaseline(path);
  const now = Date.now() / 1000;
  const [to, hours] = [lastHour(now), weeks * HOURS_OF_WEEK];
  const prometheus = prometheusOf(flags, signal);
  const { series, problems } = await askHours({ prometheus, cluster, to, hours, say });
  if (series.length === 0) {
    throwIfRefused(problems);
    print(`${prometheus.url} knows nothing of the last ${plural(weeks, 'week')}; nothing was written.\n`);
    return 1;
  }
  const all = merged((before?.series ?? []).map(historyOf), series, to - hours * HOUR);
  signal.throwIfAborted();
  writeBaseline(path, {
    ...{ version: VERSION, madeAt: iso(now), source: prometheus.url, series: all.map(seriesOf) },
  });
  const known = all.reduce((sum, one) => sum + one.hours.length, 0);
  const from = iso(all.reduce((least, one) => Math.min(least, one.hours[0]?.[0] ?? to), to) - HOUR);
  const told = { file: path, from, to: iso(to), rows: all.length, hours: known, problems };
  print(
    json
      ? `${JSON.stringify(told, null, 1)}\n`
      : [
          `${path}: ${plural(told.rows, 'row')} with ${plural(known, 'hour')}, ${momentText(from)} to ${momentText(told.to)} (UTC).`,
          ...problems,
          '',
        ].join('\n'),
  );
  return 0;
};

const throwIfRefused = (problems: readonly string[]): void => {
  if (problems.length > 0) throw new SubmilliError({ what: `nothing was learnt: ${problems[0] ?? ''}` });
};

const compare = async (flags: CompareFlags, signal: AbortSignal, say: Tell, print: Tell): Promise<number> => {
  const { file: path, cluster, hours, json } = flags;
  const file = neededBaseline(path);
  const to = lastHour(Math.min(flags.end ?? Infinity, Date.now() / 1000));
  const from = to - hours * HOUR;
  const { series, refused, problems } = await askHours({
    prometheus: prometheusOf(flags, signal),
    cluster,
    to,
    hours,
    say,
  });
  say('what is usual');
  const compared = await compareAll({
    ...{ metrics: baselineMetrics({ cluster }), present: series, refused, from },
    baseline: file.series.filter(ofCluster(cluster)).map(historyOf),
    breathe: breathing(signal),
  });
  const told = { from: iso(from), to: iso(to), madeAt: file.madeAt, file: path, compared, problems };
  print(json ? `${JSON.stringify(told, null, 1)}\n` : `${comparisonText(told)}\n`);
  return statusOf(compared);
};

const statusOf = (compared: readonly Compared[]): number => {
  if (compared.some(({ verdict }) => verdict !== 'as usual' && verdict !== 'unknown')) return 1;
  return compared.some(({ verdict }) => verdict === 'as usual') && !compared.some(({ missing }) => missing) ? 0 : 2;
};

const ofCluster =
  (cluster: string | undefined) =>
  (one: { readonly cluster: string }): boolean =>
    cluster === undefined || one.cluster === cluster;

const list = async ({ file: path, cluster, json }: Common, signal: AbortSignal, print: Tell): Promise<number> => {
  const file = neededBaseline(path);
  const metrics = new Map(baselineMetrics({ cluster }).map((metric) => [metric.id, metric]));
  const breathe = breathing(signal);
  const listed = [];
  for (const one of file.series.filter(ofCluster(cluster))) {
    await breathe();
    const metric = metrics.get(one.metric);
    const history = historyOf(one);
    if (metric !== undefined && history.hours.length > 0) listed.push(listedOf(history, metric));
  }
  const { madeAt, source } = file;
  print(
    json
      ? `${JSON.stringify({ file: path, madeAt, source, rows: listed }, null, 1)}\n`
      : `${listText(path, madeAt, listed)}\n`,
  );
  return 0;
};

function moment(text: string): number {
  try {
    return parseEnd(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof SubmilliError ? error.what : String(error));
  }
}

function count(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`A whole number from ${least} to ${most}, please.`);
  };
}
