import {
  counter,
  defineProbe,
  emittersOf,
  gauge,
  histogram,
  histogramValue,
  logChange,
  type Problem,
  type ProbeOptions,
  type Probing,
  type Run,
  type Sample,
  whereOf,
} from '@submilli/core';
import { addressesOf, type CanarySettings } from '../canary/address';
import { startPathCanary } from '../canary/path';
import type { Path, Results } from '../canary/results';
import { canarySession } from '../canary/session';
import { commitDuration } from '../latency/metrics';

const metrics = {
  duration: histogram(
    'db_canary_duration_seconds',
    'What our own small transaction takes, as a client sees it: from the moment it was due where those before held it up, so that a stall counts for all of them. write: BEGIN, UPDATE of one private row, COMMIT.',
    ['path', 'operation'],
  ),
  commit: commitDuration,
  tries: counter(
    'db_canary_tries_total',
    'Tries by outcome; missed: given up unmade, as more were due than could be made up for.',
    ['path', 'operation', 'outcome'],
  ),
  late: counter('db_canary_late_total', 'Tries that were held up by those before.', ['path', 'operation']),
  overdue: gauge(
    'db_canary_overdue',
    'Tries that are due and held up by one that is under way: more than 0 while the target stalls.',
    ['path'],
  ),
  failures: counter(
    'db_canary_failures_total',
    'Tries that failed, by what went wrong; with each those that fell due before the next could be made.',
    ['path', 'operation', 'reason'],
  ),
  up: gauge('db_canary_up', 'Whether the last try came through (1) or failed (0).', ['path']),
} as const;

const emit = emittersOf(metrics);

const samplesOf = (results: Results, problems: ReadonlyMap<Path, Problem | null>, database: string): Sample[] => [
  ...[...problems].map(([path, problem]) => emit.up({ path }, problem === null ? 1 : 0)),
  ...[...results.values()].flatMap(({ path, operation, result }) => {
    const failed = [...result.failures.values()].reduce((sum, count) => sum + count, 0);
    return [
      emit.duration({ path, operation }, histogramValue(result.durations)),
      // Through the pool it would be the same commit with a hop more.
      ...(path === 'direct' && operation === 'write'
        ? [emit.commit({ database, source: 'canary' }, histogramValue(result.commits))]
        : []),
      emit.tries({ path, operation, outcome: 'ok' }, result.ok),
      emit.tries({ path, operation, outcome: 'failed' }, failed),
      emit.tries({ path, operation, outcome: 'missed' }, result.missed),
      emit.late({ path, operation }, result.late),
      ...[...result.failures].map(([reason, count]) => emit.failures({ path, operation, reason }, count)),
    ];
  }),
];

const runOf = (problems: ReadonlyMap<Path, Problem | null>, at: number): Run => {
  const problem = [...problems.values()].find((one) => one !== null);
  if (problem !== undefined && problem !== null) return { state: 'failed', at, durationMs: 0, problem };
  return problems.size === 0 ? { state: 'pending' } : { state: 'ok', at, durationMs: 0, data: problems, samples: [] };
};

const startCanary = (
  canary: CanarySettings,
  addresses: ReturnType<typeof addressesOf>,
  { target, config, clock, log }: ProbeOptions,
): Probing => {
  let results: Results = new Map();
  const problems = new Map<Path, Problem | null>();
  let last: Run = { state: 'pending' };
  const sessions = [...addresses].map(([path, address]) => canarySession(path, address, config.timeouts, clock));
  const paths = [...addresses].map(([path, address], i) => {
    const session = sessions[i];
    if (session === undefined) throw new Error('unreachable');
    const at = startPathCanary({
      ...{ path, session, rateHz: canary.rate_hz, write: canary.write, where: whereOf(address), clock },
      change: (how) => (results = how(results)),
      told: (problem) => {
        problems.set(path, problem);
        const before = last;
        last = runOf(problems, clock.monotonic());
        logChange(log, target, 'canary', before, last);
      },
    });
    return { path, ...at };
  });
  return {
    every: 1 / canary.rate_hz,
    last: () => last,
    samples: () => [
      ...samplesOf(results, problems, canary.database),
      ...paths.map(({ path, overdue }) => emit.overdue({ path }, overdue())),
    ],
    connections: () => {
      const all = sessions.map((session) => session.connections());
      return {
        open: all.reduce((sum, { open }) => sum + open, 0),
        opened: all.reduce((sum, { opened }) => sum + opened, 0),
      };
    },
    stop: async () => {
      await Promise.all(paths.map((path) => path.stop()));
    },
  };
};

/** A small transaction of our own at a steady pace: what a client goes through, commit and all. Opt-in. */
export const canary = defineProbe({
  name: 'canary',
  source: 'submilli.canary, directly and through the pool (opt-in)',
  metrics,
  start: (options) => {
    const target = options.config.postgres.find(({ name }) => name === options.target);
    if (target?.canary === undefined) return notConfigured;
    return startCanary(target.canary, addressesOf(target, target.canary, options.config), options);
  },
});

const notConfigured = {
  ...{ reason: 'disabled' as const, detail: 'no canary is configured for this target' },
  remedy: 'give the target a canary, with a user of its own (submilli setup-role --canary)',
};
