import { standalone } from '../page/standalone';
import { markdownRows, plain } from '../page/markdown-table';
import { percentText } from '../report/words';
import { curveStyles } from '../load/report/curve';
import { figureHead, figureRows } from '../load/report/figures';
import { curves, latencyOverTime } from '../load/report/pictures';
import type { LoadReport, PathReport } from '../load/report/schema';
import { honestyText, machineText, softwareText, taskText } from '../load/report/sentences';
import { partWords } from '../load/measure/where-time-went';
import { timeText, viaWords } from '../load/words';

/** Files of the documentation, by their names under it. */
export type DocFiles = Readonly<Record<string, string>>;

/** A kept report as a page of the documentation, with its pictures. */
export const loadPage = (report: LoadReport): DocFiles => ({
  'load-report.md': text(report),
  [imageOf('latency')]: standalone(curves(report), curveStyles),
  ...Object.fromEntries(
    report.paths.map((path) => [imageOf(path.via), standalone(latencyOverTime(path, report), curveStyles)]),
  ),
});

const imageOf = (name: string): string => `images/load-${name}.svg`;

const text = (report: LoadReport): string => {
  const { paths, verdict } = report;
  return [
    '# A load report',
    '',
    'Made by [`submilli load`](load.md) on the stack of `npm start` with its defaults; `load-report.json` has the figures',
    `as \`--json\` printed them, and \`npm run docs\` makes this page of them. ${report.startedAt.slice(0, 16).replace('T', ' ')} UTC.`,
    '',
    '```sh',
    `npx submilli load --clients ${report.clients} --duration ${report.seconds} --profile ${report.profile.name} --json`,
    '```',
    '',
    ...[taskText(report), machineText(report), softwareText(report)].map((line) => `- ${plain(line)}`),
    '',
    'The clients, the pool, the primary and its synchronous standby, Patroni, etcd, Prometheus, the exporters and the',
    'workload that the stack always has share these processors. So this says what all of that does on such a machine at',
    'its limit, not what PostgreSQL does on one of its own: [what is promised](load.md#what-is-promised) is for less than its limit.',
    '',
    ...(verdict.kept
      ? ['**Kept**: all that was promised.']
      : ['**Missed:**', '', ...verdict.findings.map((line) => `- ${plain(line)}`)]),
    ...verdict.notJudged.flatMap((line) => ['', `Not judged: ${plain(line)}.`]),
    '',
    ...markdownRows([
      figureHead(report),
      ...figureRows(report).map(({ name, promised, of }) => [
        ...[name, promised],
        ...of.map((figure) => (figure.missed ? `**${figure.text}**` : figure.text)),
      ]),
    ]),
    '',
    ...honestyText(report, paths).flatMap((line) => [plain(line), '']),
    '## How many took how long',
    '',
    'A curve is as high as the slowest of so many transactions; rings are what was promised.',
    '',
    `![Latency by the share of transactions that took no longer](${imageOf('latency')})`,
    '',
    '## Latency over time',
    '',
    ...paths.flatMap(({ via }) => [
      `${viaWords[via].charAt(0).toUpperCase()}${viaWords[via].slice(1)}:`,
      '',
      `![Latency over time, ${viaWords[via]}](${imageOf(via)})`,
      '',
    ]),
    '## Where the mean transaction spent its time',
    '',
    ...paths.flatMap(timeLines),
  ].join('\n');
};

const timeLines = ({ via, latency, time }: PathReport): string[] => {
  const mean = latency.mean ?? 0;
  const rows = time.shares.map(({ part, seconds }) => [
    ...[timeText(seconds), mean === 0 ? '' : percentText(seconds / mean), partWords[part]],
  ]);
  return [
    ...(rows.length === 0 ? [] : [...markdownRows([[viaWords[via], 'of the mean', 'part'], ...rows]), '']),
    ...time.absent.flatMap((why) => [`${plain(`${viaWords[via]}: ${why}`)}.`, '']),
  ];
};
