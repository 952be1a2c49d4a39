import { configSchema, type DerivedEnv } from '@submilli/core';
import fc from 'fast-check';
import { answersOf, published, type Read, snapshotsOf } from '../../test/fixtures';
import { type ClientGroup, clients, sumClients } from '../collectors/clients';
import { databases } from '../collectors/databases';
import { dns } from '../collectors/dns';
import { limits } from '../collectors/limits';
import { lists } from '../collectors/lists';
import { pools } from '../collectors/pools';
import { servers, sumServers } from '../collectors/servers';
import { state } from '../collectors/state';
import { users } from '../collectors/users';
import type { ShowRow } from '../show';
import type { PoolFacts } from '../source';
import { type Applications, applications } from './applications';
import { connectionAge } from './connection-age';
import { currentAddresses, health } from './health';
import { saturation } from './saturation';

const env: DerivedEnv<PoolFacts> = {
  ...{ target: 'pool', shared: [] },
  config: configSchema.parse({ limits: { applications: 2 } }),
  facts: { version: '1.18.0', versionNumber: 11_800 },
};

const group = (application: string, count: number): ClientGroup => ({
  ...{ database: 'app', user: 'trader', state: 'active' },
  ...{ application, count },
});

const applicationsOf = (groups: readonly ClientGroup[], before?: Applications): Applications =>
  applications.derive(snapshotsOf([clients, { now: null, databases: new Map(), groups }]), env, before, 0);

describe('clients by application', () => {
  it('are shown for the most used ones, and the rest as other', () => {
    const series = published(
      applications,
      applicationsOf([group('a', 5), group('b', 9), group('c', 1), group('d', 2)]),
    );
    const of = (name: string) =>
      series.get(`db_pool_clients{database="app",user="trader",application_name="${name}",state="active"}`);
    expect([of('a'), of('b'), of('c'), of('d'), of('other')]).toEqual([5, 9, undefined, undefined, 3]);
  });

  it('do not take turns when two are about as much used', () => {
    const first = applicationsOf([group('a', 5), group('b', 4), group('c', 3)]);
    const second = applicationsOf([group('a', 5), group('b', 4), group('c', 5)], first);
    expect([...second.shown].sort()).toEqual(['a', 'b', 'c']);
  });

  it('add up to all clients, in a bounded number of names, also when one calls itself other', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('other', 'a', 'b'));
    const groups = fc.uniqueArray(fc.tuple(name, fc.integer({ min: 1, max: 9 })), { selector: ([of]) => of });
    fc.assert(
      fc.property(groups, (all) => {
        const shown = applicationsOf(all.map(([of, count]) => group(of, count))).groups;
        expect(shown.reduce((sum, { count }) => sum + count, 0)).toBe(all.reduce((sum, [, count]) => sum + count, 0));
        expect(shown.length).toBeLessThanOrEqual(3);
        expect(new Set(shown.map(({ application }) => application)).size).toBe(shown.length);
      }),
    );
  });
});

const at = (time: string) => `2026-01-31 ${time} UTC`;

describe('ages of connections', () => {
  it('are by PgBouncer’s own clock, and absent when it can’t be read', () => {
    const ofClients = sumClients([
      { database: 'app', connect_time: at('11:59:00'), request_time: at('11:59:30') },
      { database: 'pgbouncer', connect_time: at('11:00:00'), request_time: at('12:00:00') },
    ]);
    const ofServers = sumServers([
      { database: 'app', state: 'idle', connect_time: at('11:00:00') },
      { database: 'app', state: 'new', connect_time: at('11:59:50') },
    ]);
    const seen = snapshotsOf([clients, ofClients], [servers, ofServers]);
    expect(Object.fromEntries(published(connectionAge, connectionAge.derive(seen, env, undefined, 0)))).toEqual({
      'db_pool_oldest_connection_seconds{database="app",side="client"}': 60,
      'db_pool_oldest_connection_seconds{database="app",side="server"}': 3600,
      'db_pool_oldest_server_login_seconds{database="app"}': 10,
    });
    const blind = connectionAge.derive(snapshotsOf([servers, ofServers]), env, undefined, 0);
    expect([...published(connectionAge, blind)]).toEqual([]);
  });
});

describe('saturation of a real PgBouncer', () => {
  it.each(['1.18.0', '1.25.2'] as const)('is read from its SHOW commands (%s)', (version) => {
    const answers = answersOf(version);
    const seen = snapshotsOf(
      [pools, answers['SHOW POOLS']],
      [databases, answers['SHOW DATABASES']],
      [lists, answers['SHOW LISTS']],
      [limits, answers['SHOW CONFIG']],
      [users, []],
    );
    const series = published(saturation, saturation.derive(seen, env, undefined, 0));
    const of = (labels: string) => series.get(`db_pool_saturation_ratio{${labels}}`);
    expect(of('database="app",user="postgres",limit="pool_size"')).toBe(1);
    expect(of('database="app",user="postgres",limit="reserve_pool"')).toBeUndefined();
    expect(of('database="app",user="",limit="max_db_connections"')).toBe(0.2);
    expect(of('database="",user="",limit="max_client_conn"')).toBeGreaterThan(0);
    expect([...series.keys()].filter((name) => /max_user_connections|"pgbouncer"/.test(name))).toEqual([]);
    expect(series.get('db_pool_binding_limit_info{database="app",user="postgres",limit="pool_size"}')).toBe(1);
  });
});

const pool = (row: ShowRow): ShowRow => ({ database: 'app', user: 'postgres', cl_waiting: 1, ...row });
const database = (row: ShowRow = {}): ShowRow => ({ name: 'app', host: '10.0.0.2', port: 5432, paused: 0, ...row });

const healthOf = (...read: readonly Read[]): Map<string, number> =>
  published(health, health.derive(snapshotsOf(...read), env, undefined, 0));

describe('health', () => {
  const without = 'db_pool_clients_without_server{database="app",user="postgres"}';

  it('says when clients wait and nothing is logged in, unless that is wanted', () => {
    const away = healthOf([pools, [pool({ sv_login: 1 })]], [databases, [database()]]);
    expect(away.get(without)).toBe(1);
    expect(healthOf([pools, [pool({ sv_active: 1 })]], [databases, [database()]]).get(without)).toBe(0);
    expect(healthOf([pools, [pool({ cl_waiting: 0 })]], [databases, [database()]]).get(without)).toBe(0);
    expect(healthOf([pools, [pool({})]], [databases, [database({ paused: 1 })]]).get(without)).toBe(0);
    const allPaused: ShowRow[] = [
      { key: 'active', value: 'no' },
      { key: 'paused', value: 'yes' },
    ];
    expect(healthOf([pools, [pool({})]], [state, allPaused], [databases, [database()]]).get(without)).toBe(0);
  });

  const stale = (reason: string) => `db_pool_stale_servers{database="app",reason="${reason}"}`;
  const connected = sumServers([
    { database: 'app', addr: '10.0.0.1', port: 5432, state: 'active', close_needed: 1 },
    { database: 'app', addr: '10.0.0.2', port: 5432, state: 'idle', close_needed: 0 },
  ]);

  it('counts servers that are still where the database was before a failover', () => {
    const series = healthOf([databases, [database()]], [servers, connected]);
    expect([series.get(stale('closing')), series.get(stale('elsewhere'))]).toEqual([1, 1]);
  });

  it('follows a host name to the addresses PgBouncer has for it, and says nothing while it has none', () => {
    const named = database({ host: 'DB.example' });
    const known = [{ hostname: 'db.example', addrs: '10.0.0.1:0,10.0.0.2:0' }];
    const series = healthOf([databases, [named]], [servers, connected], [dns, known]);
    expect(series.get(stale('elsewhere'))).toBe(0);
    expect(healthOf([databases, [named]], [servers, connected]).has(stale('elsewhere'))).toBe(false);
  });

  it('knows sockets, several hosts and IPv6', () => {
    const names = new Map([['a', ['::1']]]);
    expect(currentAddresses('', names)).toEqual(new Set(['unix']));
    expect(currentAddresses('/var/run', names)).toEqual(new Set(['unix']));
    expect(currentAddresses('a,10.0.0.1', names)).toEqual(new Set(['::1', '10.0.0.1']));
    expect(currentAddresses('b,10.0.0.1', names)).toBeUndefined();
  });
});
