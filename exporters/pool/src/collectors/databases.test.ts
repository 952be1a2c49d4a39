import { answersOf, published } from '../../test/fixtures';
import { databases } from './databases';

const databasesOf = (version: '1.18.0' | '1.25.2'): Map<string, number> =>
  published(databases, answersOf(version)['SHOW DATABASES'] ?? []);

describe('SHOW DATABASES', () => {
  it.each(['1.18.0', '1.25.2'] as const)(
    'shows sizes under one name, whatever a version calls them (%s)',
    (version) => {
      const series = databasesOf(version);
      expect(series.get('db_pool_size{database="app"}')).toBe(1);
      expect(series.get('db_pool_reserve_size{database="reports"}')).toBe(2);
      expect(series.get('db_pool_min_size{database="reports"}')).toBe(1);
      expect(series.get('db_pool_database_server_connections{database="app"}')).toBe(1);
      expect(series.get('db_pool_database_server_connections_limit{database="app"}')).toBe(5);
      expect(series.get('db_pool_paused{database="app"}')).toBe(0);
    },
  );

  it('shows no limit where there is none', () => {
    const series = databasesOf('1.25.2');
    expect(series.get('db_pool_database_client_connections{database="app"}')).toBe(2);
    expect(series.has('db_pool_database_client_connections_limit{database="app"}')).toBe(false);
  });

  it('tells where connections go', () => {
    const info = [...databasesOf('1.18.0').keys()].find((name) =>
      name.startsWith('db_pool_database_info{database="reports"'),
    );
    expect(info).toContain('host="127.0.0.1"');
    expect(info).toContain('server_database="postgres",force_user="postgres",pool_mode="session"');
  });
});
