import fc from 'fast-check';
import { recordings } from '@submilli/alert-rules';
import { problemsOf } from '../../../catalogue/test/promql';
import { changesOf, countingOf } from './changes';
import { type Compared, compareAll } from './compare';
import { merged } from './history';
import { type BaselineMetric, baselineMetrics } from './metrics';
import { DAY, historyOf, type Hour, HOUR, hourOfWeek, HOURS_OF_WEEK, keyOf, seriesOf } from './model';
import { matters, scaleOf } from './scale';
import { leftOf, seasonOf, usualOf } from './season';

/** A Monday, 00:00 in UTC. */
const MONDAY = Date.parse('2026-10-05T00:00:00Z') / 1000;
const WEEK = HOURS_OF_WEEK;

/** Reproducible, and normal. */
const gaussian = (seed: number): (() => number) => {
  let state = seed * 7919;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next());
};

type Shape = {
  readonly weeks: number;
  /** The correlation of neighbouring hours, and how much whole days differ. */
  readonly resembling?: number;
  readonly days?: number;
  /** From which hour to which it is by how much more. */
  readonly grown?: readonly (readonly [from: number, to: number, factor: number])[];
};

/** Latencies of 2 ms that are a fifth of it at night and less at weekends, with noise of 10 %. */
const hoursOf = (seed: number, { weeks, resembling = 0, days = 0, grown = [] }: Shape): Hour[] => {
  const next = gaussian(seed);
  let [noise, day] = [0, 0];
  return Array.from({ length: weeks * WEEK }, (_, i): Hour => {
    if (i % 24 === 0) day = days * next();
    noise = resembling * noise + Math.sqrt(1 - resembling ** 2) * 0.1 * next();
    const season = 0.8 * Math.sin((2 * Math.PI * i) / 24) - (Math.floor(i / 24) % 7 >= 5 ? 0.8 : 0);
    const factor = grown.reduce((all, [from, to, one]) => (i >= from && i < to ? all * one : all), 1);
    return [MONDAY + (i + 1) * HOUR, 0.002 * factor * Math.exp(season + noise + day)];
  });
};

const LEAST = 1e-5;
const METRIC: BaselineMetric = {
  ...{ id: 'p99', title: 'P99', unit: 'seconds', worse: 'higher', least: LEAST, expr: '' },
};
const PLACE = { metric: 'p99', cluster: 'main', database: 'trading', queryType: 'select' };

/** Its last hours beside all before. */
const lastOf = async (hours: readonly Hour[], count: number, metric = METRIC): Promise<Compared | undefined> => {
  const from = hours.at(-1 - count)?.[0] ?? 0;
  const [only] = await compareAll({
    ...{ metrics: [metric], baseline: [{ ...PLACE, hours }], refused: new Set(), from },
    present: [{ ...PLACE, hours: hours.slice(-count) }],
    breathe: () => Promise.resolve(),
  });
  return only;
};
const verdictsOf = async (runs: number, count: number, shape: Shape): Promise<readonly string[]> =>
  Promise.all(
    Array.from({ length: runs }, async (_, seed) => (await lastOf(hoursOf(seed + 1, shape), count))?.verdict ?? ''),
  );
const countOf = <T>(all: readonly T[], ...which: readonly T[]): number =>
  all.filter((one) => which.includes(one)).length;

describe('an hour of the week', () => {
  it('is named by its beginning, in UTC', () => {
    expect(hourOfWeek(MONDAY + HOUR)).toBe(0);
    expect(hourOfWeek(MONDAY)).toBe(167);
    expect(hourOfWeek(MONDAY + 3 * DAY + 9 * HOUR)).toBe(3 * 24 + 8);
  });

  it('is usual as in that hour of other weeks, by quantiles that no outlier moves', () => {
    const calm = hoursOf(1, { weeks: 4 });
    const wild = calm.map(([end, value], i): Hour => [end, i === 2 * WEEK + 10 ? 9999 : value]);
    const [before, after] = [usualOf(seasonOf(calm))[10], usualOf(seasonOf(wild))[10]];
    expect(before).toMatchObject({ of: 'week', hours: 12 });
    expect((after?.p50 ?? NaN) / (before?.p50 ?? NaN)).toBeLessThan(1.1);
  });

  it('is usual as on other days where that hour of the week is not known', () => {
    const usual = usualOf(seasonOf(hoursOf(2, { weeks: 1 }).slice(0, 5 * 24)));
    expect(usual).toHaveLength(WEEK);
    expect(usual[8]?.of).toBe('week');
    expect(usual[6 * 24 + 8]).toMatchObject({ of: 'day', hours: 15 });
  });

  it('leaves nothing of the season', () => {
    const hours = hoursOf(3, { weeks: 4 }).map(([end, value]): Hour => [end, Math.log(value)]);
    const left = leftOf(seasonOf(hours)).map(([, value]) => value);
    expect(Math.max(...left.map(Math.abs))).toBeLessThan(0.6);
    // The first Thursday has no other to be told by, and the hours at the ends have one neighbour only.
    expect(leftOf(seasonOf(hours.slice(0, 10 * 24))).length).toBe(2 * (3 * 24 - 1));
  });
});

describe('the scale', () => {
  it('can be taken back, keeps the order, and counts ratios above what matters', () => {
    const { on, off } = scaleOf(LEAST);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (value) => {
        expect(off(on(value))).toBeCloseTo(value, 4);
        expect(on(value * 2 + 1)).toBeGreaterThan(on(value));
      }),
    );
    expect(on(0)).toBe(0);
    expect(on(0.02) - on(0.01)).toBeCloseTo(Math.log(2), 4);
  });

  it('knows what matters: a tenth, and the least', () => {
    expect(matters(1.2, 1, 0.05)).toBe(true);
    expect(matters(1.05, 1, 0.001)).toBe(false);
    expect(matters(0.04, 0, 0.05)).toBe(false);
    expect(matters(0, 1, 0.05)).toBe(true);
  });
});

describe('a level that changed', () => {
  const mid = 14 * 24;
  it.each([{ resembling: 0 }, { resembling: 0.7 }, { resembling: 0.7, days: 0.05 }])(
    'is found where it did, by how much it did: %j',
    (noise) => {
      const found = Array.from({ length: 20 }, (_, seed) =>
        changesOf(hoursOf(seed + 1, { weeks: 4, ...noise, grown: [[mid, Infinity, 1.5]] }), LEAST),
      );
      const sure = found.filter(({ length }) => length === 1);
      expect(sure.length).toBeGreaterThanOrEqual(18);
      for (const [change] of sure) {
        expect(Math.abs((change?.at ?? 0) - (MONDAY + mid * HOUR))).toBeLessThanOrEqual(DAY);
        const ratio = (change?.since ?? NaN) / (change?.before ?? NaN);
        expect(ratio).toBeGreaterThan(1.3);
        expect(ratio).toBeLessThan(1.7);
      }
    },
  );

  it('is dated to the hour more often than not, whichever it was', () => {
    const missed = Array.from({ length: 24 }, (_, hour) => {
      const [change] = changesOf(hoursOf(hour + 1, { weeks: 4, grown: [[mid + hour, Infinity, 1.6]] }), LEAST);
      return Math.abs((change?.at ?? NaN) - (MONDAY + (mid + hour) * HOUR)) / HOUR;
    });
    const within = (most: number): number => missed.filter((hours) => hours <= most).length;
    expect(within(0)).toBeGreaterThanOrEqual(12);
    expect(within(2)).toBeGreaterThanOrEqual(20);
    expect(within(24)).toBe(24);
  });

  it('is none in noise with seasons: in no more than one row of sixty', () => {
    const found = [{}, { resembling: 0.7 }, { days: 0.05 }, { resembling: 0.7, days: 0.1 }].flatMap((noise) =>
      Array.from({ length: 15 }, (_, seed) => changesOf(hoursOf(seed + 1, { weeks: 4, ...noise }), LEAST).length),
    );
    expect(found.filter((count) => count > 0).length).toBeLessThanOrEqual(1);
  });

  it('is none for a day, at the end or before, nor for a change too small to matter', () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const changes = (grown: Shape['grown']) => changesOf(hoursOf(seed, { weeks: 4, grown: grown ?? [] }), LEAST);
      expect(changes([[27 * 24, Infinity, 3]])).toEqual([]);
      expect(changes([[18 * 24, 19 * 24, 3]])).toEqual([]);
      expect(changes([[mid, Infinity, 1.07]])).toEqual([]);
    }
  });

  it('makes older hours not count', () => {
    const hours = hoursOf(5, { weeks: 4, grown: [[mid, Infinity, 2]] });
    const counting = countingOf(hours, changesOf(hours, LEAST));
    expect(Math.abs(counting.length - mid)).toBeLessThanOrEqual(24);
    expect(countingOf(hours, [])).toEqual(hours);
  });

  it('is not looked for in less than two weeks: a weekend would be one', () => {
    expect(changesOf(hoursOf(6, { weeks: 2, grown: [[80, Infinity, 9]] }).slice(0, 300), LEAST)).toEqual([]);
  });
});

describe('hours compared with their baseline', () => {
  const noises = [{}, { resembling: 0.7 }, { days: 0.05 }, { resembling: 0.7, days: 0.1 }] as const;

  it('are as usual, or not known, where nothing changed: few may be told wrongly', async () => {
    const all = [];
    for (const weeks of [2, 4]) {
      for (const noise of noises) all.push(...(await verdictsOf(15, 24, { weeks, ...noise })));
    }
    expect(all).toHaveLength(120);
    expect(countOf(all, 'worse', 'better')).toBeLessThanOrEqual(3);
    // Where days differ as much as hours do, one day tells nothing; it is not called usual then.
    expect(countOf(await verdictsOf(20, 24, { weeks: 4, resembling: 0.7, days: 0.1 }), 'unknown')).toBeGreaterThan(10);
  });

  it.each([
    ['half as much again in a day', 24, { weeks: 4, resembling: 0.7 }, 1.5, 19],
    ['a fifth in a day of independent hours', 24, { weeks: 4 }, 1.2, 19],
    ['a fifth in a week, of hours that resemble each other', WEEK, { weeks: 4, resembling: 0.7 }, 1.2, 19],
    ['half as much again in a week, of days that differ', WEEK, { weeks: 8, resembling: 0.7, days: 0.1 }, 1.5, 19],
  ] as const)('are worse: %s', async (_, count, shape, factor, least) => {
    const from = shape.weeks * WEEK - count;
    const all = await verdictsOf(20, count, { ...shape, grown: [[from, Infinity, factor]] });
    expect(countOf(all, 'worse')).toBeGreaterThanOrEqual(least);
    expect(countOf(all, 'better')).toBe(0);
  });

  it('have an interval in which the truth is, nine times of ten or more', async () => {
    let covered = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const hours = hoursOf(seed, { weeks: 4, resembling: 0.5, grown: [[27 * 24, Infinity, 1.5]] });
      const { usual, now } = (await lastOf(hours, 24)) ?? {};
      const truth = (usual ?? NaN) * 1.5;
      if ((now?.low ?? NaN) <= truth && (now?.high ?? NaN) >= truth) covered += 1;
    }
    expect(covered).toBeGreaterThanOrEqual(36);
  });

  it('are better, or neither, as the metric has it', async () => {
    const hours = hoursOf(1, { weeks: 4, grown: [[27 * 24, Infinity, 0.5]] });
    expect(await lastOf(hours, 24)).toMatchObject({ verdict: 'better' });
    expect(await lastOf(hours, 24, { ...METRIC, worse: 'neutral' })).toMatchObject({ verdict: 'different' });
  });

  it('are as usual if they are all the same, and not if nothing was there before', async () => {
    const flat = hoursOf(1, { weeks: 3 }).map(([end]): Hour => [end, 0]);
    expect(await lastOf(flat, 24)).toMatchObject({ verdict: 'as usual', usual: 0 });
    const risen = flat.map(([end], i): Hour => [end, i < 20 * 24 ? 0 : 0.01]);
    expect(await lastOf(risen, 24)).toMatchObject({ verdict: 'worse', usual: 0 });
  });

  it('are not known, and why, where there is too little of either', async () => {
    const hours = hoursOf(1, { weeks: 4 });
    expect((await lastOf(hours, 2))?.why).toContain('only 2 of these hours');
    expect((await lastOf(hours.slice(0, 90), 24))?.why).toContain('only 66 hours count');
    // Four weekdays say nothing of a weekend.
    const early = [...hours.slice(0, 4 * 24), ...hours.slice(5 * 24, 6 * 24)];
    expect((await lastOf(early, 20))?.why).toContain('none of these hours of the week');
    const ask = { metrics: [METRIC], from: hours.at(-25)?.[0] ?? 0, breathe: () => Promise.resolve() };
    const kept = [{ ...PLACE, hours }];
    const [gone] = await compareAll({ ...ask, baseline: kept, present: [], refused: new Set() });
    expect(gone).toMatchObject({ verdict: 'unknown', missing: true });
    const [refused] = await compareAll({ ...ask, baseline: kept, present: [], refused: new Set(['p99']) });
    expect(refused).toMatchObject({ missing: true, why: 'Prometheus would not tell' });
    const [fresh] = await compareAll({ ...ask, baseline: [], present: kept, refused: new Set() });
    expect(fresh).toMatchObject({ verdict: 'unknown', missing: false });
  });

  it('stop at once when they are told to', async () => {
    const breathe = () => Promise.reject(new Error('enough'));
    const all = [{ ...PLACE, hours: hoursOf(1, { weeks: 2 }) }];
    const ask = { metrics: [METRIC], baseline: all, present: all, refused: new Set<string>(), from: 0, breathe };
    await expect(compareAll(ask)).rejects.toThrow('enough');
  });
});

describe('what is stored', () => {
  it('comes back as it was, gaps as gaps', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 99_999 }),
        (ends, value) => {
          const hours = ends.toSorted((a, b) => a - b).map((i): Hour => [MONDAY + i * HOUR, value]);
          expect(historyOf(seriesOf({ ...PLACE, hours }))).toEqual({ ...PLACE, hours });
        },
      ),
    );
  });

  it('keeps what Prometheus forgot, takes its word where both know, and lets the oldest go', () => {
    const row = (...hours: Hour[]) => [{ ...PLACE, hours }];
    const [one, ...others] = merged(row([10, 1], [20, 2], [30, 3]), row([30, 9], [40, 4]), 10);
    expect(others).toEqual([]);
    expect(one?.hours).toEqual([
      [20, 2],
      [30, 9],
      [40, 4],
    ]);
    expect(merged(row([10, 1]), [], 10)).toEqual([]);
  });
});

describe('the metrics of a baseline', () => {
  it.each([undefined, 'main'])('are asked for by names and labels that the exporters have (%s)', (cluster) => {
    const recorded = new Map(recordings.map(({ record }) => [record, []] as const));
    const metrics = baselineMetrics({ cluster });
    expect(metrics.flatMap(({ expr }) => problemsOf(expr, recorded).map((one) => `${one}: ${expr}`))).toEqual([]);
    expect(new Set(metrics.map(({ id }) => id)).size).toBe(metrics.length);
    for (const { expr } of metrics) expect(expr.includes('cluster="main"')).toBe(cluster !== undefined);
    expect(keyOf(PLACE)).toContain('p99');
  });
});
