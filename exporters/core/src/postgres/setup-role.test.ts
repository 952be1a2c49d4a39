import { setupRoleSql } from './setup-role';

describe('setup-role', () => {
  it('makes a role that can only read statistics, and carries no password', () => {
    const sql = setupRoleSql({ role: 'submilli', databases: ['app'] });
    expect(sql).toContain('GRANT pg_monitor TO "submilli";');
    expect(sql).toContain('NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 18');
    expect(sql).not.toMatch(/PASSWORD '/);
  });

  it('lets the role read the log through the server only when asked to, by a function that reads nothing else', () => {
    expect(setupRoleSql({ role: 'submilli', databases: ['app'] })).not.toContain('read_log');
    const sql = setupRoleSql({ role: 'submilli', databases: ['app'], readLog: true });
    expect(sql).toContain('GRANT EXECUTE ON FUNCTION submilli.read_log(text, int8, int8) TO "submilli";');
    expect(sql).toContain('REVOKE ALL ON FUNCTION submilli.read_log(text, int8, int8) FROM PUBLIC;');
    expect(sql).not.toMatch(/GRANT .*pg_read/);
  });

  it('stops where the schema is not its own, before it makes anything there', () => {
    const sql = setupRoleSql({ role: 'submilli', databases: ['app'], readLog: true, canary: true });
    const [stop, refusal, table] = ['\\set ON_ERROR_STOP on', 'RAISE EXCEPTION', 'CREATE TABLE'].map((text) =>
      sql.indexOf(text),
    );
    expect(stop).toBeGreaterThan(0);
    expect(refusal).toBeGreaterThan(stop ?? NaN);
    expect(table).toBeGreaterThan(refusal ?? NaN);
  });

  it('quotes names that would break out of the statement', () => {
    const sql = setupRoleSql({ role: `x"; DROP ROLE y; --`, databases: [] });
    expect(sql).toContain('ALTER ROLE "x""; DROP ROLE y; --" NOSUPERUSER');
  });
});
