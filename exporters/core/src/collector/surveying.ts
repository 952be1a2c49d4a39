import { type Clock, type Deadline, deadlineIn } from '../clock';
import type { Config } from '../config/schema';
import type { Logger } from '../log';
import { emittersOf } from '../metrics/declare';
import { type Problem, problemFrom } from '../problem';
import type { Keeper } from '../store/keeper';
import type { AnySurvey, Env, Sibling, Skip, Snapshots } from './define';
import type { Opened } from './link';
import { alone, firstGapMs, type Place, startAfterMs } from './place';
import { logChange, type Run, Skipped } from './run';
import { skipOf } from './sampling';
import type { Databases, Source } from './source';

/** The surveys of one target at work: one round at a time, over one connection at a time. */
export type Surveying = {
  readonly of: (name: string) => SurveyView;
  /** Connections held now (0 or 1) and opened so far. */
  readonly connections: () => { readonly open: number; readonly opened: number };
  readonly stop: () => Promise<void>;
};

/** What a survey last did: its run as a whole, and how each database fared. */
export type SurveyView = { readonly run: Run; readonly databases: ReadonlyMap<string, Visit> };

/** The outcome of one survey in one database. */
export type Visit =
  | { readonly state: 'read'; readonly at: number; readonly data: unknown }
  | { readonly state: 'skipped'; readonly skip: Skip }
  | { readonly state: 'failed'; readonly problem: Problem; readonly before: Reading | undefined };

type Reading = { readonly at: number; readonly data: unknown };

export type SurveyingOptions<S, F> = {
  readonly target: string;
  readonly surveys: readonly AnySurvey<S, F>[];
  readonly source: Source<S, F>;
  readonly databases: Databases<S>;
  readonly snapshots: () => Snapshots;
  readonly siblings: () => readonly Sibling<S, F>[];
  readonly keeper: Keeper;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onRun: (survey: string, run: Run) => void;
  /** Default: alone. */
  readonly place?: Place;
};

type Part<S, F> = {
  readonly survey: AnySurvey<S, F>;
  readonly intervalMs: number;
  dueAt: number;
  state: unknown;
  view: SurveyView;
};

/** A reading that three rounds should have replaced is no longer shown. */
const STALE_AFTER_INTERVALS = 3;

export const startSurveying = <S, F>(options: SurveyingOptions<S, F>): Surveying => {
  const { target, surveys, source, databases, snapshots, siblings, keeper, config, clock, log, onRun } = options;
  const { place = alone } = options;
  const nameOf = (survey: AnySurvey<S, F>): string => `${target}-${survey.name}`;
  const restored = (survey: AnySurvey<S, F>, fresh: unknown): unknown =>
    survey.persist === undefined ? fresh : (survey.persist.load(keeper.load(nameOf(survey)), fresh) ?? fresh);
  const parts = surveys.map((survey): Part<S, F> => ({
    survey,
    intervalMs: survey.interval(config) * 1000,
    dueAt: 0,
    state: restored(survey, survey.start(config)),
    view: { run: { state: 'pending' }, databases: new Map() },
  }));
  let current: Opened<S> | undefined;
  let opened = 0;
  let rounds = 0;
  let ticks = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const visiting = async <T>(open: () => Promise<Opened<S>>, work: (session: S) => Promise<T>): Promise<T> => {
    const mine = await open();
    current = mine;
    opened += 1;
    try {
      return await work(mine.session);
    } finally {
      current = undefined;
      await mine.close();
    }
  };

  const visit = async (session: S, due: readonly Part<S, F>[], deadline: Deadline): Promise<Visits> => {
    const env: Env<F> = { config, facts: await source.facts(session, deadline) };
    const visits = new Map<string, TimedVisit>();
    for (const { survey } of due) {
      const at = clock.monotonic();
      const skip = skipOf(survey, config, source, env.facts);
      const outcome: Visit =
        skip !== undefined
          ? { state: 'skipped', skip }
          : await readNow(survey, session, env, deadline, snapshots(), siblings()).then(
              (data: unknown): Visit => ({ state: 'read', at, data }),
              (error: unknown): Visit =>
                error instanceof Skipped ? { state: 'skipped', skip: error.skip } : failedVisit(error, source.where),
            );
      visits.set(survey.name, { ...outcome, durationMs: clock.monotonic() - at });
    }
    return visits;
  };

  const round = async (due: readonly Part<S, F>[]): Promise<void> => {
    const shortest = Math.min(...due.map(({ intervalMs }) => intervalMs));
    // Rounds follow each other, however short the interval: one always has the time to read something.
    const deadline = deadlineIn(Math.max(shortest / 2, config.timeouts.scrape_ms), clock);
    const found = new Map<string, Visits>();
    let facts: F | undefined;
    let others: readonly string[] = [];
    await visiting(
      () => source.open('survey', deadline),
      async (session) => {
        facts = await source.facts(session, deadline);
        const { home, names } = await databases.list(session, deadline);
        others = rotate(
          names.filter((name) => name !== home),
          rounds,
        );
        const here = due.filter(({ survey }) => names.includes(home) || survey.scope === 'server');
        found.set(home, await visit(session, here, deadline));
      },
    );
    const everywhere = due.filter(({ survey }) => survey.scope !== 'server');
    for (const name of everywhere.length === 0 ? [] : others) {
      if (stopped) return;
      const visits =
        deadline.remainingMs() <= 0
          ? everyVisit(everywhere, new Error('the round’s time was up; it is visited in a later one'), source.where)
          : await visiting(
              () => databases.open(name, deadline),
              (session) => visit(session, everywhere, deadline),
            ).catch((error: unknown) => everyVisit(everywhere, error, source.where));
      found.set(name, visits);
    }
    rounds += 1;
    if (facts !== undefined) for (const part of due) finish(part, found, { config, facts });
  };

  const finish = (part: Part<S, F>, found: ReadonlyMap<string, Visits>, env: Env<F>): void => {
    const { survey, intervalMs } = part;
    const before = part.view;
    const mine = [...found].flatMap(([database, visits]) => {
      const outcome = visits.get(survey.name);
      return outcome === undefined ? [] : [[database, outcome] as const];
    });
    const visits = new Map(
      mine.map(([database, { durationMs, ...outcome }]) => [database, withBefore(outcome, before, database)]),
    );
    const oldest = clock.monotonic() - STALE_AFTER_INTERVALS * intervalMs;
    const readings = new Map(
      [...visits].flatMap(([database, outcome]) => {
        const reading = readingOf(outcome);
        return reading !== undefined && reading.at >= oldest ? [[database, reading] as const] : [];
      }),
    );
    const totalMs = mine.reduce((sum, [, outcome]) => sum + outcome.durationMs, 0);
    record(part, { run: runOf(part, visits, readings, totalMs, env), databases: visits });
  };

  const runOf = (
    part: Part<S, F>,
    visits: ReadonlyMap<string, Visit>,
    readings: ReadonlyMap<string, Reading>,
    durationMs: number,
    env: Env<F>,
  ): Run => {
    const all = [...visits.values()];
    const at = clock.monotonic();
    const failed = all.find((outcome) => outcome.state === 'failed');
    const skipped = all.find((outcome) => outcome.state === 'skipped');
    if (readings.size === 0 && failed !== undefined) {
      return { state: 'failed', at, durationMs, problem: failed.problem };
    }
    if (readings.size === 0 && skipped !== undefined) return { state: 'skipped', skip: skipped.skip };
    try {
      const { survey } = part;
      const data = new Map([...readings].map(([database, reading]) => [database, reading.data]));
      part.state = survey.fold(part.state, data, at, env);
      if (survey.persist !== undefined) keeper.save(nameOf(survey), survey.persist.save(part.state));
      const samples = [...survey.publish(part.state, emittersOf(survey.metrics), env)];
      const readAt = Math.min(at, ...[...readings.values()].map((reading) => reading.at));
      return { state: 'ok', at: readAt, durationMs, data: part.state, samples };
    } catch (error) {
      return { state: 'failed', at, durationMs, problem: problemFrom(error, source.where) };
    }
  };

  const record = (part: Part<S, F>, view: SurveyView): void => {
    logChange(log, target, part.survey.name, part.view.run, view.run);
    part.view = view;
    onRun(part.survey.name, view.run);
  };

  const tick = async (): Promise<void> => {
    const now = clock.monotonic();
    const due = parts.filter(({ dueAt }) => dueAt <= now);
    await round(due).catch((error: unknown) => {
      if (stopped) return;
      const problem = problemFrom(error, source.where);
      const run: Run = { state: 'failed', at: now, durationMs: clock.monotonic() - now, problem };
      for (const part of due) record(part, { run, databases: part.view.databases });
    });
    if (stopped) return;
    for (const part of due) {
      const gapMs = ticks === 0 ? firstGapMs(place, part.intervalMs) : part.intervalMs;
      // A server that could not be reached is tried again soon, not only after the whole interval.
      part.dueAt = now + (part.view.run.state === 'failed' ? Math.min(gapMs, RETRY_MS) : gapMs);
    }
    ticks += 1;
    const next = Math.min(...parts.map(({ dueAt }) => dueAt));
    tickIn(next - clock.monotonic());
  };
  const tickIn = (ms: number): void => {
    timer = setTimeout(() => void tick(), Math.max(0, ms));
    timer.unref();
  };
  if (parts.length > 0 && place.index === 0) void tick();
  else if (parts.length > 0) tickIn(startAfterMs(place));

  const views = new Map(parts.map((part) => [part.survey.name, part]));
  return {
    of: (name) => {
      const part = views.get(name);
      if (part === undefined) throw new Error(`no survey is called ${name}`);
      const { run } = part.view;
      const stale = run.state === 'ok' && clock.monotonic() - run.at > (STALE_AFTER_INTERVALS + 1) * part.intervalMs;
      return stale ? { ...part.view, run: { state: 'pending' } } : part.view;
    },
    connections: () => ({ open: current === undefined || current.isClosed() ? 0 : 1, opened }),
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await current?.close();
    },
  };
};

type TimedVisit = Visit & { readonly durationMs: number };
type Visits = ReadonlyMap<string, TimedVisit>;

const RETRY_MS = 5000;

/** What it throws at once is its own failure too, and not that of the round. */
const readNow = async <S, F>(
  { read }: AnySurvey<S, F>,
  ...asked: Parameters<AnySurvey<S, F>['read']>
): Promise<unknown> => read(...asked);

const failedVisit = (error: unknown, where: string): Visit => ({
  state: 'failed',
  problem: problemFrom(error, where),
  before: undefined,
});

const everyVisit = <S, F>(due: readonly Part<S, F>[], error: unknown, where: string): Visits =>
  new Map(due.map(({ survey }) => [survey.name, { ...failedVisit(error, where), durationMs: 0 }]));

/** What is there to show of a database: what was just read, or, when that failed, what was read before. */
const readingOf = (visit: Visit): Reading | undefined =>
  visit.state === 'read' ? visit : visit.state === 'failed' ? visit.before : undefined;

const withBefore = (visit: Visit, { databases }: SurveyView, database: string): Visit => {
  const last = databases.get(database);
  return visit.state === 'failed' && last !== undefined ? { ...visit, before: readingOf(last) } : visit;
};

/** Each round begins with another database, so that what a round has no time for is not always the same one. */
const rotate = (names: readonly string[], by: number): readonly string[] => {
  const start = names.length === 0 ? 0 : by % names.length;
  return [...names.slice(start), ...names.slice(0, start)];
};
