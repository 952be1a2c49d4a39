import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, supportedMajors, type LocalPostgres } from '../../src/index';

jest.setTimeout(120_000);

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds().catch(() => false))) await sleep(50);
};

describe.each(supportedMajors)('PostgreSQL %i', (major) => {
  let primary: LocalPostgres;

  beforeAll(async () => {
    primary = await startPostgres({ major, settings: { work_mem: '3MB' } });
  });
  afterAll(async () => {
    await primary.stop('immediate');
    expect(existsSync(primary.dataDir)).toBe(false);
  });

  it('answers with its own major and the settings asked for', async () => {
    const [row] = await primary.query(`SELECT current_setting('server_version_num')::int / 10000 AS major,
      current_setting('work_mem') AS work_mem, current_setting('listen_addresses') AS listens`);
    expect(row).toEqual({ major, work_mem: '3MB', listens: '127.0.0.1' });
  });

  it('counts statements and lets nobody in without the password', async () => {
    await primary.query('CREATE EXTENSION pg_stat_statements');
    expect(await primary.query('SELECT 1 FROM pg_stat_statements LIMIT 1')).toHaveLength(1);
    const { Client } = await import('pg');
    const stranger = new Client(primary.clientConfig({ password: 'guess' }));
    await expect(stranger.connect()).rejects.toThrow('password authentication failed');
  });

  it('streams to a standby, which can be promoted', async () => {
    await primary.query('CREATE TABLE ledger AS SELECT generate_series(1, 1000) AS id');
    const standby = await primary.standby({ name: 'second' });
    try {
      const [streaming] = await primary.query(
        `SELECT application_name, state FROM pg_stat_replication WHERE application_name = 'second'`,
      );
      expect(streaming).toEqual({ application_name: 'second', state: 'streaming' });
      await primary.query('INSERT INTO ledger VALUES (-1)');
      await until(async () => (await standby.query('SELECT FROM ledger WHERE id = -1')).length === 1);
      const [conninfo] = await standby.query<{ text: string }>(`SELECT current_setting('primary_conninfo') AS text`);
      expect(conninfo?.text).not.toContain(primary.password);
      await standby.query('SELECT pg_promote()');
      await standby.query('INSERT INTO ledger VALUES (-2)');
    } finally {
      await standby.stop('immediate');
    }
  });

  it('comes back with its data after a kill -9, on the same port', async () => {
    await primary.query('CREATE TABLE kept AS SELECT 1 AS id');
    await primary.kill();
    await expect(primary.query('SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await primary.restart({ work_mem: '5MB' });
    expect(await primary.query(`SELECT id, current_setting('work_mem') AS work_mem FROM kept`)).toEqual([
      { id: 1, work_mem: '5MB' },
    ]);
  });
});
