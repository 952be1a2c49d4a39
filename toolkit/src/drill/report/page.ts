import type { DrillReport, DrillRun } from '@submilli/core';
import { document } from '../../page/document';
import { escape } from '../../page/escape';
import { kinds } from '../kinds';
import { picture } from './picture';
import { styles } from './styles';
import { conditions, secondsText, spreadText } from './words';

/** A report as a page of its own. */
export const reportPage = (report: DrillReport): string => {
  const { kind, cluster, runs, verdict, startedAt } = report;
  const title = `Drill: ${kinds[kind].title}`;
  return document({
    title: `${title} · ${cluster}`,
    styles,
    body: `<header>
<h1>${escape(title)}</h1>
<p class="sub">${escape(cluster)} · ${startedAt.slice(0, 16).replace('T', ' ')} UTC · ${runs.length} run${runs.length === 1 ? '' : 's'}</p>
<p>${escape(sentence(kinds[kind].does))}</p>
</header>
<section class="verdict ${verdict.passed ? 'passed' : 'failed-drill'}">
<strong>${verdict.passed ? 'Passed' : 'Failed'}</strong>
${verdict.passed ? passed(report) : `<ul>${verdict.findings.map((finding) => `<li>${escape(finding)}</li>`).join('')}</ul>`}
</section>
${table(report)}
<p class="conditions">${escape(conditions(report))}</p>
${legend}
${runs.map((run, i) => runSection(run, i, report)).join('\n')}`,
  });
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const passed = ({ summary }: DrillReport): string =>
  `<span>${summary.acknowledged} writes acknowledged: none lost, none there twice, one writer at any time.</span>`;

const table = ({ kind, summary, client }: DrillReport): string => {
  const target = kinds[kind].target;
  const rows = summary.paths.map(
    ({ path, recovery, stall, errors, lost }) =>
      `<tr><th scope="row">${path}</th><td>${spreadText(recovery)}</td><td>${spreadText(stall)}</td>` +
      `<td>${errors.min === errors.max ? errors.max : `${errors.median} (${errors.min}–${errors.max})`}</td>` +
      `<td class="${lost > 0 ? 'bad' : ''}">${lost}</td></tr>`,
  );
  return `<table>
<caption>A write every ${Math.round(client.everySeconds * 1000)} ms on each path. Median, least and most, in seconds${
    target === null ? '' : `; the target through the pool is a median of ${target} s`
  }${summary.rejoin === null ? '' : `. The cluster was whole again after ${spreadText(summary.rejoin)} s`}.</caption>
<thead><tr><th scope="col">path</th><th scope="col">recovery</th><th scope="col">longest stall</th><th scope="col">errors</th><th scope="col">lost</th></tr></thead>
<tbody>${rows.join('')}</tbody>
</table>`;
};

const legend = `<ul class="legend">
<li><i class="writes"></i>writes acknowledged</li><li><i class="failed"></i>failed</li><li><i class="lost"></i>acknowledged and lost</li>
<li><i class="primary"></i>primary</li><li><i class="standby"></i>standby</li><li><i class="silent"></i>no answer</li><li><i class="down"></i>refuses</li>
<li><i class="fault"></i>fault</li><li><i class="split"></i>split brain</li></ul>`;

const runSection = (run: DrillRun, index: number, { client }: DrillReport): string => {
  const errors = run.paths.flatMap(({ path, errors: classes }) =>
    classes.map(
      ({ class: name, count, first, last, example }) =>
        `<tr><td>${path}</td><td>${count}</td><td>${escape(name)}</td><td>${since(run, first)} to ${since(run, last)}</td><td>${escape(example)}</td></tr>`,
    ),
  );
  const events = run.timeline.events.map(
    ({ at, who, what }) => `<tr><td>${since(run, at)}</td><td>${escape(who)}</td><td>${escape(what)}</td></tr>`,
  );
  return `<section>
<h2>Run ${index + 1}</h2>
<p>${escape(run.fault.what)}. Primary ${escape(run.primary.before)} → ${escape(run.primary.after)}, timeline ${run.postgresTimeline.before} → ${run.postgresTimeline.after}${
    run.rejoinSeconds === null ? '' : `; whole again after ${secondsText(run.rejoinSeconds)} s`
  }.</p>
<div class="picture">${picture(run, client.everySeconds)}</div>
<details><summary>What happened, in seconds since the fault</summary><table class="events"><tbody>${events.join('')}</tbody></table></details>
${errors.length === 0 ? '' : `<details><summary>Errors the clients saw</summary><table class="events"><thead><tr><th>path</th><th>count</th><th>class</th><th>when</th><th>the first</th></tr></thead><tbody>${errors.join('')}</tbody></table></details>`}
</section>`;
};

const since = (run: DrillRun, at: number): string => (at - run.fault.from).toFixed(2);
