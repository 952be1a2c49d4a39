import { createServer, type Server } from 'node:http';
import { type Config, configSchema, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { collectorsFailing, makeRole, PASSWORD, scrapeUntil, valueOf, watch } from '../../../core/test/watching';
import { haExporter } from '../../src';

jest.setTimeout(120_000);

/** A port on which nothing listens. */
const NOBODY = 1;

const configFor = (servers: readonly { readonly host: string; readonly port: number }[], more: object = {}): Config =>
  configSchema.parse({
    postgres: servers.map(({ host, port }, i) => ({
      ...{ name: `pg${i + 1}`, host, port },
      ...{ password: PASSWORD, sslmode: 'disable' },
    })),
    clusters: [{ name: 'main', postgres: servers.map((_, i) => `pg${i + 1}`), ...more }],
    timeouts: { connect_ms: 1000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

const connected = (text: string): Record<string, number> =>
  Object.fromEntries(
    [...text.matchAll(/^db_replication_connected\{replica="([^"]+)"\} (\d)$/gm)].map(([, name = '', value]) => [
      name,
      Number(value),
    ]),
  );
const all = (text: string, n: number, value = 1): boolean =>
  Object.values(connected(text)).filter((one) => one === value).length === n;

describe('a cluster of streaming replication alone', () => {
  let primary: LocalPostgres;
  let standby: LocalPostgres;
  let twin: LocalPostgres;
  let cascaded: LocalPostgres;
  let target: Target;

  beforeAll(async () => {
    primary = await startPostgres({ major: 15 });
    await makeRole(primary);
    standby = await primary.standby({ settings: { cluster_name: 'same' } });
    twin = await primary.standby({ settings: { cluster_name: 'same' } });
    // Both under one application_name, as two standbys have that were set up alike.
    for (const [one, name] of [
      [standby, standby.port],
      [twin, twin.port],
    ] as const) {
      await one.query(
        `ALTER SYSTEM SET primary_conninfo = '${`host=${primary.host} port=${primary.port} user=${primary.superuser} passfile=${one.dataDir}/replication.pass application_name=walreceiver`}'`,
      );
      await one.query(`ALTER SYSTEM SET primary_slot_name = 'standby_${name}'`);
      await one.query('SELECT pg_reload_conf()');
    }
    cascaded = await standby.standby({ name: 'far' });
    target = watch(haExporter, configFor([primary, standby, twin, cascaded]));
  }, 240_000);
  afterAll(async () => {
    await target.close();
    for (const server of [cascaded, twin, standby, primary]) await server.stop();
  });

  it('shows two standbys of one name as the two that they are, and a cascaded one as connected', async () => {
    const text = await scrapeUntil(target, (seen) => all(seen, 3));
    expect(collectorsFailing(text)).toEqual([]);
    expect(connected(text)).toEqual({ pg2: 1, pg3: 1, pg4: 1 });
    expect(text).toContain('db_replication_upstream{replica="pg4",upstream="pg2"} 1');
    expect(text).toContain('db_replication_upstream{replica="pg2",upstream="pg1"} 1');
    const caught = await scrapeUntil(
      target,
      (seen) => valueOf(seen, 'db_replication_replay_lag_bytes{replica="pg4"}') === 0,
    );
    expect(valueOf(caught, 'db_replication_replay_lag_bytes{replica="pg4"}')).toBe(0);
    expect(valueOf(text, 'db_ha_member_role{member="pg1",role="leader"}')).toBe(1);
    expect(valueOf(text, 'db_ha_member_role{member="pg3",role="replica"}')).toBe(1);
    expect(valueOf(text, 'db_ha_leader_present')).toBe(1);
    expect(valueOf(text, 'db_ha_expected_members')).toBe(4);
    expect(valueOf(text, 'db_ha_timeline_divergence')).toBe(0);
  });

  it('holds one connection to each server', async () => {
    const [row] = await primary.query<{ n: string }>(
      "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'submilli/ha'",
    );
    expect(Number(row?.n)).toBe(1);
  });

  it('knows a standby that is configured as lost, although it was never seen', async () => {
    const fresh = watch(haExporter, configFor([primary, { host: '127.0.0.1', port: NOBODY }]));
    const text = await scrapeUntil(fresh, (seen) => 'pg2' in connected(seen));
    expect(connected(text).pg2).toBe(0);
    expect(valueOf(text, 'db_ha_member_missing{member="pg2"}')).toBe(1);
    await fresh.close();
  });

  it('sees two primaries where Patroni says one, since it asks the servers themselves', async () => {
    const list = { members: [{ name: 'pg1', role: 'leader', state: 'running', timeline: 1 }] };
    const patroni = createServer((request, answer) =>
      answer.end(request.url === '/cluster' ? JSON.stringify(list) : '{}'),
    );
    const [confused, sane] = [
      await listening(createServer((_, answer) => answer.end('{"members": 5}'))),
      await listening(patroni),
    ];
    await twin.query('SELECT pg_promote()');
    const split = watch(haExporter, configFor([primary, twin], { patroni: [confused.url, sane.url] }));
    const text = await scrapeUntil(split, (seen) => valueOf(seen, 'db_ha_primaries') === 2);
    expect(valueOf(text, 'db_ha_primaries')).toBe(2);
    expect(valueOf(text, 'db_ha_timeline_divergence')).toBe(1);
    // The first member answered nonsense, and the next was asked.
    expect(collectorsFailing(text)).not.toContain('cluster');
    // The one on the highest timeline is the one that counts.
    expect(text).toMatch(/^db_replication_replicas 0$/m);
    await split.close();
    for (const { server } of [confused, sane]) server.close();
  });

  it('does not go on to miss a standby under its old name once it is promoted', async () => {
    await primary.stop('immediate');
    await standby.query('SELECT pg_promote()');
    const fresh = watch(haExporter, configFor([standby, cascaded]));
    const text = await scrapeUntil(fresh, (seen) => all(seen, 1));
    expect(connected(text)).toEqual({ pg2: 1 });
    await fresh.close();
    const after = await scrapeUntil(target, (seen) => connected(seen).pg1 === 0);
    expect(connected(after)).toMatchObject({ pg1: 0, pg4: 1 });
  });
});

const listening = (server: Server): Promise<{ server: Server; url: string }> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, url: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}` });
    });
  });
