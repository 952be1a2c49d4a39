import { document } from '../page/document';
import { escape } from '../page/escape';
import { plot, plotStyles } from '../page/plot';
import { baseStyles } from '../page/styles';
import { machineText, softwareText } from '../load/report/sentences';
import { timeText, viaWords } from '../load/words';
import { percentText, short } from '../report/words';
import { aligned } from '../stack/table';
import type { StressReport, StressStep } from './schema';

const at = ({ path }: StressStep, quantile: number): number | null =>
  path.latency.quantiles.find((one) => one.quantile === quantile)?.seconds ?? null;

const HEAD = ['clients', 'a second', 'P50', 'P99', 'max', 'failed', ''];

const rowOf = (step: StressStep, { knee, breaking }: StressReport): string[] => [
  ...[String(step.clients), short(step.path.throughput), timeText(at(step, 0.5)), timeText(at(step, 0.99))],
  ...[timeText(step.path.latency.max), percentText(step.path.errorRatio)],
  [step.clients === knee?.clients ? 'the knee' : '', step.clients === breaking?.clients ? 'breaks' : '']
    .filter((word) => word !== '')
    .join(', '),
];

/** The answers, each in a sentence. */
export const answersOf = ({ steps, knee, breaking, recovery, ended }: StressReport): string[] => [
  knee === null
    ? `The knee was not reached with ${steps.at(-1)?.clients ?? 0} clients.`
    : `The knee is at ${knee.clients} clients, ${short(knee.throughput)} transactions a second: past it they mostly wait for each other.`,
  breaking === null
    ? 'Nothing broke.'
    : `It breaks with ${breaking.clients} clients: ${breaking.why.join('; ')}${breaking.clients === steps[0]?.clients ? ' (as at the first step already, that says nothing of load)' : ''}.`,
  recovery.seconds === null
    ? `Back at ${recovery.clients} it was not as before within ${recovery.withinSeconds} s.`
    : `Back at ${recovery.clients} it was as before after ${timeText(recovery.seconds)}.`,
  `There was no further step: ${ended}.`,
];

export const stressTerminal = (report: StressReport): string =>
  [
    `${report.profile.name}, ${viaWords[report.via]}, ${report.stepSeconds} s each step`,
    machineText(report),
    softwareText(report),
    '',
    aligned([HEAD.map((word) => word.toUpperCase()), ...report.steps.map((step) => rowOf(step, report))]),
    '',
    ...answersOf(report),
    '',
    ...(report.verdict.kept
      ? ['KEPT: it recovered, and held what it was to hold.']
      : ['MISSED', ...report.verdict.findings.map((line) => `  ${line}`)]),
  ].join('\n');

export const stressPage = (report: StressReport): string => {
  const title = `Stress: ${report.profile.name}, ${viaWords[report.via]}`;
  return document({
    title,
    styles: `${baseStyles}${plotStyles}.verdict.missed { border-color: var(--bad) } .verdict.missed strong { color: var(--bad) }`,
    body: `<header><h1>${escape(title)}</h1>
<p class="sub">${report.startedAt.slice(0, 16).replace('T', ' ')} UTC · ${report.stepSeconds} s each step after a warm-up of ${report.warmupSeconds} s</p></header>
<section class="verdict${report.verdict.kept ? '' : ' missed'}"><strong>${report.verdict.kept ? 'Kept' : 'Missed'}</strong>
${report.verdict.kept ? '<span>It recovered, and held what it was to hold.</span>' : list(report.verdict.findings)}</section>
${list(answersOf(report))}
<h2>Transactions per second, by clients</h2>
<div class="picture">${overClients(report, 'Transactions per second', 'linear')}</div>
<h2>Latency, by clients</h2>
<div class="picture">${overClients(report, 'Latency', 'log')}</div>
<h2>Steps</h2>
<table><thead><tr>${HEAD.map((word) => `<th scope="col">${word}</th>`).join('')}</tr></thead><tbody>${report.steps
      .map(
        (step) =>
          `<tr>${rowOf(step, report)
            .map((word) => `<td>${escape(word)}</td>`)
            .join('')}</tr>`,
      )
      .join('')}</tbody></table>
<h2>Conditions</h2>
${list([machineText(report), softwareText(report)])}`,
  });
};

const list = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;

/** Steps double, so they stand side by side. */
const overClients = (report: StressReport, label: string, scale: 'linear' | 'log'): string => {
  const { steps, knee, breaking, promises } = report;
  const points = (of: (step: StressStep) => number | null) =>
    steps.flatMap((step): [number, number][] => {
      const value = of(step);
      return value === null || (scale === 'log' && value <= 0) ? [] : [[Math.log2(step.clients), value]];
    });
  const p99 = promises.latency.find(({ quantile }) => quantile === 0.99)?.seconds;
  const lines =
    scale === 'linear'
      ? [{ name: 'done', ink: 'violet' as const, points: points(({ path }) => path.throughput) }]
      : [
          { name: 'P50', ink: 'calm' as const, points: points((step) => at(step, 0.5)) },
          { name: 'P99', ink: 'amber' as const, points: points((step) => at(step, 0.99)) },
        ];
  const mark = (clients: number | undefined, ink: 'soft' | 'bad', title: string) =>
    clients === undefined ? [] : [{ from: Math.log2(clients), ink, title }];
  const known = lines.filter((line) => line.points.length > 0);
  if (known.length === 0) return '';
  return plot({
    ...{ label: `${label}, by clients`, scale, step: 1, lines: known },
    from: Math.log2(steps[0]?.clients ?? 1) - 0.25,
    to: Math.log2(steps.at(-1)?.clients ?? 1) + 0.25,
    format: scale === 'linear' ? short : timeText,
    ticks: steps.map(({ clients }) => ({ at: Math.log2(clients), text: String(clients) })),
    levels: scale === 'log' && p99 !== undefined ? [{ value: p99, ink: 'bad', name: 'P99 promised' }] : [],
    events: [...mark(knee?.clients, 'soft', 'the knee'), ...mark(breaking?.clients, 'bad', 'it breaks')],
  });
};
