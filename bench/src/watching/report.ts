import type { Cell, Goal, Part, Plot, Table } from '../part';
import {
  type Accounting,
  compare,
  type Comparison,
  costsOf,
  goalOf,
  intervalText,
  meanMs,
  memoryGoal,
  percentText,
} from './compare';
import type { Measured, Reads } from './cycles';
import { type Effect, NOBODY, OURS, type Run } from './effect';
import { type Interval, mean, quantile, ratioOfMeans } from './statistics';
import { ALL_ON_TABLES, ON_POOL, tablesText } from './targets';

export type Found = {
  readonly measured: readonly Measured[];
  readonly effect: Effect;
  readonly accounting: Accounting;
  readonly absent: readonly string[];
  readonly how: readonly string[];
};

const HALF = 0.5;
const MOST_THROUGHPUT_LOST = 0.01;
const MOST_P99_ADDED = 0.02;

const rounded = (value: number | null, digits = 1): Cell =>
  value === null || !Number.isFinite(value) ? null : Number(value.toFixed(digits));

const isOurs = ({ who }: Measured): boolean => who === OURS;

const costsTable = (title: string, rows: readonly Measured[], accounting: Accounting): Table => ({
  title,
  columns: [
    ...['on', 'exporter', 'scrape P50 ms', 'scrape P99 ms', 'exporter CPU ms', 'of it in the scrape ms'],
    ...[
      'database ms',
      'of it in the scrape ms',
      'CPU of its sessions ms',
      'memory MB',
      'connections opened',
      'series',
      'kB',
    ],
  ],
  rows: rows.map((one): Cell[] => {
    const costs = costsOf(one, accounting);
    const inScrape = (key: 'cpu' | 'database'): number | null => meanMs(one.scrapes.map((scrape) => scrape[key]));
    return [
      ...[one.on, one.who],
      ...[quantile(costs.wall, 0.5), quantile(costs.wall, 0.99)].map((seconds) => rounded(1000 * seconds)),
      ...[meanMs(costs.cpu), inScrape('cpu'), meanMs(costs.database), inScrape('database')].map((ms) => rounded(ms)),
      ...[
        rounded(meanMs(costs.sessions)),
        rounded(one.memoryMb),
        rounded(mean(one.cycles.map((cycle) => cycle.connections))),
      ],
      ...[rounded(mean(one.scrapes.map(({ series }) => series)), 0)],
      rounded(mean(one.scrapes.map(({ bytes }) => bytes)) / 1000),
    ];
  }),
});

const READS: Readonly<Record<Reads, string>> = {
  defaults: 'defaults',
  same: 'the same families',
  statements: 'statements',
  all: 'all four exporters',
};

const ratiosTable = (comparisons: readonly Comparison[]): Table => ({
  title: 'Ours relative to each peer: below 1 is less, with 95 % confidence',
  columns: ['on', 'reads', 'peer', 'scrape time', 'exporter CPU', 'database time', 'CPU of its sessions', 'memory'],
  rows: comparisons.map(({ on, reads, peer, wall, cpu, database, sessions, memory }) => [
    ...[on, READS[reads], peer, intervalText(wall), intervalText(cpu), intervalText(database)],
    ...[sessions === undefined ? null : intervalText(sessions), rounded(memory, 2)],
  ]),
});

const comparisonsOf = ({ measured, accounting }: Found): Comparison[] =>
  measured.filter(isOurs).flatMap((ours) =>
    measured
      .filter((other) => !isOurs(other) && other.on === ours.on)
      // A pool's peer has one configuration: it reads the same, whichever of ours is beside it.
      .filter((other) => other.reads === ours.reads || ours.on === ON_POOL)
      .map((peer) => compare(ours, peer, accounting)),
  );

/** Of what throughput was lost, and how much P99 was added, relative to rounds in which nobody watched. */
const effectOf = (effect: Effect, who: string, random: () => number) => {
  const runs = (name: string, key: keyof Run): number[] => (effect.get(name) ?? []).map((run) => run[key]);
  const relative = (key: keyof Run): Interval | undefined => ratioOfMeans(runs(who, key), runs(NOBODY, key), random);
  const speed = relative('perSecond');
  const p99 = relative('p99');
  return {
    lost: speed && { ratio: 1 - speed.ratio, low: 1 - speed.high, high: 1 - speed.low },
    added: p99 && { ratio: p99.ratio - 1, low: p99.low - 1, high: p99.high - 1 },
    perSecond: mean(runs(who, 'perSecond')),
    p99Ms: 1000 * mean(runs(who, 'p99')),
  };
};

const effectTable = ({ effect, accounting }: Found): Table => ({
  title: 'A running pgbench, scraped once a second',
  columns: ['who watches', 'transactions per second', 'lost %', 'P99 ms', 'added to P99 %'],
  rows: [...effect.keys()].map((who) => {
    const { lost, added, perSecond, p99Ms } = effectOf(effect, who, accounting.random);
    const text = (interval: Interval | undefined): Cell =>
      who === NOBODY || interval === undefined ? null : percentText(interval);
    return [who, rounded(perSecond, 0), text(lost), rounded(p99Ms, 2), text(added)];
  }),
});

const goalsOf = (found: Found, comparisons: readonly Comparison[]): Goal[] => {
  const { measured, effect, accounting, absent } = found;
  const same = comparisons.filter(
    ({ reads, on }) => reads === 'same' && (on === tablesText(ALL_ON_TABLES) || on === ON_POOL),
  );
  const halves = same.flatMap(({ on, peer, database, wall, cpu }) =>
    (
      [
        ['Database time', database],
        ['Scrape time', wall],
        ['Exporter CPU', cpu],
      ] as const
    ).map(([what, interval]) => {
      const of = on === ON_POOL && what === 'Database time' ? 'PgBouncer’s time' : what;
      const where = on === ON_POOL ? 'of a PgBouncer' : `at ${on}`;
      return goalOf(`${of} per scrape ${where}, relative to ${peer}`, 'at most 0.5', interval, HALF, intervalText);
    }),
  );
  const unmeasured = same.some(({ on }) => on === ON_POOL)
    ? []
    : [{ what: 'Costs per scrape of a PgBouncer, relative to a pgbouncer_exporter', target: 'at most 0.5' }].map(
        (goal): Goal => ({ ...goal, measured: `not measured: ${absent.join('; ') || 'none was given'}`, met: false }),
      );
  const all = measured.find(({ reads }) => reads === 'all');
  const pools = measured.filter((one) => !isOurs(one) && one.on === ON_POOL);
  const memory = measured
    .filter((one) => !isOurs(one) && one.reads === 'defaults' && one.on === tablesText(ALL_ON_TABLES))
    .flatMap((peer) =>
      all === undefined
        ? []
        : [memoryGoal(all, [peer, ...pools.slice(0, 1)], pools.length === 0 ? ['a pgbouncer_exporter'] : [])],
    );
  const { lost, added } = effectOf(effect, OURS, accounting.random);
  return [
    ...halves,
    ...unmeasured,
    ...memory,
    goalOf('Throughput of pgbench lost to scrapes once a second', 'under 1 %', lost, MOST_THROUGHPUT_LOST, percentText),
    goalOf('P99 of pgbench added by scrapes once a second', 'under 2 %', added, MOST_P99_ADDED, percentText),
  ];
};

const plotsOf = (found: Found): Plot[] => {
  const { measured, accounting } = found;
  const servers = measured.filter(({ reads, on }) => reads === 'same' && on !== ON_POOL);
  const plot = (name: string, title: string, key: 'cpu' | 'database' | 'wall'): Plot => ({
    ...{ name, title, kind: 'lines', x: 'tables', y: 'ms per scrape', isLogarithmic: true },
    series: [...new Set(servers.map(({ who }) => who))].map((who) => ({
      name: who,
      points: servers
        .filter((one) => one.who === who)
        .map((one) => [Number(one.on.replaceAll(/\D/g, '')), meanMs(costsOf(one, accounting)[key]) ?? 0] as const),
    })),
  });
  return [
    plot('watching-database', 'Database time per scrape, the same families', 'database'),
    plot('watching-scrape', 'Time of a scrape, the same families', 'wall'),
    plot('watching-cpu', 'CPU of the exporter per scrape, the same families', 'cpu'),
  ];
};

export const reportOf = (found: Found): Part => {
  const { measured, accounting, how } = found;
  const comparisons = comparisonsOf(found);
  const rows = (reads: Reads): Measured[] => measured.filter((one) => one.reads === reads && one.on !== ON_POOL);
  const pool = measured
    .filter(({ on }) => on === ON_POOL)
    .map((one) => (isOurs(one) ? { ...one, who: `${one.who}, ${READS[one.reads]}` } : one));
  const pooled = { ...accounting, alone: new Map(pool.map((one) => aloneOf(one, accounting))) };
  return {
    part: 'watching',
    title: 'The cost of watching',
    how,
    goals: goalsOf(found, comparisons),
    tables: [
      ratiosTable(comparisons),
      costsTable('Per scrape, the same families', rows('same'), accounting),
      costsTable('Per scrape, at defaults', rows('defaults'), accounting),
      costsTable('Per scrape, of statements', rows('statements'), accounting),
      costsTable('Per scrape, of a PgBouncer', pool, pooled),
      costsTable('All four exporters in one process, for four scrapes', rows('all'), accounting),
      effectTable(found),
    ],
    plots: plotsOf(found),
  };
};

/** The names of rows of the pool's table say the configuration, too. */
const aloneOf = (one: Measured, { alone }: Accounting): readonly [string, number] => {
  const who = one.who.startsWith(`${OURS}, `) ? OURS : one.who;
  return [`${one.who} ${one.reads} ${one.on}`, alone.get(`${who} ${one.reads} ${one.on}`) ?? NaN];
};
