import { definitionsIn } from './contest';
import { median } from '../median';
import { randomOf, shuffled } from '../random';
import { isWrite, perHourOf } from './measure';
import { ANY, type Contest, type Entry, goalsOf, NONE, noMoreThan, plotsOf, ratios, relative, tableOf } from './result';

const entry = (name: string, costs: readonly number[], perHour: readonly number[], bytes: number): Entry => ({
  choice: {
    name,
    definitions: name === NONE ? [] : ['t USING btree (a)'],
    explains: name.startsWith('ours') ? 7 : null,
    seconds: null,
  },
  planned: { bytes: 2 * bytes, costs: costs.map((cost, i) => ({ id: `s${i}`, perSecond: i + 1, cost })) },
  measured: { bytes, perHour, writes: perHour.map(() => 0) },
});

const contest = (own: Entry): Contest => ({
  workload: 'shop',
  title: 'shop: two statements',
  entries: [
    entry(NONE, [100, 100], [50, 60], 0),
    entry('index_advisor', [10, 40], [10, 20], 4e6),
    own,
    entry(ANY, [5, 5], [5, 5], 9e6),
  ],
});

const better = contest(entry(noMoreThan('index_advisor'), [10, 20], [12, 18], 3e6));
const worse = contest(entry(noMoreThan('index_advisor'), [10, 80], [12, 21], 5e6));

describe('what the bench says of advice', () => {
  it('compares costs by calls and by statements, of those that both have', () => {
    const base = [
      { id: 'a', perSecond: 9, cost: 100 },
      { id: 'b', perSecond: 1, cost: 100 },
    ];
    const now = [
      { id: 'b', perSecond: 1, cost: 1 },
      { id: 'a', perSecond: 9, cost: 100 },
      { id: 'new', perSecond: 1000, cost: 5 },
    ];
    expect(relative(now, base).sum).toBeCloseTo(0.901);
    expect(relative(now, base).geomean).toBeCloseTo(0.1);
  });

  it('has its goals met where ours are no dearer, no slower in each round, and take no more room', () => {
    expect(goalsOf([better], 'index_advisor').map(({ met }) => met)).toEqual([true, true, true, true]);
    expect(goalsOf([better], 'index_advisor')[2]?.measured).toBe('shop 1.05 (0.90–1.20)');
  });

  it('has them missed where one workload misses them', () => {
    expect(goalsOf([better, worse], 'index_advisor').map(({ met }) => met)).toEqual([false, false, false, false]);
  });

  it('compares with no advice where there is no peer', () => {
    const [goal, ...others] = goalsOf(
      [{ ...better, entries: better.entries.filter((one) => one.choice.name !== 'index_advisor') }],
      'index_advisor',
    );
    expect(goal).toMatchObject({ measured: 'shop 0.09', met: true });
    expect(others).toEqual([]);
  });

  it('has a table with what nobody counted left out', () => {
    const { columns, rows } = tableOf(better);
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row).toHaveLength(columns.length);
    expect(rows[1]?.slice(0, 6)).toEqual(['index_advisor', 1, 8, 4, 0.2, 0.3]);
    expect(rows[1]?.slice(-3)).toEqual([null, null, null]);
  });

  it('draws everybody relative to no index, ours within the same room first', () => {
    const [, time] = plotsOf([better]);
    expect(time?.series.map(({ name }) => name)).toEqual([noMoreThan('index_advisor'), 'index_advisor', ANY]);
    expect(time?.series[2]?.points).toEqual([['shop', 0.0917]]);
  });

  it('takes medians and ratios round by round', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, NaN]);
    expect(ratios([2, 3, 4], [4, 0, 2])).toEqual([0.5, 2]);
  });
});

describe('a workload', () => {
  it('takes as long in an hour as its calls do', () => {
    const took = new Map([
      ['a', 2],
      ['b', 1000],
    ]);
    expect(
      perHourOf(
        [
          { id: 'a', perSecond: 10 },
          { id: 'b', perSecond: 1 / 3600 },
        ],
        took,
      ),
    ).toBeCloseTo(73);
  });

  it('writes with INSERT, UPDATE and DELETE', () => {
    expect(['INSERT INTO t', 'UPDATE t', 'DELETE FROM t', 'SELECT 1'].map((text) => isWrite({ text }))).toEqual([
      ...[true, true, true, false],
    ]);
  });

  it('is run in an order that differs from round to round, and is the same in each run', () => {
    const orders = (): string[] => {
      const random = randomOf(42);
      return Array.from({ length: 5 }, () => shuffled(['a', 'b', 'c', 'd'], random).join(''));
    };
    expect(orders()).toEqual(orders());
    expect(new Set(orders()).size).toBeGreaterThan(1);
    for (const order of orders()) expect([...order].sort().join('')).toBe('abcd');
  });
});

it('reads what another tool wants', () => {
  expect(definitionsIn('CREATE INDEX ON t USING btree (a);\nCREATE INDEX CONCURRENTLY x ON s (b)\n-- no')).toEqual([
    ...['t USING btree (a)', 's (b)'],
  ]);
});
