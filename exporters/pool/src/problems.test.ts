import { Problem } from '@submilli/core';
import { explain, explainClient } from './problems';

const explained = (words: string): Problem => {
  const problem = explain(new Problem('other', { what: `${words} (SQLSTATE 08P01)` }), 'pool', 'watcher');
  if (!(problem instanceof Problem)) throw new Error('not a problem');
  return problem;
};

describe('PgBouncer’s errors', () => {
  it.each([
    ['not allowed', 'permission', 'Add watcher to stats_users'],
    ['no such user: watcher', 'authentication', 'auth_file'],
    ['SASL authentication failed', 'authentication', 'Check password'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'authentication', 'password_file'],
    ['unsupported startup parameter: options', 'other', 'PGOPTIONS'],
    ['unsupported startup parameter in options: lock_timeout', 'other', 'ignore_startup_parameters'],
    ['no more connections allowed (max_client_conn)', 'connection', 'raise the limit'],
    ['SSL required', 'connection', 'sslmode'],
    ['server shutting down', 'connection', 'tried again'],
    ['database "pgbouncer" does not exist', 'data', 'PostgreSQL answers there'],
    [`invalid command 'SHOW STATE', use SHOW HELP;`, 'missing', 'version of PgBouncer'],
  ])('are told apart by their words: %s', (words, kind, remedy) => {
    const problem = explained(words);
    expect(problem.kind).toBe(kind);
    expect(problem.message).toBe(`pool: ${words}`);
    expect(problem.hint).toContain(remedy);
  });

  it('that nobody foresaw stay as they are', () => {
    const error = new Problem('other', { what: 'the moon is full' });
    expect(explain(error, 'pool', 'watcher')).toBe(error);
    expect(explain('a string', 'pool', 'watcher')).toBe('a string');
  });

  it.each([
    ['query_wait_timeout', 'timeout', 'which limit'],
    ['server login has been failing, try again later (server_login_retry)', 'connection', 'its log says why'],
    ['no such database: ap', 'missing', '[databases]'],
    ['password authentication failed', 'authentication', 'auth_file'],
    ['no more connections allowed (max_client_conn)', 'connection', 'raise the limit'],
  ])('to a client of a database are too: %s', (words, kind, remedy) => {
    const problem = explainClient(new Problem('other', { what: `${words} (SQLSTATE 08P01)` }), 'probe', 'canary');
    expect(problem).toMatchObject({ kind, hint: expect.stringContaining(remedy) as string });
    expect(String((problem as Problem).hint)).not.toContain('stats_users');
  });
});
