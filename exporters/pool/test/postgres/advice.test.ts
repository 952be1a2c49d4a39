import { type Advice, createTarget, type Shared, silentLogger, systemClock, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import { scrapeUntil } from '../../../core/test/watching';
import { poolExporter } from '../../src';
import type { PoolFacts } from '../../src/source';
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
      // Six clients always want a server: one is busy, about five wait; a seventh server nobody could use.
      expect(wanted).toBeGreaterThanOrEqual(5);
      expect(wanted).toBeLessThanOrEqual(6);
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

  describe('beside a server that takes few', () => {
    let shared: readonly Shared[] = [];
    let target: Target<PoolFacts>;
    let admin: Client;
    const watching = (user: keyof typeof users): Target<PoolFacts> => {
      const config = configFor(pgbouncer.port, { user, password: users[user] });
      const [found] = poolExporter.targets(config, systemClock);
      if (found === undefined) throw new Error('the configuration has no target');
      return createTarget({
        ...{ ...found, registry: poolExporter.registry, config, clock: systemClock, log: silentLogger },
        ...{ random: () => 0, shared: () => shared },
      });
    };
    const found = (rule: string) => (target.view().advice?.found ?? []).filter((advice) => advice.rule === rule);
    const until = async (rule: string): Promise<Advice | undefined> => {
      await scrapeUntil(target, () => found(rule).length > 0);
      return found(rule)[0];
    };

    beforeAll(async () => {
      admin = new Client({
        ...{ host: '127.0.0.1', port: pgbouncer.port, database: 'pgbouncer' },
        ...{ user: 'pgbouncer', password: users.pgbouncer },
      });
      await admin.connect();
      target = watching('submilli');
    });
    afterAll(async () => {
      await target.close();
      await admin.end();
    });

    it('finds pools that may ask more of it than it has', async () => {
      shared = [{ kind: 'server-room', host: server.host, port: server.port, limit: 0 }];
      expect((await until('pools-exceed-server'))?.title).toContain('it takes 0');
    });

    it('finds a database that was paused and forgotten, until it is resumed', async () => {
      await admin.query('PAUSE app');
      expect((await until('paused'))?.action.text).toBe('RESUME app;');
      await admin.query('RESUME app');
      await scrapeUntil(target, () => found('paused').length === 0);
      expect(found('paused')).toEqual([]);
    });

    it('finds that who only watches may command', async () => {
      await target.close();
      target = watching('pgbouncer');
      expect(await until('watcher-commands')).toMatchObject({ subject: 'pgbouncer', severity: 'warning' });
    });
  });
});
