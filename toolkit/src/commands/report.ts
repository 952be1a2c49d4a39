import { existsSync } from 'node:fs';
import { SubmilliError } from '@submilli/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { exportersOf, type ExporterFlags, withExporters } from '../exporter-api/client';
import { bounds } from '../prometheus/client';
import { prometheusOf, type PrometheusFlags, withPrometheus } from '../prometheus/options';
import { reportPage } from '../report/html/page';
import { reportMarkdown } from '../report/markdown';
import type { Report } from '../report/model';
import { parseEnd, type PeriodName, periodNames, periodOf } from '../report/period';
import { isEmpty, makeReport } from '../report/report';
import { writeFile } from '../stack/files';
import { interruptible } from './interruptible';
import { defaultConfigPath } from './serve';

const formats = ['html', 'markdown', 'json'] as const;
type Format = (typeof formats)[number];

type Flags = PrometheusFlags &
  ExporterFlags & {
    readonly period: PeriodName;
    readonly end?: number;
    readonly cluster?: string;
    readonly diskSize?: number;
    readonly prometheusOnly: boolean;
    readonly out?: string;
    readonly format?: Format;
    readonly json: boolean;
  };

export const reportCommand = (): Command =>
  withExporters(withPrometheus(new Command('report')))
    .description('What happened in a day, a week or a month: scores, latency, incidents, failovers, capacity, advice.')
    .addOption(new Option('-p, --period <name>', 'how long').choices(periodNames).default('weekly'))
    .option('--end <moment>', 'when it ends: 2026-01-31 or 2026-01-31T12:00Z; now if not said', moment)
    .option('--cluster <name>', 'of this cluster only')
    .option('--disk-size <size>', 'what databases and WAL may take, as 500GB, where no node_exporter tells', size)
    .option('--prometheus-only', 'don’t ask the exporters', false)
    .option('-o, --out <file>', 'write it there; else it goes to standard output')
    .addOption(new Option('-f, --format <format>', 'as the name of the file says, else html').choices(formats))
    .option('--json', 'the same as --format json', false)
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      process.exitCode = await interruptible('Asking Prometheus', 2, (signal, say, print) =>
        run(flags, signal, say, print),
      );
    });

const help = `
A day, a week or thirty days, up to the last full hour, each compared with the same time before it. The page is one file
of at most a few hundred kilobytes without scripts or anything to fetch: mail it, archive it, print it.

  submilli report --out report.html                       the last week, from the Prometheus of this machine
  submilli report --period daily --end 2026-01-31 --format markdown
  submilli report --period monthly --prometheus https://prometheus.example/prom --prometheus-token-file secrets/token \\
    --json | jq '.headlines[] | select(.tone == "bad").text'

Every question is bounded: no series of an answer has more than ${bounds.points} points, no answer takes longer than ${bounds.seconds} s or is
larger than ${bounds.bytes / 1024 ** 2} MiB. The exporters are asked for what Prometheus does not hold: texts of statements, titles of advice
and what it saved, causes of failovers.

Exit status: 0 written; 1 written, but Prometheus knows nothing of this time; 2 not written: Prometheus does not answer,
refuses us, or is not Prometheus; 130 interrupted, and nothing written.
`;

type Tell = (text: string) => void;

const run = async (flags: Flags, signal: AbortSignal, say: Tell, print: Tell): Promise<number> => {
  const now = (): number => Date.now() / 1000;
  const period = periodOf(flags.period, Math.min(flags.end ?? now(), now()));
  const format = flags.json ? 'json' : (flags.format ?? formatOf(flags.out));
  const report = await makeReport({
    ...{ prometheus: prometheusOf(flags, signal), period, cluster: flags.cluster, diskBytes: flags.diskSize, say, now },
    exporters: flags.prometheusOnly || isWithoutConfig(flags) ? null : exportersOf(flags, signal),
  });
  const text = rendered(report, format, period.step);
  if (flags.out === undefined) print(text);
  else writeFile(flags.out, text, undefined, 0o644);
  return isEmpty(report) ? 1 : 0;
};

/** Where Prometheus is asked from need not be where the exporters run. */
const isWithoutConfig = ({ config, exporter }: Flags): boolean =>
  exporter.length === 0 && config === defaultConfigPath() && !existsSync(config);

const rendered = (report: Report, format: Format, step: number): string =>
  format === 'html'
    ? reportPage(report, step)
    : format === 'json'
      ? `${JSON.stringify(report, null, 1)}\n`
      : reportMarkdown(report);

const formatOf = (path: string | undefined): Format =>
  path?.endsWith('.json') === true ? 'json' : path?.endsWith('.md') === true ? 'markdown' : 'html';

function moment(text: string): number {
  try {
    return parseEnd(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof SubmilliError ? error.what : String(error));
  }
}

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

function size(text: string): number {
  const [, number, unit = ''] = /^([\d.]+)\s*([kmgt]?i?)b?$/i.exec(text) ?? [];
  const factor = SIZES[unit.toLowerCase()];
  const bytes = Number(number) * (factor ?? NaN);
  if (!(bytes > 0)) throw new InvalidArgumentError('As in 500GB or 2TiB, please.');
  return bytes;
}
