import { type Clock, type Deadline, within } from '../clock';
import type { Config } from '../config/schema';
import type { Logger } from '../log';
import { emittersOf, type Sample } from '../metrics/declare';
import { type Family, buildFamilies, mergeBuilt } from '../metrics/families';
import { viewSplitter } from '../metrics/view-splitter';
import { foldOthers, nothingFolded } from '../metrics/others';
import { type Problem, problemFrom } from '../problem';
import type { Shared } from './board';
import type { DerivedEnv, Env, Registry, Sibling, Snapshots } from './define';
import { createLending } from './lending';
import { type Keeper, noKeeper } from '../store/keeper';
import { createLink, type Link } from './link';
import { type AdviceBook, createAdviceBook } from '../advice/book';
import { evaluate, type TargetAdvice } from '../advice/evaluate';
import { alone, type Place } from './place';
import { logChange, runCollector, type Run } from './run';
import { recentFacts } from './recent-facts';
import { disabled, isDisabled, skipOf, startSampling } from './sampling';
import { startProbing } from './probing';
import { createTally } from './tally';
import { selfMetrics } from './self';
import type { Source } from './source';
import { startSurveying, type Visit } from './surveying';
import { viewed } from './views';

/** One collection of one target. */
export type Scrape = { readonly up: boolean; readonly families: readonly Family[] };

/** One target of one exporter, with its connections, samplers and last results. */
export type Target<F = unknown, S = unknown> = {
  readonly name: string;
  readonly where: string;
  /** Collects now; callers at the same time share one collection. */
  readonly scrape: (deadline: Deadline) => Promise<Scrape>;
  readonly view: () => TargetView<F>;
  /** Itself, for the exporter's other targets; nothing while it is down. */
  readonly sibling: () => Sibling<S, F> | undefined;
  readonly close: () => Promise<void>;
};

/** What a target knew at its last scrape and beat; what the HTTP resources are made of. */
export type TargetView<F> = {
  readonly up: boolean;
  readonly problem: Problem | undefined;
  readonly facts: F | undefined;
  /** What answers may depend on; never all of the configuration, which holds secrets. */
  readonly config: Pick<Config, 'query_text'>;
  readonly runs: readonly NamedRun[];
  readonly snapshots: Snapshots;
  readonly advice: TargetAdvice | undefined;
};

export type NamedRun = {
  readonly name: string;
  readonly kind: 'collector' | 'sampler' | 'survey' | 'probe' | 'derived';
  readonly source: string;
  readonly every: number;
  readonly run: Run;
  /** How a survey fared in each database. */
  readonly databases?: ReadonlyMap<string, Visit>;
};

export type TargetOptions<S, F> = {
  readonly name: string;
  readonly source: Source<S, F>;
  readonly registry: Registry<S, F>;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Where advice is remembered; only in memory, if absent. */
  readonly book?: AdviceBook;
  /** Where parts keep what must survive a restart; in memory only, if absent. */
  readonly keeper?: Keeper;
  /** The exporter's other targets that are up. */
  readonly siblings?: () => readonly Sibling<S, F>[];
  /** What the other exporters of this process share. */
  readonly shared?: () => readonly Shared[];
  readonly onScrape?: (view: TargetView<F>) => void;
  /** Where it stands among the exporter's targets; alone, if absent. */
  readonly place?: Place;
};

const emitSelf = emittersOf(selfMetrics);

/** Kept back from the collection, so that what it found can still be answered in time. */
const ANSWER_MARGIN_MS = 150;

/** A finding that is absent this long is gone, and not only between two moods of a window. */
const WINDOWS_UNSEEN = 2;

export const createTarget = <S, F>(options: TargetOptions<S, F>): Target<F, S> => {
  const { name, source, config, clock, random, log, keeper = noKeeper } = options;
  const { book = createAdviceBook({ path: null, clock, log }), place = alone } = options;
  const registry = viewed(options.registry, config);
  const link = (purpose: 'scrape' | 'sample') =>
    createLink({ where: source.where, open: (deadline) => source.open(purpose, deadline), clock, random });
  const scrapeLink = link('scrape');
  const sampleLink = registry.samplers.length > 0 ? link('sample') : undefined;
  const tally = createTally();
  const splitViews = viewSplitter();
  const runs = new Map<string, Run>();
  let up = false;
  let problem: Problem | undefined;
  let facts: F | undefined;
  let advice: TargetAdvice | undefined;
  let folded = nothingFolded;
  let shared: Promise<Scrape> | undefined;

  const startSamplers = (sampleLink: Link<S>) => {
    const facts = recentFacts({ source, link: sampleLink, maxAgeMs: config.sample_interval_seconds * 1000, clock });
    return registry.samplers.map((sampler) => ({
      sampler,
      sampling: startSampling<S, F>({
        ...{ target: name, sampler, source, link: sampleLink, facts, keeper, config, clock, log, place },
        onRun: (run) => tally.ran(sampler.name, run),
      }),
    }));
  };
  const samplings = sampleLink === undefined ? [] : startSamplers(sampleLink);

  // With all surveys switched off no database is visited, not even to find that out.
  const surveying =
    source.databases === undefined || registry.surveys.every((survey) => isDisabled(survey, config))
      ? undefined
      : startSurveying<S, F>({
          ...{
            target: name,
            surveys: registry.surveys,
            source,
            databases: source.databases,
            keeper,
            config,
            clock,
            log,
            place,
          },
          snapshots: () => snapshots(),
          siblings: options.siblings ?? (() => []),
          onRun: tally.ran,
        });

  const lending = createLending({ name, source });
  const probings = startProbing(registry.probes ?? [], { target: name, config, clock, log });

  const record = (collector: string, run: Run): void => {
    logChange(log, name, collector, runs.get(collector) ?? { state: 'pending' }, run);
    runs.set(collector, run);
  };

  const isFresh = (run: Run | undefined, every: number): boolean =>
    run?.state === 'ok' && every > 0 && clock.monotonic() - run.at < every * 1000;

  const collectAll = async (session: S, env: Env<F>, deadline: Deadline): Promise<void> => {
    for (const collector of registry.collectors) {
      const skip = skipOf(collector, config, source, env.facts);
      if (skip !== undefined) {
        record(collector.name, { state: 'skipped', skip });
      } else if (!isFresh(runs.get(collector.name), collector.every)) {
        const run = await runCollector(collector, session, env, deadline, source.where, clock);
        tally.ran(collector.name, run);
        record(collector.name, run);
      }
    }
  };

  /** A target that can't be reached has no values: what was read before is forgotten, not shown again. */
  const markDown = (error: unknown): void => {
    const reason = problemFrom(error, source.where);
    if (problem?.message !== reason.message)
      log.warn({ target: name, hint: reason.hint }, `target is down: ${reason.message}`);
    up = false;
    problem = reason;
    facts = undefined;
    advice = undefined;
    folded = nothingFolded;
    const failed: Run = { state: 'failed', at: clock.monotonic(), durationMs: 0, problem: reason };
    for (const part of [...registry.collectors, ...registry.derived]) runs.set(part.name, failed);
  };

  const markUp = (read: F): void => {
    if (problem !== undefined) log.info({ target: name }, 'target is up again');
    up = true;
    problem = undefined;
    facts = read;
  };

  const snapshots = (): Snapshots => {
    const all = new Map(runs);
    if (up) for (const run of background()) all.set(run.name, run.run);
    return {
      of: <D>(part: { readonly name: string }) => {
        const run = all.get(part.name);
        return run?.state === 'ok' ? (run.data as D) : undefined;
      },
    };
  };

  /** In the order of the registry, so that one can build on those before it. */
  const deriveAll = (env: DerivedEnv<F>): void => {
    for (const part of registry.derived) {
      const at = clock.monotonic();
      const last = runs.get(part.name);
      try {
        const kept = `${name}-${part.name}`;
        const before: unknown = last?.state === 'ok' ? last.data : part.persist?.load(keeper.load(kept));
        const data: unknown = part.derive(snapshots(), env, before, at);
        const samples = [...part.publish(data, emittersOf(part.metrics), env)];
        if (part.persist !== undefined) keeper.save(kept, part.persist.save(data));
        record(part.name, { state: 'ok', at, durationMs: clock.monotonic() - at, data, samples });
      } catch (error) {
        record(part.name, { state: 'failed', at, durationMs: 0, problem: problemFrom(error, source.where) });
      }
    }
  };

  const scrapeNow = async (deadline: Deadline): Promise<Scrape> => {
    const started = clock.monotonic();
    try {
      const session = await scrapeLink.use(deadline);
      const env: Env<F> = { config, facts: await source.facts(session, deadline) };
      markUp(env.facts);
      await collectAll(session, env, deadline);
      deriveAll({ ...env, target: name, shared: options.shared?.() ?? [] });
      advice = evaluate(name, registry.rules, named(), env, clock.wall(), book.past(name));
      book.note(name, advice, WINDOWS_UNSEEN * config.window_seconds * 1000);
    } catch (error) {
      markDown(error);
    }
    tally.scraped();
    options.onScrape?.(view());
    return publish(clock.monotonic() - started);
  };

  const foldDatabases = (samples: readonly Sample[]): readonly Sample[] => {
    const shown = registry.shownDatabases === undefined ? undefined : snapshots().of(registry.shownDatabases);
    if (shown === undefined) return samples;
    const result = foldOthers(samples, 'database', shown.hidden, folded);
    folded = result.folded;
    return result.samples;
  };

  const publish = (durationMs: number): Scrape => {
    const all = [...runs.values(), ...(up ? background().map(({ run }) => run) : [])];
    const tried = probings.flatMap((probing) => probing.samples());
    const limits = { seriesPerFamily: config.limits.series_per_family, legacyMetrics: config.legacy_metrics };
    const parts = all.flatMap((run) => (run.state === 'ok' ? [splitViews(run.samples, limits)] : []));
    const values = [...parts.flatMap(({ own }) => own), ...tried];
    const ours = buildFamilies([...foldDatabases(values), ...reported(durationMs / 1000)], limits);
    const built = mergeBuilt([ours, ...parts.map(({ viewed }) => viewed)]);
    tally.dropped(built.dropped);
    const self = buildFamilies(selfSamples(durationMs, built.families), limits);
    return { up, families: [...built.families, ...self.families] };
  };

  const reported = (seconds: number): Sample[] => {
    const collection = { up, seconds, scrapes: tally.scrapes(), runs: named() };
    return registry.reports.flatMap((report) => [...report.publish(collection, emittersOf(report.metrics))]);
  };

  const selfSamples = (durationMs: number, families: readonly Family[]): Sample[] => {
    const links = sampleLink === undefined ? [scrapeLink] : [scrapeLink, sampleLink];
    const parts = [...(surveying === undefined ? [] : [surveying]), lending, ...probings];
    const others = parts.map((part) => part.connections());
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
    const now = clock.monotonic();
    return [
      emitSelf.up({}, up ? 1 : 0),
      emitSelf.scrapeSeconds({}, durationMs / 1000),
      emitSelf.connections({}, links.filter((l) => l.isOpen()).length + sum(others.map(({ open }) => open))),
      emitSelf.connects({}, sum([...links.map((l) => l.epoch()), ...others.map(({ opened }) => opened)])),
      emitSelf.series(
        {},
        families.reduce((sum, family) => sum + family.lines.length, 0),
      ),
      ...named().flatMap((part) => tally.describe(part, now)),
      ...(advice === undefined ? [] : book.samples(name, advice)),
      ...tally.totals(),
    ];
  };

  const idle = (survey: { readonly name: string }): Run =>
    isDisabled(survey, config) ? { state: 'skipped', skip: disabled } : { state: 'pending' };

  /** What works between scrapes. */
  const background = (): NamedRun[] => [
    ...samplings.map(({ sampler, sampling }) => ({
      ...{ name: sampler.name, kind: 'sampler' as const, source: sampler.source, every: sampler.interval(config) },
      run: sampling.last(),
    })),
    ...registry.surveys.map((survey) => ({
      ...{ name: survey.name, kind: 'survey' as const, source: survey.source, every: survey.interval(config) },
      ...(surveying?.of(survey.name) ?? { run: idle(survey) }),
    })),
  ];

  const named = (): NamedRun[] => [
    ...registry.collectors.map(({ name: part, source: from, every }) => ({
      ...{ name: part, kind: 'collector' as const, source: from, every },
      run: runs.get(part) ?? { state: 'pending' as const },
    })),
    ...background(),
    ...probings.map(({ probe, every, last }) => ({
      ...{ name: probe.name, kind: 'probe' as const, source: probe.source, every, run: last() },
    })),
    ...registry.derived.map(({ name: part, source: from }) => ({
      ...{ name: part, kind: 'derived' as const, source: from, every: 0 },
      run: runs.get(part) ?? { state: 'pending' as const },
    })),
  ];

  const view = (): TargetView<F> => ({
    ...{ up, problem, facts, runs: named(), snapshots: snapshots(), advice },
    config: { query_text: config.query_text },
  });

  return {
    name,
    where: source.where,
    scrape: (deadline) => {
      const inner: Deadline = { remainingMs: () => deadline.remainingMs() - ANSWER_MARGIN_MS };
      shared ??= scrapeNow(inner).finally(() => (shared = undefined));
      // A caller with a shorter deadline than the collection it joined gets an honest "down" in time.
      return within(shared, deadline, () => new Error('deadline')).catch(() => ({
        up: false,
        families: buildFamilies([emitSelf.up({}, 0)], { seriesPerFamily: 1, legacyMetrics: false }).families,
      }));
    },
    view,
    sibling: () => (up && facts !== undefined ? lending.sibling(facts) : undefined),
    close: async () => {
      for (const { sampling } of samplings) sampling.stop();
      await Promise.all([
        scrapeLink.close(),
        sampleLink?.close(),
        surveying?.stop(),
        lending.stop(),
        ...probings.map((probing) => probing.stop()),
      ]);
    },
  };
};
