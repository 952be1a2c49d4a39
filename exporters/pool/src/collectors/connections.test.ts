import fc from 'fast-check';
import { published } from '../../test/fixtures';
import { secondsOf, type ShowRow } from '../show';
import { clients, sumClients } from './clients';
import { boundRemotes, servers, sumServers } from './servers';

const AT = '2026-01-31 12:00:00 CET';

const client = (row: ShowRow = {}): ShowRow => ({
  ...{ user: 'trader', database: 'app', state: 'active', application_name: 'web', tls: '' },
  ...{ connect_time: AT, request_time: AT, replication: 'none', prepared_statements: 2 },
  ...row,
});

const server = (row: ShowRow = {}): ShowRow => ({
  ...{ database: 'app', user: 'postgres', state: 'idle', addr: '10.0.0.1', port: 5432 },
  ...{ tls: '', close_needed: 0, connect_time: AT },
  ...row,
});

describe('SHOW CLIENTS', () => {
  const summed = sumClients([
    client(),
    client({ tls: 'TLSv1.3/…', connect_time: '2026-01-31 11:00:00 CET' }),
    client({ state: 'waiting', application_name: 'batch', replication: 'physical' }),
    client({ database: 'pgbouncer', request_time: '2026-01-31 12:00:07 CET' }),
  ]);

  it('is summed up by application and state, the console left out', () => {
    expect(summed.groups.map(({ application, state, count }) => [application, state, count])).toEqual([
      ['web', 'active', 2],
      ['batch', 'waiting', 1],
    ]);
    expect(Object.fromEntries(published(clients, summed))).toEqual({
      'db_pool_tls_clients{database="app"}': 1,
      'db_pool_replication_clients{database="app"}': 1,
      'db_pool_client_prepared_statements{database="app"}': 6,
    });
  });

  it('tells PgBouncer’s time by our own request', () => {
    expect((summed.now ?? NaN) - (summed.databases.get('app')?.oldest ?? NaN)).toBe(3607);
  });

  it('counts every client once, whatever it calls itself', () => {
    const anyClient = fc.record({
      ...{ user: fc.string(), database: fc.string(), application_name: fc.string() },
      state: fc.constantFrom('active', 'waiting'),
    });
    fc.assert(
      fc.property(fc.array(anyClient), (rows) => {
        const counted = sumClients(rows).groups.reduce((sum, { count }) => sum + count, 0);
        expect(counted).toBe(rows.filter(({ database }) => database !== 'pgbouncer').length);
      }),
    );
  });

  it('has timestamps that sort as they should, and none where there is none', () => {
    const of = (text: unknown) => secondsOf({ at: text }, 'at');
    expect((of('2026-03-01 00:00:00 UTC') ?? 0) - (of('2026-02-28 23:59:59 UTC') ?? 0)).toBe(1);
    expect([of(''), of(null), of('yesterday')]).toEqual([null, null, null]);
  });
});

describe('SHOW SERVERS', () => {
  it('shows where connections really go, and which are to be closed', () => {
    const rows = [server(), server({ addr: '10.0.0.2', close_needed: 1, state: 'active' }), server({ tls: 'TLSv1.3' })];
    const series = published(servers, sumServers(rows));
    expect(series.get('db_pool_servers{database="app",host="10.0.0.1",port="5432",state="idle"}')).toBe(2);
    expect(series.get('db_pool_closing_servers{database="app",host="10.0.0.2",port="5432",state="active"}')).toBe(1);
    expect(series.get('db_pool_closing_servers{database="app",host="10.0.0.1",port="5432",state="idle"}')).toBe(0);
    expect(series.get('db_pool_tls_servers{database="app"}')).toBe(1);
    expect([...series.keys()].some((name) => name.includes('prepared'))).toBe(false);
  });

  it('keeps the slowest login apart from the oldest connection', () => {
    const rows = [server({ connect_time: '2026-01-31 10:00:00 CET' }), server({ state: 'new' })];
    const totals = sumServers(rows).databases.get('app');
    expect((totals?.oldestLogin ?? NaN) - (totals?.oldest ?? NaN)).toBe(7200);
  });

  it('loses no connection to the bound on addresses', () => {
    const rows = fc.array(fc.record({ database: fc.constantFrom('a', 'b'), addr: fc.string(), port: fc.nat() }));
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 4 }), (all, limit) => {
        const bounded = boundRemotes(sumServers(all).groups, limit);
        expect(bounded.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
        const remotes = new Set(bounded.map(({ host, port }) => `${host}:${port}`));
        expect(remotes.size).toBeLessThanOrEqual(limit + 1);
      }),
    );
  });
});
