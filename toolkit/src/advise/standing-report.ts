import type { Recommendation } from '@submilli/core';
import { plural, short } from '../report/words';
import type { Standing } from './standing';

const MOST_UNKNOWN = 8;

/** The advice of all exporters for people to read: what, why, what to do, and what that will change. */
export const standingReport = (standing: Standing, showSetAside: boolean): string => {
  const { open, setAside, evaluated, notEvaluated, answered, problems } = standing;
  const shown = showSetAside ? [...open, ...setAside] : open;
  return [
    ...shown.map(textOf),
    summary(standing),
    ...(setAside.length > 0 && !showSetAside ? [`${setAside.length} more set aside: see --all.`] : []),
    ...(answered.length > 0 && evaluated === 0 ? ['No rule could be evaluated yet.'] : []),
    ...unknownOf(notEvaluated),
    ...problems.map((problem) => `Not asked: ${problem}`),
    '',
  ].join('\n');
};

const summary = ({ open, evaluated, answered }: Standing): string => {
  const by = `${plural(evaluated, 'rule')} looked at by ${plural(answered.length, 'exporter')}`;
  if (answered.length === 0) return 'No exporter answers.';
  return open.length === 0 ? `Nothing is advised (${by}).` : `${short(open.length)} advised (${by}).`;
};

const textOf = (one: Recommendation): string => {
  const { action, impact, evidence } = one;
  const notes = [
    action.lock === null ? [] : [`takes ${action.lock}`],
    action.needsRestart ? ['needs a restart'] : [],
    action.reversible ? [] : ['cannot be undone'],
  ].flat();
  const change = impact.before === null || impact.after === null ? '' : `: ${impact.before} → ${impact.after}`;
  const state = one.state === 'open' ? '' : `, ${one.state}${one.note === null ? '' : ` by ${one.note.by}`}`;
  return [
    `${one.severity.toUpperCase()}  ${oneLine(one.title)}`,
    `  ${one.target} · ${one.rule} · since ${one.firstSeen.slice(0, 16)}Z${state}`,
    `  why:     ${oneLine(one.why)}`,
    ...evidence.map(
      ({ label, value, unit }) => `           ${label}: ${valueText(value)}${unit === '' ? '' : ` ${unit}`}`,
    ),
    ...action.text.split('\n').map((line, i) => `  ${i === 0 ? 'do:     ' : '        '} ${clean(line)}`),
    ...(notes.length === 0 ? [] : [`           ${notes.join('; ')}`]),
    `  changes: ${oneLine(impact.what)}${change} (confidence ${impact.confidence}; ${oneLine(impact.measured)})`,
    `  more:    ${one.docs}`,
    '',
  ].join('\n');
};

/** Rules that lack the same thing are told together. */
const unknownOf = (all: Standing['notEvaluated']): readonly string[] => {
  const reasons = new Map<string, string[]>();
  for (const { rule, target, reason } of all)
    reasons.set(reason, [...(reasons.get(reason) ?? []), `${rule} (${target})`]);
  const lines = [...reasons].map(([reason, rules]) => `  ${oneLine(reason)}: ${rules.join(', ')}`);
  if (lines.length === 0) return [];
  const more =
    lines.length > MOST_UNKNOWN ? [`  and ${plural(lines.length - MOST_UNKNOWN, 'reason')} more: see --json`] : [];
  return [`Not looked at, so not known:`, ...lines.slice(0, MOST_UNKNOWN), ...more];
};

const valueText = (value: string | number): string => (typeof value === 'number' ? short(value) : oneLine(value));
/** What a terminal would take for a command of its own does not come through. */
const clean = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ');
const oneLine = (text: string): string => clean(text.replaceAll(/\s+/g, ' ')).trim();
