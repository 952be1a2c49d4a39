import { createHash } from 'node:crypto';
import type { Env } from '../collector/define';
import type { NamedRun } from '../collector/target';
import { messageOf } from '../errors';
import { BLIND_SPOT, blindSpots } from './blind-spots';
import type { AnyRule, Finding, FollowUp, PastFinding } from './rule';

/** A finding with its name and its stable id. */
export type Advice = Finding & { readonly id: string; readonly rule: string };

/** What all rules say about one target. A rule is in exactly one of `evaluated` and `notEvaluated`. */
export type TargetAdvice = {
  readonly found: readonly Advice[];
  /** What became of what they found before. */
  readonly followUps: readonly (FollowUp & { readonly id: string })[];
  readonly evaluated: readonly string[];
  readonly notEvaluated: readonly { readonly rule: string; readonly reason: string }[];
};

/**
 * Runs every rule over what was last read of a target, and over what it found there before. Never throws: a broken rule
 * is not evaluated, and says why.
 */
export const evaluate = <F>(
  target: string,
  rules: readonly AnyRule<F>[],
  runs: readonly NamedRun[],
  env: Env<F>,
  now: number,
  past: readonly PastFinding[] = [],
): TargetAdvice => {
  const outcomes = rules.map((rule) => ({ rule: rule.name, ...outcomeOf(rule, runs, env, now, past) }));
  const all = [{ rule: BLIND_SPOT, findings: blindSpots(runs), followUps: [] }, ...outcomes];
  const spoken = all.filter((outcome) => 'findings' in outcome);
  const withId = <T extends { readonly subject: string }>(rule: string, about: T) => ({
    ...about,
    rule,
    id: idOf(rule, target, about.subject),
  });
  return {
    found: spoken.flatMap(({ rule, findings }) => findings.map((finding) => withId(rule, finding))),
    followUps: spoken.flatMap(({ rule, followUps }) => followUps.map((followUp) => withId(rule, followUp))),
    evaluated: spoken.map(({ rule }) => rule),
    notEvaluated: all.flatMap((outcome) =>
      'reason' in outcome ? [{ rule: outcome.rule, reason: outcome.reason }] : [],
    ),
  };
};

type Outcome =
  { readonly findings: readonly Finding[]; readonly followUps: readonly FollowUp[] } | { readonly reason: string };

const outcomeOf = <F>(
  rule: AnyRule<F>,
  runs: readonly NamedRun[],
  env: Env<F>,
  now: number,
  past: readonly PastFinding[],
): Outcome => {
  const inputs = Object.entries(rule.inputs as Readonly<Record<string, { readonly name: string }>>);
  const given: Record<string, unknown> = {};
  for (const [key, { name }] of inputs) {
    const run = runs.find((candidate) => candidate.name === name)?.run;
    if (run?.state !== 'ok') return { reason: `${name} ${whyMissing(run)}` };
    given[key] = run.data;
  }
  try {
    const findings = rule.check(given, env, now);
    if ('notEvaluated' in findings) return { reason: findings.notEvaluated };
    const own = past.filter((one) => one.rule === rule.name);
    return { findings, followUps: followUpsOf(rule, given, env, now, own, findings) };
  } catch (error) {
    return { reason: `the rule itself failed: ${messageOf(error)}` };
  }
};

/** Whether a change was made is asked only where nothing says yet why the finding is gone. */
const UNEXPLAINED: readonly PastFinding['state'][] = [
  ...(['open', 'acknowledged', 'snoozed', 'dismissed'] as const),
  ...(['resolved', 'expired'] as const),
];

const followUpsOf = <F>(
  rule: AnyRule<F>,
  given: Readonly<Record<string, unknown>>,
  env: Env<F>,
  now: number,
  past: readonly PastFinding[],
  findings: readonly Finding[],
): readonly FollowUp[] => {
  const told = past.length === 0 ? [] : (rule.followUp?.(given, env, past, now) ?? []);
  const known = new Set([...findings, ...told].map(({ subject }) => subject));
  const applied = past
    .filter(({ subject, state }) => !known.has(subject) && UNEXPLAINED.includes(state))
    .flatMap((one): FollowUp[] => {
      const evidence = rule.applied?.(given, env, one);
      return evidence === undefined ? [] : [{ subject: one.subject, state: 'applied', evidence }];
    });
  return [...told, ...applied];
};

const whyMissing = (run: NamedRun['run'] | undefined): string => {
  switch (run?.state) {
    case 'failed':
      return `failed: ${run.problem.message}`;
    case 'skipped':
      return `is skipped: ${run.skip.detail}`;
    default:
      return 'was not read yet';
  }
};

const idOf = (rule: string, target: string, subject: string): string =>
  createHash('sha256').update(`${rule}\0${target}\0${subject}`).digest('hex').slice(0, 16);
