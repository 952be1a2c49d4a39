import type { RecommendationsAnswer } from '../api/recommendations';
import type { StatusAnswer, TargetStatus } from '../api/status';
import { escape } from './escape';
import { adviceSection } from './landing-advice';

/** What the page is about; `resources` are the paths below /api/v1/ that only this exporter has. */
export type Page = {
  readonly title: string;
  readonly description: string;
  readonly resources: readonly { readonly path: string }[];
};

/** Its hash is in the policy that every answer carries. */
export const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; }
h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
p.sub { margin-top: .25rem; opacity: .75; }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); vertical-align: top; }
.state { font-weight: 600; white-space: nowrap; }
.parts td:nth-child(4) { white-space: nowrap; }
.parts td:last-child { min-width: 14rem; }
.critical { color: light-dark(#b3261e, #ff8a80); font-weight: 600; } .warning { font-weight: 600; }
.ok { color: light-dark(#176e2f, #5fd47f); } .failed { color: light-dark(#b3261e, #ff8a80); } .skipped, .pending { opacity: .75; }
code { font-size: .85rem; }
/* Where there is no room: what failed and why matters more than what it reads. */
@media (max-width: 40rem) { th:nth-child(2), td:nth-child(2), th:nth-child(4), td:nth-child(4) { display: none; } .parts td:last-child { min-width: 0; overflow-wrap: anywhere; } }
`;

/** The page at `/`: what this is, how it is doing, where to go. Plain HTML, no scripts, readable in dark and light. */
export const landingPage = (
  status: StatusAnswer,
  advice: RecommendationsAnswer,
  { title, description, resources }: Page,
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(title)}</h1>
<p class="sub">${escape(description)} Submilli ${escape(status.version)}.</p>
<nav>
<a href="/metrics">Metrics</a>
<a href="/api/v1/status">Status</a>
<a href="/api/v1/targets">Targets</a>
<a href="/api/v1/recommendations">Recommendations</a>
${resources.map(({ path }) => `<a href="/api/v1/${escape(path)}">${escape(nameOf(path))}</a>`).join('\n')}
<a href="/-/healthy">Healthy</a>
<a href="/-/ready">Ready</a>
</nav>
${status.targets.length === 0 ? `<h2>No targets</h2><p>The configuration gives this exporter nothing to watch: add an entry, then reload.</p>` : ''}
${status.targets.map((target) => targetSection(target) + adviceSection(target.name, advice)).join('\n')}
</body>
</html>
`;

/** A word for the target's state, and the class that colours it. */
const stateOf = ({ up, reason }: TargetStatus): readonly [word: string, style: string] => {
  if (up) return ['up', 'ok'];
  return reason === null ? ['not scraped yet', 'pending'] : ['down', 'failed'];
};

const targetSection = (target: TargetStatus): string => `<h2>${escape(target.name)}
<span class="state ${stateOf(target)[1]}">${stateOf(target)[0]}</span></h2>
<p><code>${escape(target.address)}</code> · <a href="/probe?target=${encodeURIComponent(target.name)}">metrics of this target</a></p>
${target.up ? collectorTable(target) : downText(target)}`;

const downText = ({ reason, remedy }: TargetStatus): string =>
  reason === null
    ? '<p>Its first scrape will fill this page.</p>'
    : `<p class="failed">${escape(reason)}</p><p>${escape(remedy ?? '')}</p>`;

const collectorTable = (target: TargetStatus): string => `<div class="scroll"><table class="parts">
<thead><tr><th>Collector</th><th>Reads</th><th>State</th><th>Took</th><th>Why, and what to do</th></tr></thead>
<tbody>
${[...target.collectors]
  .sort((a, b) => attention(b) - attention(a))
  .map(collectorRow)
  .join('\n')}
</tbody>
</table></div>`;

/** "xmin-horizon" as a word to click on. */
const nameOf = (path: string): string => path.charAt(0).toUpperCase() + path.slice(1).replaceAll('-', ' ');

type Collector = TargetStatus['collectors'][number];

/** What needs somebody comes first: failures, then what a grant or a setting would bring. The rest keeps its order. */
const attention = ({ state, remedy, databases }: Collector): number => {
  if (state === 'failed') return 3;
  if (databases.some((visit) => visit.state === 'failed')) return 2;
  return state === 'skipped' && remedy !== null ? 1 : 0;
};

/** Why it does not run, or in which databases not, and what would change that. */
const whyNot = ({ detail, remedy, databases }: Collector): string => {
  const failed = databases.filter(({ state }) => state === 'failed');
  const where = failed.map((visit) => `${visit.database}: ${visit.detail ?? 'failed'}`).slice(0, MOST_DATABASES);
  const more = failed.length > where.length ? [`and ${failed.length - where.length} more databases`] : [];
  return [detail, remedy, ...(detail === null ? [...where, ...more] : [])].filter((text) => text !== null).join(' — ');
};

const MOST_DATABASES = 5;

const collectorRow = (collector: Collector): string =>
  `<tr><td>${escape(collector.name)}</td><td><code>${escape(collector.source)}</code></td>` +
  `<td class="state ${collector.state}">${collector.state}</td>` +
  `<td>${collector.durationSeconds === null ? '' : `${(collector.durationSeconds * 1000).toFixed(1)} ms`}</td>` +
  `<td>${escape(whyNot(collector))}</td></tr>`;
