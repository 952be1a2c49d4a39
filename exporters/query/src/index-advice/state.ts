import type { ExistingIndex } from '../advisor/model';
import type { Advice, AdvisedIndex } from '../advisor/report';
import type { AdviceReading } from './ask';
import { savedSchema } from './saved';

/** What a statement did: a total that grows, or what came between two looks. Seconds; blocks found or read. */
export type Work = { readonly calls: number; readonly seconds: number; readonly blocks: number };

/** `confirmed`: the statements it was for got faster or read less, as they were meant to; `regressed`: slower. */
export type Verdict = 'confirmed' | 'no effect' | 'regressed';

/** An index that was advised: what its statements did without it, and do since it is there. Times: seconds since the epoch. */
export type Tracked = {
  readonly definition: string;
  readonly schema: string;
  readonly table: string;
  readonly structure: ExistingIndex;
  /** The statements that it is for. */
  readonly statements: readonly string[];
  readonly firstAdvised: number;
  readonly lastAdvised: number;
  readonly before: Readonly<Record<string, Work>>;
  /** When it was first seen, and its name; null while it is not there. */
  readonly appeared: { readonly at: number; readonly name: string } | null;
  readonly after: Readonly<Record<string, Work>>;
  readonly verdict: Verdict | null;
};

export type DatabaseAdvice = {
  readonly at: number;
  readonly advice: Advice | null;
  /** The standby whose planner was asked; null: the server's own. */
  readonly asked: string | null;
  /** Why a standby that is there could not be asked. */
  readonly standbyProblem: string | null;
  readonly tracked: readonly Tracked[];
  /** Totals at the last look, to tell what came since. */
  readonly works: ReadonlyMap<string, Work>;
};

export type IndexAdviceState = ReadonlyMap<string, DatabaseAdvice>;

const MOST_TRACKED = 50;
/** An index that nobody built is not waited for longer than this. */
const FORGET_AFTER_SECONDS = 30 * 86_400;

/** A verdict takes this many calls before and after. */
const ENOUGH_CALLS = 20;
/** Time or blocks per call must change by so much to count as changed. */
const EFFECT = 0.2;
/** A baseline is of the last while before the index came: once it rests on this many calls, earlier ones fade. */
const FADE_FROM_CALLS = 200;
const FADE = 0.5;

export const foldAdvice = (state: IndexAdviceState, readings: ReadonlyMap<string, AdviceReading>): IndexAdviceState =>
  new Map(
    [...readings].map(([database, reading]) => {
      const before = state.get(database);
      // A reading that was kept from an earlier round has been taken in already.
      return [database, before?.at === reading.now ? before : takeAdvice(before, reading)] as const;
    }),
  );

export const takeAdvice = (
  before: DatabaseAdvice | undefined,
  { now, advice, asked, standbyProblem, works, there }: AdviceReading,
): DatabaseAdvice => {
  const since = sinceOf(before?.works ?? new Map(), works);
  const advised = new Map((advice?.indexes ?? []).map((index) => [index.definition, index]));
  const kept = (before?.tracked ?? [])
    .filter(({ lastAdvised, appeared }) => now - Math.max(lastAdvised, appeared?.at ?? 0) < FORGET_AFTER_SECONDS)
    .map((one) => follow(one, { now, since, name: there.get(one.definition), again: advised.get(one.definition) }));
  const known = new Set(kept.map(({ definition }) => definition));
  const fresh = [...advised.values()].filter(({ definition }) => !known.has(definition));
  return {
    ...{ at: now, advice: advice ?? before?.advice ?? null, works },
    asked: advice === undefined ? (before?.asked ?? null) : asked,
    standbyProblem,
    tracked: [...kept, ...fresh.map((index) => trackedFrom(index, now, since))].slice(-MOST_TRACKED),
  };
};

type Since = ReadonlyMap<string, Work>;

const sinceOf = (before: Since, now: Since): Since =>
  new Map(
    [...now].flatMap(([id, work]) => {
      const earlier = before.get(id);
      // Totals that fell are of a new process: what came before it is not known.
      if (earlier === undefined || work.calls < earlier.calls) return [];
      const { calls, seconds, blocks } = subtract(work, earlier);
      return calls > 0 ? [[id, { calls, seconds, blocks }] as const] : [];
    }),
  );

const subtract = (a: Work, b: Work): Work => ({
  ...{ calls: a.calls - b.calls, seconds: a.seconds - b.seconds, blocks: a.blocks - b.blocks },
});

const trackedFrom = (
  { definition, schema, table, structure, effects }: AdvisedIndex,
  now: number,
  since: Since,
): Tracked => {
  const statements = effects.map(({ statement }) => statement);
  return {
    ...{ definition, schema, table, structure, statements, firstAdvised: now, lastAdvised: now },
    ...{ before: grown({}, statements, since, false), appeared: null, after: {}, verdict: null },
  };
};

type Seen = {
  readonly now: number;
  readonly since: Since;
  readonly name: string | undefined;
  readonly again: AdvisedIndex | undefined;
};

const follow = (one: Tracked, { now, since, name, again }: Seen): Tracked => {
  const { statements, before, after, appeared } = one;
  const lastAdvised = again === undefined ? one.lastAdvised : now;
  // Dropped again, or never there: what happens now is without it.
  if (name === undefined) {
    const base = appeared === null ? before : {};
    const all = [...new Set([...statements, ...(again?.effects ?? []).map(({ statement }) => statement)])];
    const next = grown(base, all, since, true);
    return { ...one, statements: all, lastAdvised, before: next, appeared: null, after: {}, verdict: null };
  }
  // The time in which it appeared is of both kinds.
  if (appeared === null) return { ...one, lastAdvised, appeared: { at: now, name } };
  const next = grown(after, statements, since, false);
  return { ...one, lastAdvised, after: next, verdict: verdictOf(before, next) ?? one.verdict };
};

const grown = (
  works: Readonly<Record<string, Work>>,
  statements: readonly string[],
  since: Since,
  fades: boolean,
): Record<string, Work> => {
  const next: Record<string, Work> = { ...works };
  for (const id of statements) {
    const more = since.get(id);
    if (more === undefined) continue;
    const earlier = works[id] ?? { calls: 0, seconds: 0, blocks: 0 };
    const fade = fades && earlier.calls >= FADE_FROM_CALLS ? FADE : 1;
    next[id] = {
      calls: earlier.calls * fade + more.calls,
      seconds: earlier.seconds * fade + more.seconds,
      blocks: earlier.blocks * fade + more.blocks,
    };
  }
  return next;
};

/**
 * Before against after, as if the statements were called as often as they are now: by time, where it moved, else by
 * blocks. Nothing while too few calls are known of every statement.
 */
export const verdictOf = (
  before: Readonly<Record<string, Work>>,
  after: Readonly<Record<string, Work>>,
): Verdict | undefined => {
  const both = Object.entries(after).flatMap(([id, now]) => {
    const then = before[id];
    return then !== undefined && then.calls >= ENOUGH_CALLS && now.calls >= ENOUGH_CALLS ? [{ then, now }] : [];
  });
  if (both.length === 0) return undefined;
  const change = (of: (work: Work) => number): number => {
    const then = both.reduce((sum, one) => sum + (of(one.then) / one.then.calls) * one.now.calls, 0);
    const now = both.reduce((sum, one) => sum + of(one.now), 0);
    return then > 0 ? now / then - 1 : 0;
  };
  const [time, blocks] = [change(({ seconds }) => seconds), change((work) => work.blocks)];
  if (time > EFFECT && blocks > -EFFECT) return 'regressed';
  if (time < -EFFECT || (blocks < -EFFECT && time < EFFECT)) return 'confirmed';
  return 'no effect';
};

/** What survives a restart: which indexes were advised, and how their statements did. */
export const persistAdvice = {
  save: (state: IndexAdviceState): unknown =>
    [...state].map(([database, { at, tracked }]) => ({ database, at, tracked })),
  load: (saved: unknown): IndexAdviceState | undefined => {
    const found = savedSchema.safeParse(saved);
    if (!found.success) return undefined;
    return new Map(
      found.data.map(
        ({ database, at, tracked }) =>
          [database, { at, advice: null, asked: null, standbyProblem: null, tracked, works: new Map() }] as const,
      ),
    );
  },
};
