import { createHash } from 'node:crypto';
import type { Env } from '../collector/define';
import type { NamedRun } from '../collector/target';
import { messageOf } from '../errors';
import { BLIND_SPOT, blindSpots } from './blind-spots';
import type { AnyRule, Finding } from './rule';

/** A finding with its name and its stable id. */
export type Advice = Finding & { readonly id: string; readonly rule: string };

/** What all rules say about one target. A rule is in exactly one of `evaluated` and `notEvaluated`. */
export type TargetAdvice = {
  readonly found: readonly Advice[];
  readonly evaluated: readonly string[];
  readonly notEvaluated: readonly { readonly rule: string; readonly reason: string }[];
};

/** Runs every rule over what was last read of a target. Never throws: a broken rule is not evaluated, and says why. */
export const evaluate = <F>(
  target: string,
  rules: readonly AnyRule<F>[],
  runs: readonly NamedRun[],
  env: Env<F>,
  now: number,
): TargetAdvice => {
  const outcomes = rules.map((rule) => ({ rule: rule.name, ...outcomeOf(rule, runs, env, now) }));
  const all = [{ rule: BLIND_SPOT, findings: blindSpots(runs) }, ...outcomes];
  return {
    found: all.flatMap((outcome) =>
      'findings' in outcome
        ? outcome.findings.map((finding) => ({
            ...finding,
            rule: outcome.rule,
            id: idOf(outcome.rule, target, finding.subject),
          }))
        : [],
    ),
    evaluated: all.flatMap((outcome) => ('findings' in outcome ? [outcome.rule] : [])),
    notEvaluated: all.flatMap((outcome) =>
      'reason' in outcome ? [{ rule: outcome.rule, reason: outcome.reason }] : [],
    ),
  };
};

type Outcome = { readonly findings: readonly Finding[] } | { readonly reason: string };

const outcomeOf = <F>(rule: AnyRule<F>, runs: readonly NamedRun[], env: Env<F>, now: number): Outcome => {
  const inputs = Object.entries(rule.inputs as Readonly<Record<string, { readonly name: string }>>);
  const given: Record<string, unknown> = {};
  for (const [key, { name }] of inputs) {
    const run = runs.find((candidate) => candidate.name === name)?.run;
    if (run?.state !== 'ok') return { reason: `${name} ${whyMissing(run)}` };
    given[key] = run.data;
  }
  try {
    const result = rule.check(given, env, now);
    return 'notEvaluated' in result ? { reason: result.notEvaluated } : { findings: result };
  } catch (error) {
    return { reason: `the rule itself failed: ${messageOf(error)}` };
  }
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
