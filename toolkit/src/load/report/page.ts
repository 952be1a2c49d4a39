import { document } from '../../page/document';
import { escape } from '../../page/escape';
import { plotStyles } from '../../page/plot';
import { baseStyles } from '../../page/styles';
import { short } from '../../report/words';
import { partWords } from '../measure/where-time-went';
import { timeText, viaWords } from '../words';
import { curveStyles } from './curve';
import { type Figure, figureHead, figureRows } from './figures';
import { curves, latencyOverTime, throughputOverTime } from './pictures';
import type { LoadReport, PathReport, ReportedDistribution } from './schema';
import { honestyText, machineText, softwareText, taskText } from './sentences';

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
<div class="picture">${curves(report)}</div>
<h2>Latency over time</h2>
<p class="sub">Of the transactions that were ${report.rate === null ? 'sent' : 'due'} in each stretch of ${paths[0]?.timeline.stretchSeconds ?? 1} s, in seconds since the warm-up.</p>
${paths.map((path) => overTime(path, report)).join('\n')}
<h2>Transactions per second</h2>
<div class="picture">${throughputOverTime(report)}</div>
${paths.map(timeSection).join('\n')}
${paths.map(scriptSection).join('\n')}
${paths.map(complaintSection).join('\n')}
<h2>Conditions</h2>
${list([machineText(report), softwareText(report), ...honestyText(report, paths)])}`,
  });
};

const list = (lines: readonly string[], kind = ''): string =>
  lines.length === 0 ? '' : `<ul class="${kind}">${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;

const figures = (report: LoadReport): string => {
  const rows = figureRows(report).map(
    ({ name, promised, of }) => `<tr><th scope="row">${name}</th><td>${promised}</td>${of.map(cell).join('')}</tr>`,
  );
  return `<table><thead><tr>${figureHead(report)
    .map((name) => `<th scope="col">${name}</th>`)
    .join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
};

const cell = ({ text, missed }: Figure): string => `<td${missed ? ' class="bad"' : ''}>${escape(text)}</td>`;

const secondsAt = ({ quantiles }: ReportedDistribution, quantile: number): number | null =>
  quantiles.find((one) => one.quantile === quantile)?.seconds ?? null;

const overTime = (path: PathReport, report: LoadReport): string => {
  const picture = latencyOverTime(path, report);
  const name = viaWords[path.via];
  return picture === ''
    ? ''
    : `<h3>${name.charAt(0).toUpperCase()}${name.slice(1)}</h3>\n<div class="picture">${picture}</div>`;
};

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
