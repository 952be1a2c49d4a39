import { scoreAnswer } from '@submilli/api/score';
import fc from 'fast-check';
import captured from '../../../test/fixtures/score-0.1.0.json';
import { momentsOf } from './events';
import { incidentsOf, meanOf, shifted } from './incidents';
import { byGain, componentsOf, differenceOf, directionOf, gradeOf, withGains } from './score';

const [database] = scoreAnswer.parse(captured).databases;
if (database === undefined) throw new Error('the fixture has no database');

const points = fc.option(fc.integer({ min: 0, max: 100 }));
const component = fc.record({
  component: fc.string({ minLength: 1 }),
  points,
  weight: fc.integer({ min: 1, max: 20 }),
});

describe('a score', () => {
  it('has the grade that the exporter gives, and none when it is not known', () => {
    expect([100, 90, 89, 70, 69, 40, 39, 0, null, undefined, NaN].map(gradeOf)).toEqual([
      ...['good', 'good', 'fair', 'fair', 'poor', 'poor', 'critical', 'critical', 'unknown', 'unknown', 'unknown'],
    ]);
  });

  it('lists what would raise it most first, and what is not known last', () => {
    const of = (name: string, has: number | null, gain: number | null) => ({
      ...{ component: name, points: has, weight: 10, gain },
    });
    const all = [of('well', 100, 0), of('unknown', null, null), of('little', 50, 5), of('much', 10, 30)];
    expect(all.toSorted(byGain).map((one) => one.component)).toEqual(['much', 'little', 'well', 'unknown']);
  });

  it('takes what a component costs from the exporter, which knows of caps', () => {
    const [first] = database.components;
    if (first === undefined) throw new Error('the fixture has no component');
    const capped = { ...database, now: 30, components: [{ ...first, points: 0, scoreIfWell: 95 }] };
    expect(componentsOf(capped)).toEqual([expect.objectContaining({ gain: 65 })]);
  });

  it('is 100 less all that its components cost, when it is their mean', () => {
    fc.assert(
      fc.property(fc.array(component, { minLength: 1 }), (all) => {
        const known = all.filter((one) => one.points !== null);
        fc.pre(known.length > 0);
        const weights = known.reduce((sum, { weight }) => sum + weight, 0);
        const mean = known.reduce((sum, one) => sum + one.weight * (one.points ?? 0), 0) / weights;
        const cost = withGains(all).reduce((sum, { gain }) => sum + (gain ?? 0), 0);
        return Math.abs(100 - mean - cost) < 1e-6;
      }),
    );
  });

  it('does not guess what a component costs without its weight', () => {
    expect(withGains([{ component: 'pool', points: 10, weight: null }])[0]?.gain).toBeNull();
  });

  it('went up, down, stayed, or nobody knows', () => {
    expect([5, -5, 0.2, null].map(directionOf)).toEqual(['up', 'down', 'same', 'unknown']);
    expect(differenceOf(null, 5)).toBeNull();
    expect(differenceOf(90, 95)).toBe(-5);
  });
});

const over = (values: readonly number[]) => ({ times: values.map((_, i) => i * 1000), values });

describe('incidents', () => {
  it('are times with a poor score, with the lowest of it and the component that has the fewest points then', () => {
    const score = over([100, 60, 30, 65, 100, 100]);
    const components = new Map([
      ['pool', over([100, 80, 70, 100, 100, 100])],
      ['locks_and_waits', over([100, 40, 0, 60, 100, 100])],
    ]);
    expect(incidentsOf(score, components)).toEqual([
      {
        ...{ from: 1000, to: 3000, open: false, lowest: 30, lowestAt: 2000, grade: 'critical' },
        component: 'locks_and_waits',
      },
    ]);
  });

  it('close to each other are one, far from each other are two, the newest first', () => {
    expect(incidentsOf(over([50, 100, 50]))).toHaveLength(1);
    const two = incidentsOf(over([50, 100, 100, 100, 100, 40]));
    expect(two.map(({ from, open }) => [from, open])).toEqual([
      [5000, true],
      [0, false],
    ]);
  });

  it('are none where nothing is known, and have no cause that is made up', () => {
    expect(incidentsOf(over([]))).toEqual([]);
    expect(incidentsOf(over([50]))[0]?.component).toBeUndefined();
    expect(incidentsOf(over([50]), new Map([['pool', over([100])]]))[0]?.component).toBeUndefined();
  });

  it('never lie outside of what was looked at, nor above the threshold', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 60 });
    fc.assert(
      fc.property(scores, (values) =>
        incidentsOf(over(values)).every(
          ({ from, to, lowest }) => from <= to && lowest < 70 && from >= 0 && to <= (values.length - 1) * 1000,
        ),
      ),
    );
  });
});

describe('the time before', () => {
  it('lies over this time when it is moved, and has a mean only if it has values', () => {
    expect(shifted(over([1, 2]), 10_000).times).toEqual([10_000, 11_000]);
    expect(meanOf(over([1, 2, 3]))).toBe(2);
    expect(meanOf(over([]))).toBeNull();
  });
});

describe('moments', () => {
  it('are the distinct times that a gauge tells within what is looked at, the newest first', () => {
    const series = [{ labels: { cluster: 'a' }, values: [10, 50, 50, 70, 500] }];
    expect(momentsOf('failover', series, { from: 20_000, to: 100_000 }).map(({ at }) => at)).toEqual([70_000, 50_000]);
  });
});
