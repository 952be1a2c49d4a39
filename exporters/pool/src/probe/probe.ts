import {
  counter,
  defineProbe,
  emittersOf,
  gauge,
  histogram,
  histogramValue,
  logChange,
  Problem,
  type ProbeOptions,
  type Probing,
  type ProbeSettings,
  type Run,
  type Sample,
  type SqlAddress,
  type SqlOptions,
  whereOf,
} from '@submilli/core';
import { addressesOf } from './address';
import { type Path, type Results, type Try, withLate, withTry } from './results';
import { type Progress, tryOnce } from './try';

/**
 * How long a try may hang before it is given up. PgBouncer does not notice that a waiting client has left, so hanging
 * up early and trying again would fill its queue with clients that are gone; its own query_wait_timeout is as long.
 */
const PATIENCE_MS = 120_000;

const metrics = {
  acquire: histogram(
    'db_pool_acquire_seconds',
    'The probe’s first statement through the pool: waiting for a server connection, and a trivial statement. The queue is that of the probe’s own user, unless the database forces one.',
  ),
  connect: histogram(
    'db_connect_seconds',
    'What the probe’s clients go through, by phase: connect (TLS included), authentication, startup (until ready), first_statement, statement; through the pool or directly. Phases of a try that failed later count too.',
    ['path', 'phase'],
  ),
  up: gauge('db_pool_probe_up', 'Whether the last try came through (1), or failed or takes too long (0).', ['path']),
  tries: counter('db_pool_probe_tries_total', 'Tries that are over, well or not.', ['path']),
  failures: counter(
    'db_pool_probe_failures_total',
    'Tries that failed, by the phase they were in and the kind of failure; timeout: longer than connect_ms and statement_ms together.',
    ['path', 'phase', 'reason'],
  ),
} as const;

const emit = emittersOf(metrics);

export const samplesOfResults = (results: Results): readonly Sample[] =>
  [...results].flatMap(([path, { ok, tries, phases, failures }]) => [
    emit.up({ path }, ok ? 1 : 0),
    emit.tries({ path }, tries),
    ...[...phases].flatMap(([phase, of]) => [
      emit.connect({ path, phase }, histogramValue(of)),
      ...(path === 'pool' && phase === 'first_statement' ? [emit.acquire({}, histogramValue(of))] : []),
    ]),
    ...[...failures.values()].map(({ phase, reason, count }) => emit.failures({ path, phase, reason }, count)),
  ]);

/** Its own time limits, which the server keeps; a pooler has none to give, so that there it is ours alone. */
const sqlFor = (
  path: Path,
  address: SqlAddress,
  { config, clock }: ProbeOptions,
  signal: AbortSignal,
): Omit<SqlOptions, 'onStep'> => ({
  ...{ address, clock, signal, applicationName: 'submilli/probe' },
  ...(path === 'pool'
    ? { dialect: 'pgbouncer', limits: { ...config.timeouts, connect_ms: PATIENCE_MS, statement_ms: PATIENCE_MS } }
    : { dialect: 'postgres', limits: config.timeouts }),
});

const lateProblem = (address: SqlAddress, limitMs: number): Problem =>
  new Problem('timeout', {
    what: `a try has taken longer than ${limitMs} ms and goes on`,
    where: whereOf(address),
    hint: 'All servers of the pool are taken or away, or it is paused: see db_pool_clients_without_server and db_pool_saturation_ratio.',
  });

/** One try at a time on one path, at its beat; a beat that finds one under way does nothing. */
const startPath = (
  path: Path,
  address: SqlAddress,
  options: ProbeOptions,
  everyMs: number,
  change: (how: (results: Results) => Results) => void,
) => {
  const { config } = options;
  const limitMs = config.timeouts.connect_ms + config.timeouts.statement_ms;
  const aborted = new AbortController();
  let running: Promise<void> | undefined;
  let opened = 0;

  const tryNow = async (): Promise<void> => {
    const progress: Progress = { phase: 'connect' };
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      const problem = lateProblem(address, limitMs);
      change((results) => withLate(results, path, { phase: progress.phase, problem }));
    }, limitMs);
    opened += 1;
    const sql = sqlFor(path, address, options, aborted.signal);
    const done: Try = await tryOnce({ sql, patienceMs: PATIENCE_MS, progress });
    clearTimeout(late);
    if (!aborted.signal.aborted) change((results) => withTry(results, path, done, isLate));
  };
  const beat = (): void => {
    running ??= tryNow().finally(() => (running = undefined));
  };
  // Not at the same moment as the other path, which would add its own work to what is measured.
  const first = setTimeout(beat, path === 'pool' ? 0 : everyMs / 2);
  const timer = setInterval(beat, everyMs);
  [first, timer].forEach((one) => one.unref());

  return {
    connections: () => ({ open: running === undefined ? 0 : 1, opened }),
    stop: async (): Promise<void> => {
      clearTimeout(first);
      clearInterval(timer);
      aborted.abort();
      await running;
    },
  };
};

const notConfigured = {
  ...{ reason: 'disabled' as const, detail: 'no probe is configured for this target' },
  remedy: 'give the target a probe, with a user of its own',
};

const runOf = (results: Results, at: number): Run => {
  const failed = [...results.values()].find(({ ok }) => !ok)?.problem;
  if (failed !== undefined && failed !== null) return { state: 'failed', at, durationMs: 0, problem: failed };
  return results.size === 0 ? { state: 'pending' } : { state: 'ok', at, durationMs: 0, data: results, samples: [] };
};

const startProbe = (probe: ProbeSettings, addresses: ReadonlyMap<Path, SqlAddress>, options: ProbeOptions): Probing => {
  const { clock, log, target } = options;
  let results: Results = new Map();
  let last = runOf(results, 0);
  const change = (how: (results: Results) => Results): void => {
    results = how(results);
    const before = last;
    last = runOf(results, clock.monotonic());
    logChange(log, target, 'probe', before, last);
  };
  const paths = [...addresses].map(([path, address]) =>
    startPath(path, address, options, probe.interval_seconds * 1000, change),
  );
  return {
    every: probe.interval_seconds,
    last: () => last,
    samples: () => samplesOfResults(results),
    connections: () => {
      const all = paths.map((path) => path.connections());
      const sum = (of: (one: (typeof all)[number]) => number): number => all.reduce((total, one) => total + of(one), 0);
      return { open: sum(({ open }) => open), opened: sum(({ opened }) => opened) };
    },
    stop: async () => {
      await Promise.all(paths.map((path) => path.stop()));
    },
  };
};

/**
 * A canary: what a new client of the pool goes through, and one that goes past it, in microseconds. With connections of
 * its own and never over the console's; at most one per path at a time, at its beat, whatever happens.
 */
export const probe = defineProbe({
  name: 'probe',
  source: 'a connection through the pool and one directly (opt-in)',
  metrics,
  start: (options) => {
    const target = options.config.pgbouncer.find(({ name }) => name === options.target);
    if (target?.probe === undefined) return notConfigured;
    return startProbe(target.probe, addressesOf(target, target.probe, options.config), options);
  },
});
