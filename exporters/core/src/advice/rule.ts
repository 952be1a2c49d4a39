import type { AdviceState, Advised, Evidence } from '../api/recommendations';
import type { Env, Publishes } from '../collector/define';

/**
 * What a rule found: a recommendation without what the engine adds. `subject` is the object, setting or session group
 * it is about, as people name it; with the rule and the target it makes the recommendation's stable id.
 */
export type Finding = Advised & { readonly subject: string };

/** A finding that the engine remembers, as it was when it was last seen. Times in milliseconds since the epoch. */
export type PastFinding = Finding & {
  readonly rule: string;
  readonly state: AdviceState;
  readonly stateSince: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
};

/** What became of a finding whose change was made, and what shows it. */
export type FollowUp = {
  readonly subject: string;
  readonly state: Extract<AdviceState, 'applied' | 'verified' | 'no-effect' | 'regressed'>;
  readonly evidence: readonly Evidence[];
};

/** The snapshots that a rule reads, under the names it calls them by. */
export type Inputs = Readonly<Record<string, Publishes<never>>>;

type DataOf<P> = P extends { readonly publish: (data: infer D, ...rest: never[]) => unknown } ? D : never;
export type Given<I> = { readonly [K in keyof I]: DataOf<I[K]> };

/** A rule that cannot tell says why, instead of saying that all is well. */
export type NotEvaluated = { readonly notEvaluated: string };

/**
 * One piece of expertise, as a pure function of snapshots. It runs only when all its inputs are there; otherwise it
 * counts as not evaluated, with the reason why the input is missing.
 */
export type Rule<F, I extends Inputs = Inputs> = {
  /** Kebab-case; part of every id, so never changed. */
  readonly name: string;
  /** What it looks for, as a heading. */
  readonly title: string;
  /** The signal and the threshold at which it speaks, for docs/advice.md. */
  readonly signal: string;
  readonly threshold: string;
  readonly inputs: I;
  /** `now` is wall time in milliseconds since the epoch. */
  readonly check: (given: Given<I>, env: Env<F>, now: number) => readonly Finding[] | NotEvaluated;
  /**
   * What shows that a finding is gone because the change was made; undefined if it isn't, or nobody can tell. Asked of
   * each that is no longer found. Without it, such a finding is resolved.
   */
  readonly applied?: (given: Given<I>, env: Env<F>, past: PastFinding) => readonly Evidence[] | undefined;
  /**
   * For rules that go on watching: what became of the findings they had. It also stands while the rule still finds the
   * same, and until it says otherwise; a finding that comes back without it is open again.
   */
  readonly followUp?: (given: Given<I>, env: Env<F>, past: readonly PastFinding[], now: number) => readonly FollowUp[];
};

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a registry holds rules of any inputs
export type AnyRule<F> = Rule<F, any>;

export const defineRule = <F, const I extends Inputs>(rule: Rule<F, I>): Rule<F, I> => rule;
