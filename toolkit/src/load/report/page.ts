import { document } from '../../page/document';
import { escape } from '../../page/escape';
import { plot, plotStyles } from '../../page/plot';
import { baseStyles } from '../../page/styles';
import { percentText, quantileName, short } from '../../report/words';
import { partWords } from '../measure/where-time-went';
import { timeText, viaWords } from '../words';
import { curvePicture, curveStyles } from './curve';
import type { LoadReport, PathReport, ReportedDistribution } from './schema';
import { failureText, honestyText, machineText, softwareText, taskText } from './sentences';

const inks = { direct: 'violet', pool: 'calm' } as const;

/** A report as a page of its own. */
export const reportPage = (report: LoadReport): string => {
  const { profile, startedAt, paths, verdict } = report;
  const title = `Load: ${profile.name}, ${report.clients} clients`;
  return document({
    title,
    styles: `${baseStyles}${plotStyles}${curveStyles}${styles}`,
    body: `<header>
<h1>${escape(title)}</h1>
<p class="sub">${startedAt.slice(0, 16).replace('T', ' ')} UTC · ${escape(taskText(report))}</p>
<p>${escape(`${profile.does.charAt(0).toUpperCase()}${profile.does.slice(1)}.`)}</p>
</header>
<section class="verdict${verdict.kept ? '' : ' missed'}">
<strong>${verdict.kept ? 'Kept' : 'Missed'}</strong>
${verdict.kept ? '<span>All that was promised.</span>' : list(verdict.findings)}
</section>
${figures(report)}
${list(
  verdict.notJudged.map((what) => `Not judged: ${what}.`),
  'sub',
)}
<h2>How many took how long</h2>
<p class="sub">A curve is as high as the slowest of so many transactions; rings are what was promised.</p>
<div class="picture">${curvePicture(
      paths.map(({ via, curve, latency }) => ({
        name: viaWords[via],
        ink: inks[via],
        points: curve,
        max: latency.max,
      })),
      report.promises.latency,
    )}</div>
<h2>Latency over time</h2>
<p class="sub">Of the transactions that were ${report.rate === null ? 'sent' : 'due'} in each stretch of ${paths[0]?.timeline.stretchSeconds ?? 1} s, in seconds since the warm-up.</p>
${paths.map((path) => overTime(path, report)).join('\n')}
<h2>Transactions per second</h2>
${throughput(report)}
${paths.map(timeSection).join('\n')}
${paths.map(scriptSection).join('\n')}
${paths.map(complaintSection).join('\n')}
<h2>Conditions</h2>
${list([machineText(report), softwareText(report), ...honestyText(report, paths)])}`,
  });
};

const list = (lines: readonly string[], kind = ''): string =>
  lines.length === 0 ? '' : `<ul class="${kind}">${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;

const figures = ({ paths, promises, rate }: LoadReport): string => {
  const row = (name: string, promisedText: string, of: (path: PathReport) => Cell): string =>
    `<tr><th scope="row">${name}</th><td>${promisedText}</td>${paths.map((path) => cell(of(path))).join('')}</tr>`;
  const quantiles = paths[0]?.latency.quantiles.map(({ quantile }) => quantile) ?? [];
  const rows = [
    ...quantiles.map((quantile) => {
      const promise = promises.latency.find((one) => one.quantile === quantile)?.seconds;
      return row(quantileName(quantile), promise === undefined ? '' : timeText(promise), ({ latency }) => {
        const seconds = secondsAt(latency, quantile);
        return { text: timeText(seconds), bad: promise !== undefined && seconds !== null && seconds > promise };
      });
    }),
    row('max', '', ({ latency }) => ({ text: timeText(latency.max) })),
    row('mean', '', ({ latency }) => ({ text: timeText(latency.mean) })),
    ...(rate === null ? [] : [row('mean of it unsent', '', ({ lag }) => ({ text: timeText(lag?.mean ?? null) }))]),
    row('transactions', '', ({ latency }) => ({ text: short(latency.count) })),
    row('a second', rate === null ? '' : short(rate), (path) => ({ text: short(path.throughput) })),
    row('failed', `≤ ${percentText(promises.errorRatio)}`, (path) => ({
      text: path.errorRatio === 0 ? 'none' : `${percentText(path.errorRatio)} (${failureText(path)})`,
      bad: path.errorRatio > promises.errorRatio,
    })),
    row('tried again', '', ({ retries }) => ({ text: short(retries) })),
    row('to connect all', '', ({ connectSeconds }) => ({ text: timeText(connectSeconds) })),
  ];
  return `<table><thead><tr><th scope="col">latency</th><th scope="col">promised</th>${paths
    .map(({ via }) => `<th scope="col">${viaWords[via]}</th>`)
    .join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
};

type Cell = { readonly text: string; readonly bad?: boolean };

const cell = ({ text, bad = false }: Cell): string => `<td${bad ? ' class="bad"' : ''}>${escape(text)}</td>`;

const secondsAt = ({ quantiles }: ReportedDistribution, quantile: number): number | null =>
  quantiles.find((one) => one.quantile === quantile)?.seconds ?? null;

const secondTicks = (seconds: number): { at: number; text: string }[] => {
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600].find((each) => seconds / each <= 12) ?? 1200;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => ({
    ...{ at: i * step, text: i === 0 ? '0 s' : String(i * step) },
  }));
};

const overTime = ({ via, timeline }: PathReport, { seconds, promises }: LoadReport): string => {
  const { stretchSeconds, stretches } = timeline;
  const line = (of: (one: (typeof stretches)[number]) => number | null) =>
    stretches.flatMap((one): [number, number][] => {
      const value = of(one);
      return value === null || value <= 0 ? [] : [[one.at + stretchSeconds / 2, value]];
    });
  const lines = [
    { name: 'P50', ink: 'calm', points: line(({ p50 }) => p50) },
    { name: 'P99', ink: 'amber', points: line(({ p99 }) => p99) },
    { name: 'max', ink: 'soft', points: line(({ max }) => max) },
  ] as const;
  if (lines.every(({ points }) => points.length === 0)) return '';
  const p99 = promises.latency.find(({ quantile }) => quantile === 0.99)?.seconds;
  const picture = plot({
    label: `Latency over time, ${viaWords[via]}`,
    ...{ from: 0, to: seconds, step: stretchSeconds, scale: 'log', format: timeText, ticks: secondTicks(seconds) },
    lines: lines.filter(({ points }) => points.length > 0),
    levels: p99 === undefined ? [] : [{ value: p99, ink: 'bad', name: 'P99 promised' }],
    events: stretches.flatMap(({ at, failed }) =>
      failed === 0 ? [] : [{ from: at, to: at + stretchSeconds, ink: 'bad' as const, title: `${failed} failed` }],
    ),
  });
  return `<h3>${viaWords[via].charAt(0).toUpperCase()}${viaWords[via].slice(1)}</h3>\n<div class="picture">${picture}</div>`;
};

const throughput = ({ paths, seconds, rate }: LoadReport): string =>
  `<div class="picture">${plot({
    label: 'Transactions per second over time',
    ...{ from: 0, to: seconds, step: paths[0]?.timeline.stretchSeconds ?? 1, scale: 'linear' },
    ...{ format: short, ticks: secondTicks(seconds) },
    lines: paths.map(({ via, timeline: { stretches, stretchSeconds } }) => ({
      ...{ name: viaWords[via], ink: inks[via] },
      points: stretches.map(({ at, count }): [number, number] => [at + stretchSeconds / 2, count / stretchSeconds]),
    })),
    levels: rate === null ? [] : [{ value: rate, ink: 'soft', name: 'asked for' }],
  })}</div>`;

const timeSection = ({ via, latency, time }: PathReport): string => {
  const mean = latency.mean ?? 0;
  if (time.shares.length + time.absent.length === 0) return '';
  const rows = time.shares.map(
    ({ part, seconds }) =>
      `<tr><td>${timeText(seconds)}</td><td><i class="bar" style="width:${(100 * Math.min(1, seconds / (mean || 1))).toFixed(1)}%"></i></td><td>${escape(partWords[part])}</td></tr>`,
  );
  return `<h2>Where the mean transaction spent its time, ${viaWords[via]}</h2>
${rows.length === 0 ? '' : `<table class="shares"><tbody>${rows.join('')}</tbody></table>`}
${list(time.absent, 'sub')}`;
};

const scriptSection = ({ via, scripts }: PathReport): string => {
  if (scripts.length < 2) return '';
  const rows = scripts.map(
    ({ name, failed, latency }) =>
      `<tr><th scope="row">${escape(name)}</th><td>${short(latency.count)}</td><td>${timeText(latency.mean)}</td>${[
        0.5, 0.99,
      ]
        .map((quantile) => `<td>${timeText(secondsAt(latency, quantile))}</td>`)
        .join('')}<td>${timeText(latency.max)}</td><td>${failed}</td></tr>`,
  );
  const head = ['transaction', 'done', 'mean', 'P50', 'P99', 'max', 'failed'];
  return `<details><summary>Each kind of transaction, ${viaWords[via]}</summary><table><thead><tr>${head
    .map((name) => `<th scope="col">${name}</th>`)
    .join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></details>`;
};

const complaintSection = ({ via, complaints }: PathReport): string =>
  complaints.length === 0
    ? ''
    : `<details><summary>What clients were told, ${viaWords[via]}</summary>${list(complaints.map(({ why, count }) => `${count} × ${why}`))}</details>`;

const styles = `
.verdict.missed { border-color: var(--bad) } .verdict.missed strong { color: var(--bad) }
h3 { font-size: 15px; font-weight: 500; margin: 14px 0 0 } ul.sub { color: var(--soft); padding-left: 18px; font-size: 13px }
.shares td:first-child { white-space: nowrap; width: 90px } .shares td:nth-child(2) { width: 40% }
.bar { display: block; height: 12px; margin-top: 5px; background: var(--calm); border-radius: 2px; min-width: 1px }
`;
