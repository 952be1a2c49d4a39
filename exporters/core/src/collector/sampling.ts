import { type Clock, deadlineIn } from '../clock';
import type { Config } from '../config/schema';
import type { Logger } from '../log';
import { emittersOf, type Sample } from '../metrics/declare';
import type { Keeper } from '../store/keeper';
import type { AnySampler, Env, Needs, Skip } from './define';
import type { Link } from './link';
import { alone, firstGapMs, type Place, startAfterMs } from './place';
import type { RecentFacts } from './recent-facts';
import { endOf, logChange, type Run } from './run';
import type { Source } from './source';

/** A sampler at work on one target. */
export type Sampling = {
  readonly name: string;
  readonly last: () => Run;
  readonly stop: () => void;
};

export type SamplingOptions<S, F> = {
  readonly target: string;
  readonly sampler: AnySampler<S, F>;
  readonly source: Source<S, F>;
  readonly link: Link<S>;
  /** Shared by the samplers of a target. */
  readonly facts: RecentFacts<S, F>;
  readonly keeper: Keeper;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onRun: (run: Run) => void;
  /** Default: alone. */
  readonly place?: Place;
};

/**
 * Beats until stopped; never, if the interval is 0 or it is switched off. State belongs to one session: it starts anew when the connection does, so that readings of two
 * servers, or of two lives of one, are never subtracted from each other.
 */
export const startSampling = <S, F>(options: SamplingOptions<S, F>): Sampling => {
  const { target, sampler, source, link, facts, keeper, config, clock, log, onRun, place = alone } = options;
  const kept = `${target}-${sampler.name}`;
  const off = isDisabled(sampler, config);
  const intervalMs = off ? 0 : sampler.interval(config) * 1000;
  const emit = emittersOf(sampler.metrics);
  let state: unknown;
  let epoch = -1;
  let last: Run = off ? { state: 'skipped', skip: disabled } : intervalMs > 0 ? { state: 'pending' } : switchedOff;
  let timer: NodeJS.Timeout | undefined;
  let beats = 0;
  let stopped = false;

  const begin = (): unknown => {
    const fresh: unknown = sampler.start(config);
    return sampler.persist === undefined ? fresh : (sampler.persist.load(keeper.load(kept), fresh) ?? fresh);
  };

  const beat = async (): Promise<Run> => {
    const deadline = deadlineIn(config.timeouts.scrape_ms, clock);
    const session = await link.use(deadline);
    if (epoch !== link.epoch()) {
      if (epoch < 0 || sampler.keepsState !== true) state = begin();
      epoch = link.epoch();
    }
    const env: Env<F> = { config, facts: await facts(session, deadline) };
    const skip = skipOf(sampler, config, source, env.facts);
    if (skip !== undefined) return { state: 'skipped', skip };
    const at = clock.monotonic();
    const data: unknown = await sampler.read(session, env, deadline, state);
    state = sampler.fold(state, data, at, env);
    // Before anybody sees it: what was counted once must not be counted again after a restart.
    if (sampler.persist !== undefined) keeper.save(kept, sampler.persist.save(state));
    const samples: readonly Sample[] = [...sampler.publish(state, emit, env)];
    return { state: 'ok', at, durationMs: clock.monotonic() - at, data: state, samples };
  };

  const tick = async (): Promise<void> => {
    const started = clock.monotonic();
    const run = await beat().catch((error: unknown) =>
      endOf(error, started, clock.monotonic() - started, source.where),
    );
    if (stopped) return;
    logChange(log, target, sampler.name, last, run);
    last = run;
    onRun(run);
    const failed = run.state === 'failed';
    const gapMs = beats === 0 ? firstGapMs(place, intervalMs) : intervalMs;
    if (!failed) beats += 1;
    beatIn(started + (failed ? Math.min(intervalMs, RETRY_MS) : gapMs) - clock.monotonic());
  };
  const beatIn = (ms: number): void => {
    timer = setTimeout(() => void tick(), Math.max(0, ms));
    timer.unref();
  };
  if (intervalMs > 0 && place.index === 0) void tick();
  else if (intervalMs > 0) beatIn(startAfterMs(place));

  return {
    name: sampler.name,
    last: () => (isStale(last, intervalMs, clock) ? { state: 'pending' } : last),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};

/** What failed is looked for again soon, however rarely it is looked at: the server may be back. */
const RETRY_MS = 5000;

export const disabled: Skip = {
  reason: 'disabled',
  detail: 'switched off in the configuration',
  remedy: 'remove it from disabled_collectors',
};

const switchedOff: Run = {
  state: 'skipped',
  skip: { reason: 'disabled', detail: 'its interval is 0 in the configuration', remedy: 'give it an interval there' },
};

export const isDisabled = ({ name }: { readonly name: string }, { disabled_collectors }: Config): boolean =>
  disabled_collectors.includes(name);

/** A result that three beats should have replaced is no longer shown. */
const isStale = (run: Run, intervalMs: number, clock: Clock): boolean =>
  run.state === 'ok' && clock.monotonic() - run.at > Math.max(3 * intervalMs, 3000);

export const skipOf = <S, F>(
  part: { readonly name: string; readonly needs?: Needs },
  config: Config,
  source: Source<S, F>,
  facts: F,
): Skip | undefined => {
  if (isDisabled(part, config)) return disabled;
  return source.plan(part.needs ?? {}, facts);
};
