import { answersOf, columnsByVersion, published } from '../../test/fixtures';
import type { ShowRow } from '../show';
import { databases } from './databases';
import { sumClients } from './clients';
import { lists } from './lists';
import { memory } from './memory';
import { peerPools } from './peer-pools';
import { peers } from './peers';
import { pools } from './pools';
import { sumServers } from './servers';
import { stats } from './stats';
import { users } from './users';

const collectors = { 'SHOW STATS': stats, 'SHOW POOLS': pools, 'SHOW DATABASES': databases } as const;

const smaller = {
  'SHOW USERS': users,
  'SHOW MEM': memory,
  'SHOW PEERS': peers,
  'SHOW PEER_POOLS': peerPools,
} as const;

/** 1.23 shows a user without a pool size that of the user above. */
const isUnsound = (command: string, column: string, commands: ReadonlyMap<string, readonly string[]>): boolean =>
  command === 'SHOW USERS' && column === 'pool_size' && !commands.get(command)?.includes('reserve_pool_size');

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

  it.each(Object.entries(smaller))('every column of %s is published', (command, collector) => {
    const columns = (commands.get(command) ?? []).filter((column) => !isUnsound(command, column, commands));
    const row = rowOf(columns);
    const all = entriesOf(published(collector, [row]));
    const silent = columns.filter((column) => entriesOf(published(collector, [without(row, column)])) === all);
    expect(silent).toEqual([]);
  });

  it.each(['SHOW CLIENTS', 'SHOW SERVERS'])(
    '%s has every column that is summed up, or the sum is absent',
    (command) => {
      const row = { ...rowOf(commands.get(command) ?? []), connect_time: '2026-01-31 12:00:00 UTC', tls: '' };
      const has = (column: string): boolean => column in row;
      const [ofClients] = sumClients([row]).databases.values();
      const [ofServers] = sumServers([row]).databases.values();
      expect([ofClients?.prepared !== null, ofServers?.prepared !== null]).toEqual(
        Array(2).fill(has('prepared_statements')),
      );
      expect(ofClients?.replication !== null).toBe(has('replication'));
      expect([ofClients?.oldest, ofServers?.oldest]).toEqual(Array(2).fill(Date.UTC(2026, 0, 31, 12) / 1000));
      expect(['database', 'user', 'state', 'addr', 'port', 'request_time', 'close_needed', 'ptr'].every(has)).toBe(
        true,
      );
    },
  );

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
