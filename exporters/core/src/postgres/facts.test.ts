import { planPostgres, type PostgresFacts } from './facts';

const facts: PostgresFacts = {
  versionNumber: 150018,
  systemIdentifier: '7',
  role: 'primary',
  user: 'submilli',
  database: 'app',
  monitor: true,
  encrypted: true,
  extensions: new Map([['pg_stat_statements', 'public']]),
  functions: new Set(['pg_hba_file_rules()']),
};

describe('planning on PostgreSQL', () => {
  it('runs what the server offers', () => {
    const needs = {
      postgres: { min: 15, max: 16 },
      role: 'primary',
      privilege: 'pg_monitor',
      extension: 'pg_stat_statements',
    } as const;
    expect(planPostgres(needs, facts)).toBeUndefined();
  });

  it('names the grant that a restricted function takes, in the database it is one of', () => {
    expect(planPostgres({ execute: 'pg_hba_file_rules()' }, facts)).toBeUndefined();
    expect(planPostgres({ execute: 'pg_show_all_file_settings()' }, { ...facts, user: 'Me' })).toMatchObject({
      reason: 'grant',
      remedy:
        'in database app, as a superuser: GRANT EXECUTE ON FUNCTION pg_catalog.pg_show_all_file_settings() TO "Me";',
    });
  });

  it('says which version it would take', () => {
    expect(planPostgres({ postgres: { min: 16 } }, facts)?.detail).toBe('needs PostgreSQL 16 or newer, this is 15');
  });

  it('refuses servers older than the oldest supported one', () => {
    expect(planPostgres({}, { ...facts, versionNumber: 130010 })?.reason).toBe('version');
  });

  it('gives the exact statement that would help', () => {
    expect(planPostgres({ privilege: 'pg_monitor' }, { ...facts, monitor: false, user: 'My role' })?.remedy).toBe(
      'as a superuser: GRANT pg_monitor TO "My role";',
    );
    expect(planPostgres({ extension: 'hypopg' }, facts)?.remedy).toContain('CREATE EXTENSION hypopg;');
  });

  it('says what it takes to be encrypted', () => {
    expect(planPostgres({ tls: true }, facts)).toBeUndefined();
    const skip = planPostgres({ tls: true }, { ...facts, encrypted: false });
    expect(skip).toMatchObject({ reason: 'configuration', remedy: expect.stringContaining('ssl = on') as unknown });
  });

  it('offers no remedy for what is no fault', () => {
    expect(planPostgres({ role: 'standby' }, facts)).toMatchObject({ reason: 'role', remedy: null });
  });
});
