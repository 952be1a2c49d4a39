import { type Drift, hashOf, isServers, noDrift, type Setting, shown, takeSettings as take } from './drift';

const setting = (name: string, value: string, source = 'configuration file'): Setting => ({
  ...{ name, setting: value, source },
  ...{ unit: null, context: 'sighup', pending_restart: false },
});

const takeSettings = (before: Drift, settings: readonly Setting[], at: number): Drift =>
  take(before, settings, at, true);

describe('the drift of settings', () => {
  it('is what changed since they were first seen, each change once, with when', () => {
    const first = takeSettings(noDrift, [setting('work_mem', '4096'), setting('jit', 'on')], 0);
    expect(first.changes).toEqual([]);
    const second = takeSettings(first, [setting('work_mem', '8192'), setting('jit', 'on')], 1000);
    expect(takeSettings(second, second.settings, 2000).changes).toEqual([
      { name: 'work_mem', before: '4096', after: '8192', at: '1970-01-01T00:00:01.000Z' },
    ]);
    expect(second.changedAt).toBe(1000);
    expect(hashOf(second.settings)).not.toBe(hashOf(first.settings));
  });

  it('does not depend on the order, nor on what holds for our own session only', () => {
    const settings = [setting('a', '1'), setting('b', '2')];
    const own = setting('statement_timeout', '2000', 'client');
    expect(hashOf([...settings].reverse())).toBe(hashOf(settings));
    expect(hashOf([...settings, own])).toBe(hashOf(settings));
    expect(takeSettings(takeSettings(noDrift, settings, 0), [...settings, own], 1).changes).toEqual([]);
  });

  it('says that a secret changed, and nothing of it', () => {
    const first = takeSettings(noDrift, [setting('primary_conninfo', 'password=hunter1')], 0);
    const { changes } = takeSettings(first, [setting('primary_conninfo', 'password=hunter2')], 1);
    expect(changes).toMatchObject([{ name: 'primary_conninfo', before: '(hidden)', after: '(hidden)' }]);
    expect(JSON.stringify(changes)).not.toContain('hunter');
  });

  it('remembers a bounded number of changes, the latest', () => {
    let drift = takeSettings(noDrift, [setting('a', '0')], 0);
    for (let i = 1; i <= 500; i += 1) drift = takeSettings(drift, [setting('a', String(i))], i);
    expect(drift.changes).toHaveLength(200);
    expect(drift.changes.at(-1)).toMatchObject({ after: '500' });
  });

  it('takes no setting for changed that we were not allowed to see before, or no longer are', () => {
    const visible = setting('work_mem', '4096');
    const all = [visible, setting('log_directory', 'log')];
    const before = take(noDrift, [visible], 0, false);
    const granted = take(before, all, 1, true);
    expect(granted.changes).toEqual([]);
    const revoked = take(granted, [setting('work_mem', '8192')], 2, false);
    expect(revoked.changes.map(({ name }) => name)).toEqual(['work_mem']);
  });

  it('counts what the server works out at its start, not what our transaction does', () => {
    expect(isServers(setting('wal_buffers', '128', 'override'))).toBe(true);
    expect(isServers(setting('transaction_isolation', 'read committed', 'override'))).toBe(false);
  });

  it.each([
    ['primary_conninfo', 'host=a', '(hidden)'],
    ['primary_conninfo', '', ''],
    ['some.dsn', 'host=a user=b Password = c', '(hidden)'],
    ['some.url', 'https://user:word@example.org/', '(hidden)'],
    ['some.options', '{"api_key": "abc"}', '(hidden)'],
    ['some.url', 'https://example.org:8080/path', 'https://example.org:8080/path'],
    ['password_encryption', 'scram-sha-256', 'scram-sha-256'],
    ['log_line_prefix', '%m [%p] %q%u@%d ', '%m [%p] %q%u@%d '],
  ])('shows %s = %s as %s', (name, value, as) => {
    expect(shown(name, value)).toBe(as);
  });
});
