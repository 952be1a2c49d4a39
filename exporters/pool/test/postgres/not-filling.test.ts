import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { scrapeUntil } from '../../../core/test/watching';
import { type LocalPgbouncer, startPgbouncer } from './pgbouncer';
import { configFor, users, watch } from './watching';

jest.setTimeout(60_000);

describe('advice about a pool that its server gives too few connections', () => {
  let server: LocalPostgres;
  let pgbouncer: LocalPgbouncer;

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    await server.query(`CREATE ROLE narrow LOGIN PASSWORD 'narrow' CONNECTION LIMIT 1`);
    const line = `narrow = host=${server.host} port=${server.port} dbname=postgres user=narrow password=narrow pool_size=4`;
    pgbouncer = await startPgbouncer(server, users, { databases: [line] });
  }, 180_000);
  afterAll(async () => {
    await pgbouncer.remove();
    await server.stop();
  });

  it('says that it does not fill, instead of asking for a larger one', async () => {
    const target = watch({
      ...configFor(pgbouncer.port),
      ...{ pool_sampling_hz: 1, sample_interval_seconds: 0.5, window_seconds: 10 },
    });
    const clients = Array.from(
      { length: 3 },
      () =>
        new Client({
          ...{ host: '127.0.0.1', port: pgbouncer.port, database: 'narrow' },
          ...{ user: 'trader', password: users.trader },
        }),
    );
    const advice = (rule: string) => (target.view().advice?.found ?? []).filter((found) => found.rule === rule);
    let busy = true;
    let working: Promise<void>[] = [];
    try {
      for (const client of clients) await client.connect();
      working = clients.map(async (client) => {
        while (busy) await client.query('SELECT pg_sleep(0.05)');
      });
      await scrapeUntil(target, () => advice('pool-not-filling').length > 0);
      const [found] = advice('pool-not-filling');
      expect(found).toMatchObject({ subject: 'narrow narrow', severity: 'critical' });
      expect(found?.evidence).toContainEqual({ label: 'pool_size', value: 4, unit: '' });
      expect(found?.why).toContain('server_login_retry');
      expect(advice('without-server')).toEqual([]);
      expect(advice('pool-size')).toEqual([]);
    } finally {
      busy = false;
      await Promise.all(working);
      await Promise.all(clients.map((client) => client.end()));
      await target.close();
    }
  });
});
