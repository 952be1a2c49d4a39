import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { scrapeUntil } from '../../../core/test/watching';
import { type LocalPgbouncer, startPgbouncer } from './pgbouncer';
import { configFor, users, watch } from './watching';

jest.setTimeout(60_000);

describe('advice about a real PgBouncer', () => {
  let server: LocalPostgres;
  let pgbouncer: LocalPgbouncer;

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    pgbouncer = await startPgbouncer(server, users, { settings: ['query_timeout = 50'] });
  }, 180_000);
  afterAll(async () => {
    await pgbouncer.remove();
    await server.stop();
  });

  it('finds a pool of one too small for six clients, by how much, and what else is wrong', async () => {
    const config = {
      ...configFor(pgbouncer.port),
      pool_sampling_hz: 4,
      sample_interval_seconds: 0.5,
      window_seconds: 10,
    };
    const target = watch(config);
    const clients = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const client = new Client({
          ...{ host: '127.0.0.1', port: pgbouncer.port, database: 'app' },
          ...{ user: 'trader', password: users.trader },
        });
        await client.connect();
        return client;
      }),
    );
    let busy = true;
    const working = clients.map(async (client) => {
      while (busy) await client.query('SELECT pg_sleep(0.02)');
    });
    const advice = (rule: string) => (target.view().advice?.found ?? []).filter((found) => found.rule === rule);
    try {
      await scrapeUntil(target, () => advice('pool-size').length > 0);
      const wanted = Number(/pool_size=(\d+)/.exec(advice('pool-size')[0]?.action.text ?? '')?.[1]);
      // Six clients always want a server: one is busy, about five wait. Six, and what chance may bring.
      expect(wanted).toBeGreaterThanOrEqual(5);
      expect(wanted).toBeLessThanOrEqual(14);
      expect(advice('pool-timeouts').map(({ subject }) => subject)).toContain('query_timeout');
      expect(advice('prepared-statements')).toHaveLength(1);
      for (const { reason } of target.view().advice?.notEvaluated ?? []) {
        expect(reason).not.toContain('the rule itself failed');
      }
    } finally {
      busy = false;
      await Promise.all(working);
      await Promise.all(clients.map((client) => client.end()));
      await target.close();
    }
  });
});
