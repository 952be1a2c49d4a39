import fc from 'fast-check';
import { configSchema } from '@submilli/core';
import type { ActivityRow } from '../collectors/activity';
import { partsOf } from './components';
import { curve, type Part, scoreOf } from './curve';

const { thresholds } = configSchema.parse({});

const row: ActivityRow = {
  database: 'app',
  sessions: { active: 2, idle: 8 },
  connection_limit: -1,
  server_limit: 100,
  oldest_transaction: 1,
  oldest_query: 0.5,
  oldest_idle_in_transaction: 0,
  lock_waiters: 0,
};
const noFiles = { temp_files: 0, temp_bytes: 0 };
const change = { blks_hit: 9990, blks_read: 10, xact_commit: 1000, xact_rollback: 0, deadlocks: 0, ...noFiles };

describe('the curve of a component', () => {
  it('is full at the good end, empty at the bad one, and half way between', () => {
    expect([curve(80, 80, 95), curve(95, 80, 95), curve(87.5, 80, 95)]).toEqual([100, 0, 50]);
    expect([curve(99, 99, 90), curve(90, 99, 90), curve(94.5, 99, 90)]).toEqual([100, 0, 50]);
  });

  it('stays between 0 and 100 and never rises as the signal gets worse', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [better, worse] = a < b ? [a, b] : [b, a];
        const points = [curve(better, 80, 95), curve(worse, 80, 95)];
        expect(points[0]).toBeGreaterThanOrEqual(points[1] ?? 0);
        expect(Math.min(...points)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...points)).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('the score', () => {
  const parts = fc.array(
    fc.record({
      component: fc.string(),
      weight: fc.integer({ min: 1, max: 100 }),
      points: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
    }),
    { minLength: 1 },
  );

  it('lies between its best and its worst known component', () => {
    fc.assert(
      fc.property(parts, (all: Part[]) => {
        const known = all.flatMap(({ points }) => (points === null ? [] : [points]));
        const { value, coverage } = scoreOf(all);
        if (known.length === 0) {
          expect({ value, coverage }).toEqual({ value: null, coverage: 0 });
        } else {
          expect(value).toBeGreaterThanOrEqual(Math.min(...known) - 1e-9);
          expect(value).toBeLessThanOrEqual(Math.max(...known) + 1e-9);
          expect(coverage).toBeGreaterThan(0);
          expect(coverage).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('does not change when a component without data is added, only its coverage does', () => {
    const known: Part[] = [{ component: 'a', weight: 10, points: 60 }];
    const more = scoreOf([...known, { component: 'b', weight: 30, points: null }]);
    expect(more).toEqual({ value: 60, coverage: 0.25, worst: 'a' });
  });

  it('names the component that costs most, and none when all are full', () => {
    expect(
      scoreOf([
        { component: 'small', weight: 1, points: 0 },
        { component: 'big', weight: 10, points: 80 },
      ]).worst,
    ).toBe('big');
    expect(scoreOf([{ component: 'a', weight: 1, points: 100 }]).worst).toBeNull();
  });

  it('is full for a database that is well', () => {
    const all = partsOf({ activity: row, all: [row], change, windowSeconds: 60 }, thresholds);
    expect(scoreOf(all)).toEqual({ value: 100, coverage: 1, worst: null });
  });

  it.each([
    ['connections', { activity: { ...row, sessions: { active: 99 } } }],
    ['transactions', { activity: { ...row, oldest_transaction: 600 } }],
    ['locks', { activity: { ...row, lock_waiters: 9 } }],
    ['buffer_hits', { change: { ...change, blks_read: 9990 } }],
    ['rollbacks', { change: { ...change, xact_rollback: 500 } }],
    ['deadlocks', { change: { ...change, deadlocks: 5 } }],
  ])('names %s when that is what is wrong', (component, worse) => {
    const activity = 'activity' in worse ? worse.activity : row;
    const all = partsOf({ activity, all: [activity], change, windowSeconds: 60, ...worse }, thresholds);
    expect(scoreOf(all).worst).toBe(component);
  });

  it('leaves out what an idle database has no figures for, instead of calling it fine', () => {
    const idle = { blks_hit: 0, blks_read: 0, xact_commit: 0, xact_rollback: 0, deadlocks: 0, ...noFiles };
    const all = partsOf({ activity: row, all: [row], change: idle, windowSeconds: 60 }, thresholds);
    expect(all.filter(({ points }) => points === null).map(({ component }) => component)).toEqual([
      'buffer_hits',
      'rollbacks',
    ]);
  });
});
