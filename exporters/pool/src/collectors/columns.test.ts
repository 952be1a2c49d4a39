import { answersOf, columnsByVersion, published } from '../../test/fixtures';
import type { ShowRow } from '../show';
import { databases } from './databases';
import { lists } from './lists';
import { pools } from './pools';
import { stats } from './stats';

const collectors = { 'SHOW STATS': stats, 'SHOW POOLS': pools, 'SHOW DATABASES': databases } as const;

const TEXTS = ['database', 'user', 'name', 'host', 'force_user', 'pool_mode', 'load_balance_hosts'];

/** A row whose every column says something. */
const rowOf = (columns: readonly string[]): ShowRow =>
  Object.fromEntries(columns.map((column, i) => [column, TEXTS.includes(column) ? `${column}-text` : 1001 + i]));

const without = (row: ShowRow, column: string): ShowRow =>
  Object.fromEntries(Object.entries(row).filter(([name]) => name !== column));

const entriesOf = (series: Map<string, number>): string => JSON.stringify([...series]);

describe.each([...columnsByVersion()])('on PgBouncer %s', (_, commands) => {
  it.each(Object.entries(collectors))('every column of %s is published', (command, collector) => {
    const columns = commands.get(command) ?? [];
    const row = rowOf(columns);
    const all = entriesOf(published(collector, [row]));
    const silent = columns.filter((column) => entriesOf(published(collector, [without(row, column)])) === all);
    expect(columns.length).toBeGreaterThan(10);
    expect(silent).toEqual([]);
  });

  it('every row of SHOW LISTS is published', () => {
    const names = commands.get('SHOW LISTS') ?? [];
    const values = [
      ...published(
        lists,
        names.map((list, i) => ({ list, items: i })),
      ).values(),
    ];
    expect(values.sort((a, b) => a - b)).toEqual(names.map((_name, i) => i));
  });
});

describe('columns that are not there', () => {
  it('are absent, and those that nobody knows yet do no harm', () => {
    const bare = { database: 'app', total_query_count: 5, total_time_travel: 'yes' };
    expect([...published(stats, [bare])]).toEqual([['db_pool_queries_total{database="app"}', 5]]);
    const list = [{ list: 'tardigrades', items: 3 }];
    expect([...published(lists, list)]).toEqual([]);
  });
});

describe('what a real PgBouncer answers', () => {
  it.each(['1.18.0', '1.25.2'] as const)('never shows the console as a pool (%s)', (version) => {
    for (const [command, collector] of Object.entries(collectors)) {
      const series = [...published(collector, answersOf(version)[command] ?? []).keys()];
      expect(series.some((name) => name.includes('database="app"'))).toBe(true);
      expect(series.filter((name) => name.includes('database="pgbouncer"'))).toEqual([]);
    }
  });
});
