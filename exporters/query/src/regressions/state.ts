import type { PlannedStatement } from '../plans/state';
import type { StatementsState } from '../statements/state';
import { baselineOf, type Hour, MOST_HOURS } from './baseline';
import { type Verdict, judge } from './verdict';
import { minus, NO_WORK, paceOf, plus, type Work, workOf } from './work';

/** What is remembered of one statement. */
export type History = {
  readonly database: string;
  readonly queryid: string;
  readonly type: string;
  readonly hours: readonly Hour[];
  /** This hour until now, and the last spans of a few minutes, by their number from the epoch. */
  readonly hour: Work;
  readonly spans: readonly { readonly span: number; readonly work: Work }[];
};

/** How long we watched: this hour, and in each of the last spans. */
type Watched = {
  readonly hour: number;
  readonly spans: readonly { readonly span: number; readonly seconds: number }[];
};

export type Regressions = {
  /** The server's time at the last look, seconds since the epoch; null before the first one since we began. */
  readonly at: number | null;
  /** The hour that runs, from the epoch. */
  readonly hour: number | null;
  /** How long the statements had been watched by then, and what they had done. */
  readonly watchedSeconds: number;
  readonly done: ReadonlyMap<string, Work>;
  readonly watched: Watched;
  readonly histories: ReadonlyMap<string, History>;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** The statements could be read this time; otherwise all of this is of before. */
  readonly isCurrent: boolean;
  /** An hour has just ended, so there is something to save. */
  readonly hourEnded: boolean;
};

/** Statements are judged by the last few spans together. */
const SPAN_SECONDS = 300;
const SPANS = 3;
const MOST_STATEMENTS = 200;
/** An hour with fewer calls tells no mean. */
const CALLS_OF_AN_HOUR = 20;

export const startRegressions = (histories: Regressions['histories'] = new Map()): Regressions => ({
  ...{ at: null, hour: null, watchedSeconds: 0, done: new Map(), watched: { hour: 0, spans: [] }, histories },
  ...{ verdicts: new Map(), isCurrent: false, hourEnded: false },
});

/** There was nothing to take in. */
export const unread = (before: Regressions): Regressions => ({ ...before, isCurrent: false, hourEnded: false });

/** Takes in what the shown statements have done since the last look. */
export const takeRegressions = (
  before: Regressions,
  { totals, last, watchedSeconds }: StatementsState,
  plans: ReadonlyMap<string, PlannedStatement>,
): Regressions => {
  if (last === null) return unread(before);
  const at = last.info.now;
  // What was done since the last look counts for the time between.
  const middle = before.at === null ? at : (before.at + at) / 2;
  const hour = Math.floor(middle / 3600);
  const span = Math.floor(middle / SPAN_SECONDS);
  // The statements' state began anew: so have its totals.
  const isAnew = watchedSeconds < before.watchedSeconds;
  const seconds = watchedSeconds - (isAnew ? 0 : before.watchedSeconds);
  const ended = before.hour !== null && hour > before.hour ? before.hour : undefined;
  const hourEnded = ended !== undefined;
  const histories = new Map(ended === undefined ? before.histories : withHour(before, ended));
  const watched = watchedWith(hourEnded ? { ...before.watched, hour: 0 } : before.watched, span, seconds);

  const done = new Map<string, Work>();
  for (const [key, { interval, type }] of totals) {
    const { database, queryid } = interval;
    const work = workOf(interval);
    done.set(key, work);
    const more = minus(work, (isAnew ? undefined : baseFor(work, before.done.get(key))) ?? NO_WORK);
    const known = histories.get(key) ?? { database, queryid, type, hours: [], hour: NO_WORK, spans: [] };
    // The latest to work go to the end: the first are those to forget.
    histories.delete(key);
    histories.set(key, { ...known, type, hour: plus(known.hour, more), spans: spansWith(known.spans, span, more) });
  }
  const kept = new Map([...histories].slice(-MOST_STATEMENTS));
  const verdicts = judgeAll({ ...before, histories: kept, watched }, { at, hour, span }, plans);
  return { at, hour, watchedSeconds, done, watched, histories: kept, verdicts, isCurrent: true, hourEnded };
};

/** A row that was away in the meantime begins at zero again. */
const baseFor = (work: Work, before: Work | undefined): Work | undefined =>
  before === undefined || work.calls < before.calls ? undefined : before;

/** The histories with the hour that ended. */
const withHour = ({ histories, watched }: Regressions, hour: number): readonly (readonly [string, History])[] =>
  [...histories].map(([key, history]) => {
    const ended: Hour[] =
      history.hour.calls < CALLS_OF_AN_HOUR ? [] : [{ hour, ...paceOf(history.hour, watched.hour) }];
    return [key, { ...history, hours: [...history.hours, ...ended].slice(-MOST_HOURS), hour: NO_WORK }] as const;
  });

const watchedWith = ({ hour, spans }: Watched, span: number, seconds: number): Watched => {
  const known = spans.find((one) => one.span === span)?.seconds ?? 0;
  const others = spans.filter((one) => one.span !== span && one.span > span - SPANS);
  return { hour: hour + seconds, spans: [...others, { span, seconds: known + seconds }] };
};

const spansWith = (spans: History['spans'], span: number, more: Work): History['spans'] => {
  const known = spans.find((one) => one.span === span)?.work ?? NO_WORK;
  const others = spans.filter((one) => one.span !== span && one.span > span - SPANS);
  return [...others, { span, work: plus(known, more) }];
};

const judgeAll = (
  { histories, watched, verdicts }: Regressions,
  { at, hour, span: latestSpan }: { readonly at: number; readonly hour: number; readonly span: number },
  plans: ReadonlyMap<string, PlannedStatement>,
): ReadonlyMap<string, Verdict> => {
  const seconds = watched.spans.reduce((sum, one) => sum + one.seconds, 0);
  return new Map(
    [...histories].flatMap(([key, { hours, spans }]): (readonly [string, Verdict])[] => {
      const work = spans
        .filter(({ span }) => span > latestSpan - SPANS)
        .reduce((sum, one) => plus(sum, one.work), NO_WORK);
      const usual = work.calls === 0 ? undefined : baselineOf(hours, hour);
      if (usual === undefined) return [];
      const [latest, earlier] = plans.get(key)?.periods ?? [];
      const planChangedAt = earlier === undefined ? undefined : latest?.firstSeen;
      const judged = { calls: work.calls, now: paceOf(work, seconds), usual, at };
      return [[key, judge({ ...judged, before: verdicts.get(key), planChangedAt })] as const];
    }),
  );
};
