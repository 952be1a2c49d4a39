import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { stringify } from 'yaml';
import { makeRole, PASSWORD } from '../../../exporters/core/test/watching';
import { submilli } from '../e2e/stack';

jest.setTimeout(120_000);

describe('submilli advise', () => {
  let server: LocalPostgres;
  let config: string;
  beforeAll(async () => {
    server = await startPostgres({ major: 15, installation: '/usr/lib/postgresql/15' });
    await makeRole(server);
    for (const statement of [
      'GRANT pg_read_all_data TO submilli',
      'CREATE EXTENSION pg_stat_statements',
      'CREATE EXTENSION hypopg',
      'CREATE TABLE trades AS SELECT g AS id, g % 2000 AS counterparty_id FROM generate_series(1, 200000) g',
      'VACUUM ANALYZE trades',
    ]) {
      await server.query(statement);
    }
    const client = new Client(server.clientConfig());
    await client.connect();
    for (let id = 0; id < 20; id += 1) {
      await client.query('SELECT count(*) FROM trades WHERE counterparty_id = $1', [id]);
    }
    await client.end();
    config = join(mkdtempSync(join(tmpdir(), 'advise-')), 'submilli.yml');
    const { host, port } = server;
    writeFileSync(
      config,
      stringify({ postgres: [{ name: 'pg', host, port, password: PASSWORD, sslmode: 'disable' }] }),
    );
  }, 180_000);
  afterAll(() => server.stop());

  it('prints what to build, why, at what price, and how to go back', () => {
    const { status, output } = submilli('advise', '--config', config, '--target', 'pg', '--on-primary');
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    expect(output).toMatch(/the planner was asked \d+ times/);
    expect(output).toMatch(/CREATE INDEX CONCURRENTLY IF NOT EXISTS .*\(counterparty_id\)/);
    expect(output).toContain('DROP INDEX CONCURRENTLY IF EXISTS');
    expect(output).toMatch(/SELECT count\(\*\) FROM trades WHERE counterparty_id = \$1/);
  });

  it('says that it only estimates on a primary, unless told to ask', () => {
    expect(submilli('advise', '--config', config, '--target', 'pg').output).toContain('no planner was asked');
  });

  it('names the entries that there are when asked for another', () => {
    const { status, output } = submilli('advise', '--config', config, '--target', 'nobody');
    expect(status).not.toBe(0);
    expect(output).toContain('no entry under postgres is called nobody (there: pg)');
  });
});
