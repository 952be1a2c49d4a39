import { type PlanFinding, planFindingKinds, type Readings } from '@submilli/core';
import { z } from 'zod';
import { noRefusals, type Refusals, withRefusals } from '../explain/memory';

export type Reason = { readonly reason: string; readonly detail: string; readonly remedy: string | null };
export type Work = { readonly calls: number; readonly seconds: number; readonly blocks: number };

/** What came of one statement in a round: a plan, or why there is none. */
export type Asked = {
  readonly database: string;
  readonly queryid: string;
  readonly role: string | null;
  /** With which its LIMIT was filled in. */
  readonly rowsPerCall: number | null;
  /** Of the window that was current. */
  readonly work: Work;
} & (
  | {
      readonly plan: { readonly shape: string; readonly cost: number; readonly outline: string };
      readonly findings: readonly PlanFinding[];
    }
  | { readonly reason: Reason; readonly remembered: boolean }
);

/** `now` is the server's time, seconds since the epoch. */
export type PlansReading = { readonly now: number; readonly asked: readonly Asked[] };

const work = z.object({ calls: z.number(), seconds: z.number(), blocks: z.number() });
const period = z.object({
  shape: z.string(),
  cost: z.number(),
  outline: z.string().nullable(),
  firstSeen: z.number(),
  lastSeen: z.number(),
  /** What was done under this plan, later windows counting more. */
  work,
});
const statement = z.object({
  database: z.string(),
  queryid: z.string(),
  role: z.string().nullable(),
  rowsPerCall: z.number().nullable(),
  askedAt: z.number(),
  reason: z.object({ reason: z.string(), detail: z.string(), remedy: z.string().nullable() }).nullable(),
  /** The latest first. */
  periods: z.array(period),
  findings: z.array(z.object({ kind: z.enum(planFindingKinds), table: z.string().nullable(), detail: z.string() })),
});

export type Period = z.infer<typeof period>;
export type PlannedStatement = Readonly<z.infer<typeof statement>>;

export type PlansState = {
  readonly statements: ReadonlyMap<string, PlannedStatement>;
  readonly refusals: Refusals<Reason>;
  /** Since the exporter began. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly changes: ReadonlyMap<string, number>;
  /** When each database was last read, so that no reading is counted twice. */
  readonly readAt: ReadonlyMap<string, number>;
};

export const startPlans = (): PlansState => ({
  ...{ statements: new Map(), refusals: noRefusals(), outcomes: new Map(), changes: new Map(), readAt: new Map() },
});

export const statementKey = ({ database, queryid }: { readonly database: string; readonly queryid: string }): string =>
  `${queryid} ${database}`;

const MOST_PERIODS = 10;
const MOST_STATEMENTS = 2000;
const WITH_OUTLINE = 2;
/** What passes by itself is tried again sooner. */
const SOON_MS = 10 * 60_000;
const PASSING = new Set(['lock', 'timeout', 'no_text']);
/** Said of the round, not of the statement. */
const OF_THE_ROUND = new Set(['no_time', 'not_alone']);

export const foldPlans = (state: PlansState, readings: Readings<PlansReading>): PlansState => {
  const fresh = [...readings].filter(([database, { now }]) => state.readAt.get(database) !== now);
  return fresh.reduce((before, [database, reading]) => foldDatabase(before, database, reading), state);
};

const foldDatabase = (state: PlansState, database: string, { now, asked }: PlansReading): PlansState => {
  const statements = new Map(state.statements);
  const outcomes = new Map(state.outcomes);
  const changes = new Map(state.changes).set(database, state.changes.get(database) ?? 0);
  const count = (counts: Map<string, number>, key: string): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const one of asked) {
    const key = statementKey(one);
    const before = statements.get(key);
    const after = foldStatement(before, one, now);
    const changed = before?.periods[0] !== undefined && after.periods[0]?.shape !== before.periods[0].shape;
    if (changed) count(changes, database);
    if (!('reason' in one)) count(outcomes, 'planned');
    else if (!one.remembered) count(outcomes, one.reason.reason);
    // The oldest go first: those asked now go to the end.
    statements.delete(key);
    statements.set(key, after);
  }
  const refused = asked.flatMap((one) =>
    'reason' in one && !one.remembered && !OF_THE_ROUND.has(one.reason.reason)
      ? [[statementKey(one), one.reason] as const]
      : [],
  );
  const lasting = refused.filter(([, { reason }]) => !PASSING.has(reason));
  const passing = refused.filter(([, { reason }]) => PASSING.has(reason));
  const refusals = withRefusals(withRefusals(state.refusals, lasting, now * 1000), passing, now * 1000, SOON_MS);
  return {
    ...{ statements: new Map([...statements].slice(-MOST_STATEMENTS)), refusals, outcomes, changes },
    readAt: new Map(state.readAt).set(database, now),
  };
};

const foldStatement = (before: PlannedStatement | undefined, one: Asked, now: number): PlannedStatement => {
  const { database, queryid } = one;
  const periods = before?.periods ?? [];
  const shared = { database, queryid, askedAt: now, role: one.role ?? before?.role ?? null };
  if ('reason' in one) {
    // A round without time takes nothing from what an earlier one found out.
    if (before !== undefined && OF_THE_ROUND.has(one.reason.reason)) return before;
    const { reason } = one;
    const { rowsPerCall = null, findings = [] } = before ?? {};
    return { ...shared, rowsPerCall, reason, periods, findings };
  }
  return {
    ...{ ...shared, rowsPerCall: one.rowsPerCall, reason: null },
    ...{ findings: [...one.findings], periods: foldPeriods(periods, one.plan, one.work, now) },
  };
};

const NO_WORK: Work = { calls: 0, seconds: 0, blocks: 0 };
/** Older windows fade: a period's figures are those of about its last ten rounds. */
const FADE = 0.9;

const foldPeriods = (
  periods: readonly Period[],
  plan: { readonly shape: string; readonly cost: number; readonly outline: string },
  done: Work,
  now: number,
): Period[] => {
  const [latest, ...older] = periods;
  if (latest?.shape === plan.shape)
    return [{ ...latest, ...plan, lastSeen: now, work: plus(latest.work, done) }, ...older];
  // The window in which it changed belongs to both plans, hence to none; the first one ever to the only plan known.
  const work = latest === undefined ? done : NO_WORK;
  return [{ ...plan, firstSeen: now, lastSeen: now, work }, ...periods]
    .slice(0, MOST_PERIODS)
    .map((kept, i) => (i < WITH_OUTLINE ? kept : { ...kept, outline: null }));
};

const plus = (a: Work, b: Work): Work => ({
  calls: a.calls * FADE + b.calls,
  seconds: a.seconds * FADE + b.seconds,
  blocks: a.blocks * FADE + b.blocks,
});

/** Per call, or null before there were any. */
export const perCall = ({
  calls,
  seconds,
  blocks,
}: Work): { readonly seconds: number; readonly blocks: number } | null =>
  calls > 0 ? { seconds: seconds / calls, blocks: blocks / calls } : null;

const saved = z.array(statement);

/** Plans and their history get through a restart; refusals and counts begin anew. */
export const persistPlans = {
  save: (state: PlansState): unknown => [...state.statements.values()],
  load: (from: unknown, fresh: PlansState): PlansState | undefined => {
    const read = saved.safeParse(from);
    return read.success
      ? { ...fresh, statements: new Map(read.data.map((one) => [statementKey(one), one])) }
      : undefined;
  },
};
