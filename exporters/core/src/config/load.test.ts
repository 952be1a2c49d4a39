import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, parseConfig } from './load';
import { readPassword } from './secrets';

const parse = (text: string, environment: Record<string, string> = {}) =>
  parseConfig(text, 'submilli.yml', environment);

describe('configuration', () => {
  it('is complete when the file is empty', () => {
    const config = parse('');
    expect(config.listen.database).toBe('127.0.0.1:9091');
    expect(config.legacy_metrics).toBe(true);
    expect(config.postgres).toEqual([]);
  });

  it('refuses an unknown key by its path', () => {
    expect(() => parse('postgres:\n  - {name: a, hots: x}')).toThrow('postgres.0: unknown key "hots"');
  });

  it('refuses a bad value with path, value and what was expected', () => {
    expect(() => parse('postgres:\n  - {name: a, port: 70000}')).toThrow(
      /postgres\.0\.port: expected .*65535.*\(got 70000\)/,
    );
    expect(() => parse('listen: {database: 9091}')).toThrow(/listen\.database: expected .* \(got 9091\)/);
  });

  it('reports every problem at once', () => {
    expect(() => parse('log_level: loud\nwindow_seconds: 1')).toThrow(/log_level: .*\n.*window_seconds: /);
  });

  it('refuses time limits that are not nested', () => {
    expect(() => parse('timeouts: {lock_ms: 3000}')).toThrow('lock_ms < statement_ms < scrape_ms');
  });

  it('refuses thresholds that are the wrong way round', () => {
    expect(() => parse('thresholds: {connection_utilization_warning: 91}')).toThrow(
      'thresholds.connection_utilization_warning: expected a value below connection_utilization_critical (90) (got 91)',
    );
  });

  it('refuses a cluster member that is not under postgres, and names used twice', () => {
    expect(() => parse('clusters:\n  - {name: c, postgres: [pg9]}')).toThrow(
      'clusters.0.postgres.0: expected the name',
    );
    expect(() => parse('postgres:\n  - {name: a}\n  - {name: a}')).toThrow(
      'postgres.1.name: expected a name used once',
    );
  });

  it('refuses credentials inside a URL', () => {
    expect(() => parse('clusters:\n  - {name: c, patroni: ["http://u:p@h:8008"]}')).toThrow(
      'a URL without user and password',
    );
    // The same to whoever connects.
    expect(() => parse('clusters:\n  - {name: c, patroni: ["http:///u:p@h:8008"]}')).toThrow(
      'a URL without user and password',
    );
  });

  it('refuses a port that there is not before anybody listens at it', () => {
    expect(() => parse('listen: {database: "127.0.0.1:65536"}')).toThrow('listen.database: expected host:port');
  });

  it('fills in the environment, and refuses a variable that is not set', () => {
    const text = 'postgres:\n  - {name: a, password: "${PGPASS}"}';
    expect(parse(text, { PGPASS: 's3cret' }).postgres[0]?.password).toBe('s3cret');
    expect(() => parse(text)).toThrow('${PGPASS} is used but the environment has no PGPASS');
  });

  it('never repeats a password in an error', () => {
    const bad = () => parse('postgres:\n  - {name: a, password: [hunter2]}');
    expect(bad).toThrow('postgres.0.password');
    expect(bad).not.toThrow('hunter2');
    const both = () => parse('postgres:\n  - {name: a, password: hunter2, password_file: f}');
    expect(both).toThrow('postgres.0: expected either password or password_file, not both');
    expect(both).not.toThrow('hunter2');
    const nobody = () => parse('clusters:\n  - {name: c, patroni: ["http://h:8008"], patroni_password: hunter2}');
    expect(nobody).toThrow('clusters.0.patroni_user: expected the user that the password is for');
    expect(nobody).not.toThrow('hunter2');
  });

  it.each([
    ['a quote that does not end', 'postgres:\n  - name: a\n    password: "hunter2\n    host: b\n'],
    ['a value that begins like an alias', 'postgres:\n  - {name: a, password: *hunter2}'],
    ['a value that begins like a block', 'postgres:\n  - name: a\n    password: |hunter2\n'],
    ['a word too many', 'postgres:\n  - name: a\n    password: "x" hunter2\n'],
    ['a bracket too many', 'postgres:\n  - {name: a, password: hunter2}}'],
    ['a key twice', 'postgres:\n  - {name: a, password: hunter2, password: hunter2}'],
    ['a forgotten colon', 'postgres:\n  - {name: a, password hunter2}'],
    ['a password in a URL', 'clusters:\n  - {name: c, patroni: ["http://u:hunter2@h:8008"]}'],
    ['a URL that is none', 'clusters:\n  - {name: c, patroni: ["u:hunter2@h"]}'],
    ['a password in the URL of etcd', 'clusters:\n  - {name: c, etcd: ["http://u:hunter2@h:2379"]}'],
  ])('repeats no secret because of %s', (_, text) => {
    const bad = () => parse(text);
    expect(bad).toThrow(/^submilli\.yml: /);
    expect(bad).not.toThrow('hunter2');
  });

  it('takes both halves of a client certificate, and a faster beat in an outage than in calm', () => {
    const half = 'clusters:\n  - {name: c, patroni: ["https://h:8008"], patroni_cert_file: c.pem}';
    expect(() => parse(half)).toThrow('both patroni_cert_file and patroni_key_file, or neither');
    expect(() => parse('cluster_sampling_hz: 4\ncluster_outage_sampling_hz: 2')).toThrow(
      'cluster_outage_sampling_hz: expected at least cluster_sampling_hz (4) (got 2)',
    );
  });

  it('says where YAML is broken', () => {
    expect(() => parse('postgres: [')).toThrow(/submilli\.yml: not valid YAML: .*line 1/s);
  });

  it('names the file that cannot be read, and how to give another', () => {
    expect(() => loadConfig('/nowhere/submilli.yml')).toThrow('/nowhere/submilli.yml: cannot read the configuration');
  });

  it('takes paths relative to the file, and reads a password file anew each time', () => {
    const directory = mkdtempSync(join(tmpdir(), 'submilli-config-'));
    const file = join(directory, 'submilli.yml');
    writeFileSync(file, 'postgres:\n  - {name: a, password_file: secret}\n');
    writeFileSync(join(directory, 'secret'), 'one\n');
    const target = loadConfig(file).postgres[0];
    expect(target?.password_file).toBe(join(directory, 'secret'));
    expect(readPassword(target ?? {}, 'a')).toBe('one');
    writeFileSync(join(directory, 'secret'), 'two\n');
    expect(readPassword(target ?? {}, 'a')).toBe('two');
  });

  describe('of a probe', () => {
    const probe = (more: string) =>
      parse(`postgres: [{name: pg1}]\npgbouncer:\n  - {name: p, probe: {database: app, user: canary, ${more}}}`);

    it('has an interval that is bounded, and a server by name or address', () => {
      expect(probe('password: x').pgbouncer[0]?.probe?.interval_seconds).toBe(10);
      expect(probe('direct: pg1').pgbouncer[0]?.probe?.direct).toBe('pg1');
      expect(probe('direct: {host: h}').pgbouncer[0]?.probe?.direct).toMatchObject({ host: 'h', port: 5432 });
      expect(() => probe('interval_seconds: 0.1')).toThrow('pgbouncer.0.probe.interval_seconds');
      expect(() => probe('direct: pg2')).toThrow(
        'pgbouncer.0.probe.direct: expected the name of an entry under postgres',
      );
    });

    it('needs a user of its own, and repeats no password', () => {
      const same = () => parse('pgbouncer:\n  - {name: p, probe: {database: app, user: submilli}}');
      expect(same).toThrow('pgbouncer.0.probe.user: expected a user of its own');
      expect(() => probe('password: [hunter2]')).toThrow('pgbouncer.0.probe.password');
      expect(() => probe('password: [hunter2]')).not.toThrow('hunter2');
    });
  });
});
