import { growthOf, leaks, type Growth, type HowToLook } from './growth';
import { measures, type Measure } from './measures';
import { isOff } from './mirror';
import type { Recording, Scrape } from './recording';
import { plural } from '../report/words';
import { amount } from './words';

/** A promise, what was looked at for it, and what broke it. */
export type Check = {
  readonly name: string;
  readonly promise: string;
  readonly looked: string;
  /** Whether there was anything to look at: who has looked at nothing has found nothing, which is no good news. */
  readonly judged: boolean;
  readonly findings: readonly string[];
};

export type Grown = {
  readonly measure: Measure;
  readonly of: string;
  readonly growth: Growth;
  readonly leaks: boolean;
};

export type Verdict = {
  readonly checks: readonly Check[];
  readonly growth: readonly Grown[];
  /** What could not be judged, and why. */
  readonly notJudged: readonly string[];
};

export type Bounds = HowToLook & {
  /** Of one life after warm-up; in less, what a process takes in the beginning can't be told from a leak. */
  readonly leastSeconds: number;
  /** After the cluster is whole, within which every target must show everything: two rounds of the slowest survey. */
  readonly recoverySeconds: number;
  readonly seriesPerFamily: number;
  /** A server that does not run may be shown for so long by a collection that had begun. */
  readonly goneSeconds: number;
};

export const bounds: Bounds = {
  ...{ warmUpSeconds: 600, stretchSeconds: 60, leastSeconds: 1500 },
  ...{ recoverySeconds: 150, seriesPerFamily: 2000, goneSeconds: 10 },
};

export const judge = (recording: Recording, by: Bounds = bounds): Verdict => {
  const growth = measures.flatMap((measure) =>
    [...measure.of(recording)].map(([of, readings]): Grown => {
      const found = growthOf(readings, by);
      return { measure, of, growth: found, leaks: found.seconds >= by.leastSeconds && leaks(found, measure.perHour) };
    }),
  );
  const short = growth.filter(({ growth: { seconds } }) => seconds < by.leastSeconds);
  return {
    growth,
    checks: [
      noLeak(growth, by),
      counters(recording),
      mirrors(recording),
      seriesBounded(recording, by),
      recovery(recording, by),
      neverStale(recording, by),
      answers(recording),
      restartSafe(recording),
    ],
    notJudged:
      short.length === 0
        ? []
        : [
            `growth of ${[...new Set(short.map(({ measure }) => measure.title))].join(', ')}: after its warm-up of ${by.warmUpSeconds / 60} minutes it was seen for less than ${by.leastSeconds / 60} minutes`,
          ],
  };
};

const longEnough = (growth: readonly Grown[], by: Bounds): number =>
  growth.filter(({ growth: { seconds } }) => seconds >= by.leastSeconds).length;

const noLeak = (growth: readonly Grown[], by: Bounds): Check => ({
  ...{ name: 'leaks', promise: 'Nothing grows: memory, descriptors, timers, sessions, files, series.' },
  looked: `${plural(longEnough(growth, by), 'figure')} over time`,
  judged: longEnough(growth, by) > 0,
  findings: growth
    .filter((one) => one.leaks)
    .map(
      ({ measure, of, growth: { perHour, low, high } }) =>
        `${measure.title} of ${of}: ${amount(perHour, measure.unit)} more each hour (${amount(low, measure.unit)} to ${amount(high, measure.unit)}); up to ${amount(measure.perHour, measure.unit)} are allowed`,
    ),
});

const counters = ({ backwards, scrapes }: Recording): Check => ({
  ...{ name: 'counters', promise: 'No counter goes back within one life of its exporter and its server.' },
  looked: plural(scrapes.filter(({ failed }) => failed === null).length, 'answer'),
  judged: scrapes.some(({ failed }) => failed === null),
  findings: backwards.map(
    ({ at, source, series, from, to }) => `${source}: ${series} went from ${from} back to ${to} (${clock(at)})`,
  ),
});

const mirrors = ({ mirrors: all }: Recording): Check => ({
  ...{ name: 'mirrors', promise: 'Counters of PostgreSQL and PgBouncer are shown as the servers have them.' },
  looked: `${plural(all.length, 'comparison')} with the servers’ own, between two readings each`,
  judged: all.length > 0,
  findings: all
    .filter(isOff)
    .map(
      ({ at, what, before, shown, after }) =>
        `${what} was shown as ${shown}, and is from ${before} to ${after} (${clock(at)})`,
    ),
});

const seriesBounded = ({ scrapes }: Recording, by: Bounds): Check => {
  const over = scrapes.filter(({ largest }) => (largest?.series ?? 0) > by.seriesPerFamily);
  const most = scrapes.reduce((found, { largest }) => Math.max(found, largest?.series ?? 0), 0);
  return {
    ...{ name: 'series', promise: `No family has more than ${by.seriesPerFamily} series.` },
    looked: `the largest family had ${most} series`,
    judged: most > 0,
    findings: over
      .slice(0, 1)
      .map(({ exporter, largest }) => `${exporter}: ${largest?.name ?? ''} has ${largest?.series ?? 0} series`),
  };
};

const recovery = ({ faults }: Recording, by: Bounds): Check => ({
  ...{
    name: 'recovery',
    promise: `After each fault every target is up again and every collector works, within ${by.recoverySeconds} s of scrapes.`,
  },
  looked: `${plural(faults.length, 'fault')}; at most ${plural(Math.max(0, ...faults.map(({ scrapes }) => scrapes)), 'scrape')}`,
  judged: faults.length > 0,
  findings: faults.flatMap(({ what, at, wellAt, wholeAt, scrapes, trouble }) => {
    const after = `after ${what} (${clock(at)})`;
    if (wholeAt === null) return [`${after} the cluster was not whole again: ${trouble ?? ''}`];
    if (wellAt === null)
      return [`${after} the exporters did not come back within ${scrapes} scrapes: ${trouble ?? ''}`];
    const seconds = wellAt - wholeAt;
    return seconds > by.recoverySeconds
      ? [`${after} the exporters needed ${scrapes} scrapes, ${seconds.toFixed(0)} s`]
      : [];
  }),
});

const neverStale = ({ scrapes }: Recording, by: Bounds): Check => {
  const gone = scrapes.filter(
    ({ goneSeconds, failed }) => failed === null && goneSeconds !== null && goneSeconds > by.goneSeconds,
  );
  const shown = gone.filter(({ up }) => up);
  const stale = scrapes.filter((one) => one.stale.length > 0);
  const first = (list: readonly Scrape[], tell: (one: Scrape) => string): string[] =>
    list.length === 0 || list[0] === undefined
      ? []
      : [`${tell(list[0])}${list.length > 1 ? ` (${list.length} times)` : ''}`];
  return {
    ...{ name: 'stale', promise: 'What is gone is absent: a target that is down shows nothing of itself.' },
    looked: `${plural(gone.length, 'answer')} about servers that did not run`,
    judged: gone.length > 0,
    findings: [
      ...first(
        shown,
        (one) => `${named(one)} was shown as up ${one.goneSeconds?.toFixed(0)} s after its server was gone`,
      ),
      ...first(stale, (one) => `${named(one)} was down and still showed ${one.stale.slice(0, 5).join(', ')}`),
    ],
  };
};

const answers = ({ scrapes, refused, asked }: Recording): Check => {
  const failed = scrapes.filter(
    ({ failed: why, exporterRan }) => why !== null && exporterRan && !why.includes('ECONNREFUSED'),
  );
  const slowest = scrapes.reduce(
    (most, { seconds, failed: why }) => (why === null ? Math.max(most, seconds) : most),
    0,
  );
  return {
    ...{ name: 'answers', promise: 'A running exporter answers everything it is asked, whatever is broken.' },
    looked: `${plural(scrapes.length, 'collection')}, the slowest of ${slowest.toFixed(1)} s, and ${plural(asked, 'question')} to /api/v1`,
    judged: asked > 0,
    findings: [
      ...failed.slice(0, 5).map((one) => `${named(one)} (${clock(one.at)}): ${one.failed ?? ''}`),
      ...refused.slice(0, 5).map(({ at, url, why }) => `${url} (${clock(at)}): ${why}`),
    ],
  };
};

const restartSafe = ({ unreadable, failovers, faults }: Recording): Check => ({
  ...{ name: 'restarts', promise: 'Kept state can be read after any end, and nothing is counted twice or lost.' },
  looked: `${plural(restarts(faults), 'restart')} of the exporters, ${plural(failovers?.timelines ?? 0, 'promotion')}`,
  judged: restarts(faults) > 0,
  findings: [
    ...unreadable,
    ...(failovers !== null && failovers.timelines !== failovers.counted
      ? [`Patroni’s timeline has grown by ${failovers.timelines}, db_ha_failovers_total by ${failovers.counted}`]
      : []),
  ],
});

const restarts = (faults: Recording['faults']): number =>
  faults.filter(({ kind }) => kind.startsWith('exporters-')).length;

const named = ({ exporter, target }: Scrape): string => `${exporter} of ${target}`;
const clock = (at: number): string => `at ${Math.floor(at / 60)}:${String(Math.floor(at % 60)).padStart(2, '0')}`;
