import type { Act, Finding } from '../finding';
import type { HeldBack, Past, Plan } from '../judge/judge';
import { type Healer, outlasts, perform } from './act';
import type { Audit, Outcome } from './audit';

/** One thing that was done, and what came of it. */
export type Done = { readonly finding: Finding; readonly act: Act; readonly outcome: Outcome };

export type Healed = { readonly done: readonly Done[]; readonly heldBack: readonly HeldBack[] };

export type HealOptions = {
  readonly healer: Healer;
  readonly audit: Audit;
  /** How long a cancelled statement has to end before its session is ended. */
  readonly patienceSeconds: number;
  /** Acts that may be done yet. */
  readonly left: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly onDone: (done: Done) => void;
};

/** Does what is planned, one after the other, each written down before and after. Stops between two when told to. */
export const heal = async ({ toDo, heldBack }: Plan, options: HealOptions): Promise<Healed> => {
  const done: Done[] = [];
  const doOne = async (finding: Finding, act: Act): Promise<Outcome> => {
    note(options, finding, act);
    const outcome = await perform(act, options.healer);
    note(options, finding, act, outcome);
    done.push({ finding, act, outcome });
    options.onDone({ finding, act, outcome });
    return outcome;
  };
  for (const finding of toDo) {
    if (options.signal.aborted || finding.act === null || done.length >= options.left) break;
    const outcome = await doOne(finding, finding.act);
    const further = harder(finding.act);
    if (further === undefined || outcome.result !== 'done' || done.length >= options.left) continue;
    if (await outlasts(further, options.healer, options.patienceSeconds).catch(() => false))
      await doOne(finding, further);
  }
  return { done, heldBack };
};

/** What follows where a cancel did not help. */
const harder = (act: Act): Extract<Act, { kind: 'terminate' }> | undefined =>
  act.kind === 'cancel' ? { ...act, kind: 'terminate' } : undefined;

const note = ({ audit, now }: HealOptions, finding: Finding, act: Act, outcome?: Outcome): void => {
  const { id, rule, severity, where, title, evidence } = finding;
  audit.write({
    ...{ at: now().toISOString(), doctor: process.pid, phase: outcome === undefined ? 'intent' : 'outcome', act },
    finding: { id, rule, severity, where, title, evidence },
    ...(outcome === undefined ? {} : { outcome }),
  });
};

/** What was done, for the budget of the rounds that come. */
export const pastOf = (done: readonly Done[], at: number): readonly Past[] =>
  done.filter(({ outcome }) => outcome.result !== 'moot').map(({ finding }) => ({ at, id: finding.id }));
