import type { AdviceState, Recommendation, RecommendationsAnswer } from '../api/recommendations';
import { escape } from './escape';

const MOST_ROWS = 20;
const SEVERITIES: readonly Recommendation['severity'][] = ['critical', 'warning', 'info'];
/** What somebody wants to hear no more of, and what became of the rest: told in a line. */
const QUIET: readonly AdviceState[] = ['snoozed', 'dismissed'];
const LOUD_AFTERWARDS: readonly AdviceState[] = ['regressed', 'no-effect'];

/** What a target's recommendations are, worst first; of those that nobody waits for only how many. */
export const adviceSection = (target: string, { recommendations, earlier }: RecommendationsAnswer): string => {
  const own = (all: readonly Recommendation[]): Recommendation[] => all.filter((one) => one.target === target);
  const now = own(recommendations).filter(({ state }) => !QUIET.includes(state));
  const turned = own(earlier).filter(({ state }) => LOUD_AFTERWARDS.includes(state));
  const rows = [...now, ...turned].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const quiet = [...own(recommendations), ...own(earlier)].filter((one) => !rows.includes(one));
  if (rows.length + quiet.length === 0) return '';
  return `<h3>Advice</h3>
${rows.length === 0 ? '' : table(rows.slice(0, MOST_ROWS))}
<p class="sub">${[...(rows.length > MOST_ROWS ? [`${rows.length - MOST_ROWS} more`] : []), ...countsOf(quiet)].join(', ')}</p>`;
};

const table = (rows: readonly Recommendation[]): string => `<div class="scroll"><table>
<thead><tr><th>Severity</th><th>Rule</th><th>Advice</th><th>Since</th><th>State</th></tr></thead>
<tbody>
${rows.map(row).join('\n')}
</tbody>
</table></div>`;

const row = ({ severity, rule, title, firstSeen, state, note }: Recommendation): string =>
  `<tr><td class="${severity}">${severity}</td><td>${escape(rule)}</td><td>${escape(title)}</td>` +
  `<td>${firstSeen.slice(0, 16).replace('T', ' ')}</td>` +
  `<td>${escape(note === null ? state : `${state} by ${note.by}${note.why === null ? '' : `: ${note.why}`}`)}</td></tr>`;

const countsOf = (quiet: readonly Recommendation[]): string[] => {
  const states = [...new Set(quiet.map(({ state }) => state))].sort();
  return states.map((state) => `${quiet.filter((one) => one.state === state).length} ${state}`);
};
