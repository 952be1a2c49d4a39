import fc from 'fast-check';
import { gapsOf } from '../page/plot';
import { roundTicks, timeTicks } from '../page/svg';
import { duration, stepFor } from '../prometheus/span';
import { coverageOf, select } from './asking';
import { capacityOf } from './capacity/trend';
import { cumulativeOf, distributionOf, quantileIn, slowerThan } from './histogram';
import { byWeight, firingsOf, grouped } from './incidents/gather';
import { moveOf } from './incidents/moved';
import { parseEnd, periodOf } from './period';
import { bytesText, changeText, daysText, latencyText, short, timeText } from './words';

const DAY = 86_400;

describe('a period', () => {
  it('ends with a full hour, and is compared with the same time before it', () => {
    const end = Date.parse('2026-11-28T12:34:56Z') / 1000;
    expect(periodOf('weekly', end)).toEqual({
      ...{ name: 'weekly', to: Date.parse('2026-11-28T12:00:00Z') / 1000, seconds: 7 * DAY, step: 1800 },
      from: Date.parse('2026-11-21T12:00:00Z') / 1000,
      previousFrom: Date.parse('2026-11-14T12:00:00Z') / 1000,
    });
  });

  it('takes a day, and a moment with a zone or in UTC', () => {
    const noon = Date.parse('2026-01-31T12:00:00Z') / 1000;
    expect([parseEnd('2026-01-31'), parseEnd('2026-01-31T12:00'), parseEnd('2026-01-31T13:00+01:00')]).toEqual([
      noon - DAY / 2,
      noon,
      noon,
    ]);
    expect(() => parseEnd('31.1.2026')).toThrow('is no moment');
  });
});

describe('a question', () => {
  it('never has more points than its bound, however long the time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 400 * DAY }), fc.integer({ min: 2, max: 1000 }), (seconds, points) => {
        expect(Math.floor(seconds / stepFor(seconds, points)) + 1).toBeLessThanOrEqual(points);
      }),
    );
  });

  it('writes durations and names as PromQL has them', () => {
    expect([90, 300, 7200, 2 * DAY].map(duration)).toEqual(['90s', '5m', '2h', '2d']);
    expect(select({ cluster: 'a"b' }, 'up', 'x="1"')).toBe('up{cluster="a\\"b",x="1"}');
    expect(select({ cluster: undefined }, 'up')).toBe('up');
  });
});

describe('quantiles of a histogram', () => {
  const buckets = cumulativeOf(
    new Map([
      [0.002, 990],
      [0.001, 900],
      [Infinity, 1000],
    ]),
  );

  it('lie in their bucket by rank, and beyond the last one are a lower bound', () => {
    expect(quantileIn(buckets, 0.5)?.seconds).toBeCloseTo(0.000556, 6);
    expect(quantileIn(buckets, 0.95)?.seconds).toBeCloseTo(0.001556, 6);
    expect(
      quantileIn(
        cumulativeOf(
          new Map([
            [0.001, 100],
            [Infinity, 1000],
          ]),
        ),
        0.5,
      ),
    ).toEqual({
      ...{ quantile: 0.5, seconds: 0.001, atLeast: true },
    });
  });

  it('are not told where fewer than ten stand behind them', () => {
    expect(quantileIn(buckets, 0.999)).toBeUndefined();
    expect(distributionOf(cumulativeOf(new Map())).quantiles).toEqual([]);
  });

  it('are exact at a bound only', () => {
    expect(slowerThan(buckets, 0.001)).toBeCloseTo(0.1, 10);
    expect(slowerThan(buckets, 0.0015)).toBeUndefined();
  });

  it('rise with the quantile, whatever the counts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 2, maxLength: 20 }), (counts) => {
        const made = cumulativeOf(new Map(counts.map((count, i) => [i + 1, count])));
        const [low = 0, high = 0] = [0.3, 0.9].map((p) => quantileIn(made, p)?.seconds ?? 0);
        if (quantileIn(made, 0.9) !== undefined) expect(low).toBeLessThanOrEqual(high);
      }),
    );
  });
});

describe('incidents', () => {
  const series = (name: string, cluster: string, severity: string, ...at: number[]) => ({
    labels: { alertname: name, cluster, severity },
    points: at.map((moment) => [moment, 1] as const),
  });

  it('are alerts of one cluster that fired close to each other', () => {
    const firings = firingsOf(
      [
        series('A', 'x', 'warning', 300, 600, 900, 6000),
        series('B', 'x', 'critical', 1200),
        series('C', 'y', 'warning', 900),
      ],
      300,
      9000,
    );
    const groups = grouped(firings);
    expect(
      groups.map(({ cluster, from, to, severity, firings: own }) => [cluster, from, to, severity, own.length]),
    ).toEqual([
      ['x', 0, 1200, 'critical', 2],
      ['y', 600, 900, 'warning', 1],
      ['x', 5700, 6000, 'warning', 1],
    ]);
    expect(byWeight(groups, 9000)[0]?.severity).toBe('critical');
  });

  it('go on when they fire in the last window', () => {
    expect(grouped(firingsOf([series('A', 'x', 'warning', 9000)], 300, 9000))[0]?.to).toBeNull();
  });

  const minutes = (value: (i: number) => number, count = 300) =>
    Array.from({ length: count }, (_, i) => [i * 60, value(i)] as const);
  const signal = { name: 's', unit: 'count', least: { by: 2 } } as const;

  it('began with the signal that left its band and stayed away', () => {
    const moved = moveOf(
      signal,
      minutes((i) => (i >= 250 ? 14 : i % 2)),
      { until: 240 * 60 },
    );
    expect(moved).toMatchObject({
      direction: 'rose',
      usual: 0.5,
      reached: 14,
      at: new Date(250 * 60_000).toISOString(),
    });
    expect(
      moveOf(
        signal,
        minutes((i) => (i >= 250 ? 0 : 10)),
        { until: 240 * 60 },
      ),
    ).toMatchObject({ direction: 'fell', reached: 0 });
  });

  it('did not begin with a slip, nor with what varies as it always does, nor with what has no past', () => {
    expect(
      moveOf(
        signal,
        minutes((i) => (i === 250 ? 50 : 0)),
        { until: 240 * 60 },
      ),
    ).toBeUndefined();
    expect(
      moveOf(
        signal,
        minutes((i) => (i * 7919) % 20),
        { until: 240 * 60 },
      ),
    ).toBeUndefined();
    expect(
      moveOf(
        signal,
        minutes((i) => (i >= 10 ? 50 : 0), 60),
        { until: 10 * 60 },
      ),
    ).toBeUndefined();
  });
});

describe('capacity', () => {
  const growing = (values: readonly number[], more = {}) =>
    capacityOf({
      what: 'disk',
      where: 'x',
      unit: 'bytes',
      limit: 1000,
      points: values.map((value, i) => [i * DAY, value] as const),
      ...more,
    });
  const days = (count: number, value: (day: number) => number): number[] =>
    Array.from({ length: count }, (_, day) => value(day));

  it('is told when it will be full, with how sure that is', () => {
    const item = growing(days(28, (day) => 100 + 20 * day + (day % 3)));
    expect(item.exhaustedInDays?.soonest).toBeGreaterThan(16);
    expect(item.exhaustedInDays?.latest).toBeLessThan(20);
    expect(item.tone).toBe('bad');
  });

  it('has no trend where there is too little, or nothing sure', () => {
    expect(growing(days(5, (day) => 100 + 20 * day)).sentence).toContain('too little history');
    expect(growing(days(28, (day) => 500 + ((day * 7919) % 50))).exhaustedInDays).toBeNull();
  });

  it('goes by the newer half where the halves differ', () => {
    const item = growing(days(28, (day) => (day < 14 ? 100 + day : 114 + 30 * (day - 14))));
    expect(item.perDay?.value).toBeCloseTo(30, 5);
    expect(item.sentence).toContain('since 14 days');
  });

  it('is kept in check where it is turned down', () => {
    expect(
      growing(
        days(28, (day) => (day % 7) * 100),
        { sawtooth: true },
      ).sentence,
    ).toContain('kept in check');
  });

  it('is bad when nearly full, and unknown to end where the limit is', () => {
    expect(
      growing(
        days(28, () => 950),
        { worrying: 0.9 },
      ).tone,
    ).toBe('bad');
    expect(
      growing(
        days(28, (day) => 100 + 20 * day),
        { limit: null },
      ),
    ).toMatchObject({ exhaustedInDays: null, tone: 'neutral' });
  });
});

describe('what is not there', () => {
  it('is a gap, at the edges too, and a single step is none', () => {
    const period = { from: 0, to: 1000, step: 100 };
    const points = [300, 400, 700, 800, 900].map((at) => [at, 1] as const);
    const { ratio, gaps } = coverageOf(period, points);
    expect(ratio).toBe(0.5);
    expect(gaps.map((gap) => gap.map((at) => Date.parse(at) / 1000))).toEqual([
      [0, 200],
      [400, 600],
    ]);
    expect(gapsOf({ ...period, lines: [{ name: 'x', ink: 'calm', points }] })).toEqual([
      [0, 300],
      [400, 700],
    ]);
    expect(
      coverageOf(
        period,
        Array.from({ length: 10 }, (_, i) => [(i + 1) * 100, 1] as const),
      ),
    ).toEqual({ ratio: 1, gaps: [] });
  });
});

describe('figures', () => {
  it('have the unit that people would use', () => {
    expect([2.5e-5, 0.0025, 1.234].map(latencyText)).toEqual(['25 µs', '2.5 ms', '1.23 s']);
    expect([512, 1536, 3 * 1024 ** 3].map(bytesText)).toEqual(['512 B', '1.5 KiB', '3 GiB']);
    expect([4.2, 90, 3600, 5400, 3 * DAY].map(timeText)).toEqual(['4.2 s', '2 min', '1 h', '1 h 30 min', '3 d']);
    expect([0.5, 21.4, 200].map(daysText)).toEqual(['12 hours', '21 days', '7 months']);
    expect([0, 1234567, 0.000123456].map(short)).toEqual(['0', '1 234 567', '0.000123']);
  });

  it('compare with before', () => {
    expect([
      changeText(112, 100),
      changeText(97, 100),
      changeText(410, 100),
      changeText(1, 0),
      changeText(0, 0),
    ]).toEqual(['+12 %', '−3 %', '×4.1', 'new', '±0']);
  });

  it('stand on round ticks', () => {
    expect(roundTicks(0, 93)).toEqual([0, 25, 50, 75, 100]);
    expect(timeTicks(0, 2 * DAY).map(({ text }) => text)).toContain('Fri 2');
  });
});
