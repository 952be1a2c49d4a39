import { isSameOption, isSameSetting } from './live';

describe('a setting as a file writes it and as a server shows it', () => {
  it.each([
    ['work_mem', '65536', '64MB', true],
    ['work_mem', '64MB', '65536kB', true],
    ['work_mem', '64MB', '4MB', false],
    ['shared_buffers', '16384', '128MB', true],
    ['checkpoint_timeout', '300', '5min', true],
    ['checkpoint_timeout', '5min', '300s', true],
    ['statement_timeout', '0', '0', true],
    ['random_page_cost', '1.10', '1.1', true],
    ['random_page_cost', '1.1', '4', false],
    ['autovacuum', 'yes', 'on', true],
    ['autovacuum', 'no', 'on', false],
    ['synchronous_commit', 'true', 'on', true],
    ['synchronous_commit', 'remote_apply', 'on', false],
    ['wal_level', 'LOGICAL', 'logical', true],
    ['wal_compression', 'on', 'pglz', true],
    ['wal_compression', 'on', 'lz4', false],
    // The server chooses, and shows what it chose.
    ['wal_buffers', '-1', '4MB', true],
    ['wal_buffers', '16MB', '4MB', false],
    ['shared_preload_libraries', 'pg_stat_statements,auto_explain', 'pg_stat_statements, auto_explain', true],
    ['search_path', '"$user", public', '$user,public', true],
    ['hba_file', 'pg_hba.conf', '/var/lib/postgresql/15/main/pg_hba.conf', true],
    ['archive_command', 'true', 'false', false],
    ['archive_command', '', 'cp %p /backup/%f', false],
    ['pg_stat_statements.max', '5000', '5000', true],
    ['pg_stat_statements.track_planning', 'yes', 'on', true],
    ['pg_stat_statements.max', '5000', '10000', false],
  ])('%s = %j shown as %j: the same, %s', (name, written, shown, expected) => {
    expect(isSameSetting(name, written, shown)).toBe(expected);
  });

  it.each([
    ['600.0', '600', true],
    ['yes', '1', true],
    ['no', '1', false],
    ['admin, dba', 'admin,dba', true],
    ['', '0', false],
    ['20', '40', false],
  ])('of PgBouncer: %j shown as %j: the same, %s', (written, shown, expected) => {
    expect(isSameOption(written, shown)).toBe(expected);
  });
});
