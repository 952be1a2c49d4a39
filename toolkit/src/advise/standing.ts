import { type Recommendation, recommendationsAnswer } from '@submilli/core';
import type { Exporters } from '../exporter-api/client';

export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

type NotEvaluated = { readonly rule: string; readonly target: string; readonly reason: string };

/** What all exporters advise now. */
export type Standing = {
  /** Gravest first; without what somebody set aside. */
  readonly open: readonly Recommendation[];
  /** Acknowledged, snoozed or dismissed: somebody has seen it. */
  readonly setAside: readonly Recommendation[];
  readonly evaluated: number;
  /** No input, no verdict: never "all fine". */
  readonly notEvaluated: readonly NotEvaluated[];
  readonly answered: readonly string[];
  /** Exporters that did not answer, and why. */
  readonly problems: readonly string[];
};

export type Wanted = {
  readonly least: Severity;
  readonly target: string | undefined;
  readonly rule: string | undefined;
};

const SET_ASIDE: readonly Recommendation['state'][] = ['acknowledged', 'snoozed', 'dismissed'];
const rank = (severity: Severity): number => severities.indexOf(severity);

export const standingOf = async (exporters: Exporters, { least, target, rule }: Wanted): Promise<Standing> => {
  const answers = await exporters.all('/api/v1/recommendations', recommendationsAnswer);
  const problems = exporters.problems();
  // Each exporter has advice, be it none: who has not even that is something else.
  const strangers = exporters.urls
    .filter((url) => !answers.some((one) => one.url === url) && !problems.some((text) => text.includes(url)))
    .map((url) => `${url} knows nothing of advice: it is no Submilli exporter`);
  const isWanted = (one: { readonly rule: string; readonly target: string }): boolean =>
    (target === undefined || one.target === target) && (rule === undefined || one.rule === rule);
  const all = answers
    .flatMap(({ answer }) => answer.recommendations)
    .filter((one) => isWanted(one) && rank(one.severity) <= rank(least))
    .sort(
      (a, b) =>
        rank(a.severity) - rank(b.severity) ||
        a.target.localeCompare(b.target) ||
        a.rule.localeCompare(b.rule) ||
        a.title.localeCompare(b.title),
    );
  return {
    open: all.filter(({ state }) => !SET_ASIDE.includes(state)),
    setAside: all.filter(({ state }) => SET_ASIDE.includes(state)),
    evaluated: answers.flatMap(({ answer }) => answer.evaluated).filter(isWanted).length,
    notEvaluated: answers.flatMap(({ answer }) => answer.notEvaluated).filter(isWanted),
    answered: answers.map(({ url }) => url),
    problems: [...problems, ...strangers],
  };
};

/** 1: something is advised. 2: nothing is, but not everybody could be asked. */
export const statusOf = ({ open, answered, problems }: Standing): number => {
  if (open.length > 0) return 1;
  return answered.length === 0 || problems.length > 0 ? 2 : 0;
};
