import { indexAdviceAnswer, type IndexAdviceAnswer, type Recommendation, recommendationsAnswer } from '@submilli/core';
import type { Exporters } from '../../exporter-api/client';
import type { Sample } from '../../prometheus/answer';
import { type Asking, iso, select } from '../asking';
import type { AdviceOfReport, AdviceSection } from '../model';

const SHOWN = 20;
const DAY_MS = 86_400_000;
/** Gone, for whatever reason. */
const CLOSED: readonly Recommendation['state'][] = [
  'applied',
  'verified',
  'no-effect',
  'regressed',
  'resolved',
  'dismissed',
];
const severities = ['critical', 'warning', 'info'];

/** What was advised, what came of it, and what it saved. Titles and savings are the exporters' to tell. */
export const adviceOf = async (asking: Asking, exporters: Exporters | null): Promise<AdviceSection | null> => {
  const { prometheus, period } = asking;
  const standing = `sum by (rule, severity) (last_over_time(${select(asking, 'db_advice_recommendations')}[1h]))`;
  const evaluated = `count(last_over_time(${select(asking, 'db_advice_rules_evaluated')}[1h]))`;
  const known = async (moment: number): Promise<boolean> => (await prometheus.at(evaluated, moment)).length > 0;
  if (!(await known(period.to))) return null;
  const now = await prometheus.at(standing, period.to);
  const wasKnown = await known(period.from);
  const before = wasKnown ? await prometheus.at(standing, period.from) : [];

  const answers = exporters === null ? [] : await exporters.all('/api/v1/recommendations', recommendationsAnswer);
  const all = answers.flatMap(({ answer }) => [...answer.recommendations, ...answer.earlier]);
  const asked = answers.length > 0;
  const indexes = exporters === null ? [] : await exporters.all('/api/v1/index-advice', indexAdviceAnswer);
  const inPeriod = (at: string): boolean => at >= iso(period.from) && at <= iso(period.to);
  return {
    before: wasKnown ? sumOf(before) : null,
    now: sumOf(now),
    byRule: byRule(before, now),
    opened: asked
      ? told(
          all.filter(({ firstSeen }) => inPeriod(firstSeen)),
          ({ firstSeen }) => firstSeen,
        )
      : null,
    closed: asked
      ? told(
          all.filter(({ state, stateSince }) => CLOSED.includes(state) && inPeriod(stateSince)),
          ({ stateSince }) => stateSince,
        )
      : null,
    saved: indexes.flatMap(({ answer }) => answer.databases.flatMap((one) => savedOf(one, period.to * 1000))),
  };
};

const sumOf = (samples: readonly Sample[]): number => samples.reduce((sum, { value }) => sum + value, 0);

const byRule = (before: readonly Sample[], now: readonly Sample[]): AdviceSection['byRule'] => {
  const rules = new Map<string, { rule: string; severity: string; before: number; now: number }>();
  const ruleOf = ({ labels: { rule = '', severity = '' } }: Sample) => {
    const key = `${rule}\n${severity}`;
    const known = rules.get(key) ?? { rule, severity, before: 0, now: 0 };
    rules.set(key, known);
    return known;
  };
  for (const one of before) ruleOf(one).before = one.value;
  for (const one of now) ruleOf(one).now = one.value;
  return [...rules.values()]
    .filter((one) => one.before > 0 || one.now > 0)
    .sort(
      (a, b) =>
        severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.now - a.now || (a.rule < b.rule ? -1 : 1),
    );
};

const told = (all: readonly Recommendation[], when: (one: Recommendation) => string): readonly AdviceOfReport[] =>
  all
    .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || (when(a) < when(b) ? 1 : -1))
    .slice(0, SHOWN)
    .map((one) => ({
      ...{
        target: one.target,
        rule: one.rule,
        severity: one.severity,
        title: one.title,
        state: one.state,
        at: when(one),
      },
      impact: impactOf(one),
    }));

const impactOf = ({ impact: { what, before, after } }: Recommendation): string | null =>
  before === null || after === null ? null : `${what}: ${before} → ${after}`;

type OfDatabase = IndexAdviceAnswer['databases'][number];

/** Measured, not promised: mean times of its statements before the index and since, by their calls since. */
const savedOf = ({ database, built }: OfDatabase, now: number): AdviceSection['saved'] =>
  built.map(({ definition, since, verdict, statements }) => {
    const compared = statements.flatMap(({ before, since: after }) =>
      before === null || after === null || before.calls === 0 || after.calls === 0 ? [] : [{ before, after }],
    );
    const days = (now - Date.parse(since)) / DAY_MS;
    const calls = compared.reduce((sum, { after }) => sum + after.calls, 0);
    const saved = compared.reduce((sum, { before, after }) => sum + (before.seconds - after.seconds) * after.calls, 0);
    const weighted = (mean: (one: (typeof compared)[number]) => number): number | null =>
      calls === 0 ? null : compared.reduce((sum, one) => sum + mean(one) * one.after.calls, 0) / calls;
    return {
      ...{ database, index: definition, since, verdict },
      secondsPerDay: calls === 0 || days <= 0 ? null : saved / days,
      meanBefore: weighted(({ before }) => before.seconds),
      meanSince: weighted(({ after }) => after.seconds),
    };
  });
