import { setupRoleSql } from './setup-role';

describe('setup-role', () => {
  it('makes a role that can only read statistics, and carries no password', () => {
    const sql = setupRoleSql({ role: 'submilli', databases: ['app'] });
    expect(sql).toContain('GRANT pg_monitor TO "submilli";');
    expect(sql).toContain('NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 18');
    expect(sql).not.toMatch(/PASSWORD '/);
  });

  it('quotes names that would break out of the statement', () => {
    const sql = setupRoleSql({ role: `x"; DROP ROLE y; --`, databases: [] });
    expect(sql).toContain('ALTER ROLE "x""; DROP ROLE y; --" NOSUPERUSER');
  });
});
