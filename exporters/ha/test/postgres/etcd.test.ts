import { configSchema, type Target } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { collectorsFailing, makeRole, PASSWORD, scrapeUntil, valueOf, watch } from '../../../core/test/watching';
import { haExporter } from '../../src';
import { startEtcd } from '../etcd-cluster';

jest.setTimeout(90_000);

describe.each([
  ['as a client', 'urls'],
  ['where it tells of health and metrics only', 'metricsUrls'],
] as const)('the store of a cluster, asked %s', (_, urls) => {
  let server: LocalPostgres;
  let store: Awaited<ReturnType<typeof startEtcd>>;
  let target: Target;

  beforeAll(async () => {
    [server, store] = await Promise.all([startPostgres({ major: 15 }), startEtcd(3)]);
    await makeRole(server);
    target = watch(
      haExporter,
      configSchema.parse({
        postgres: [{ name: 'pg1', port: server.port, password: PASSWORD, sslmode: 'disable' }],
        clusters: [{ name: 'main', postgres: ['pg1'], etcd: store[urls] }],
      }),
    );
  }, 120_000);
  afterAll(async () => {
    await target.close();
    await store.stop();
    await server.stop();
  });

  const sum = (text: string, name: string): number =>
    [...text.matchAll(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );

  it('has three voters, one leader, and can lose one; each answers through the quorum, and tells of its disk', async () => {
    const text = await scrapeUntil(target, (seen) => sum(seen, 'db_ha_etcd_up') === 3);
    expect(collectorsFailing(text)).toEqual([]);
    expect(valueOf(text, 'db_ha_etcd_members')).toBe(3);
    expect(valueOf(text, 'db_ha_etcd_quorum_margin')).toBe(1);
    expect(sum(text, 'db_ha_etcd_leader')).toBe(1);
    expect(text.match(/^db_ha_etcd_read_seconds\{/gm)).toHaveLength(3);
    expect(sum(text, 'db_ha_etcd_wal_fsync_seconds_count')).toBeGreaterThan(0);
    expect(sum(text, 'db_ha_etcd_database_bytes')).toBeGreaterThan(0);
    expect(text).toMatch(/^db_ha_etcd_info\{.*version="3\.\d+\.\d+"\} 1$/m);
  });

  it('can lose no other once one is lost, and decides nothing once two are', async () => {
    await store.kill(0);
    const one = await scrapeUntil(target, (seen) => valueOf(seen, 'db_ha_etcd_quorum_margin') === 0);
    expect(valueOf(one, 'db_ha_etcd_quorum_margin')).toBe(0);
    expect(sum(one, 'db_ha_etcd_up')).toBe(2);
    await store.kill(1);
    const two = await scrapeUntil(target, (seen) => sum(seen, 'db_ha_etcd_up') === 0);
    expect(sum(two, 'db_ha_etcd_up')).toBe(0);
    expect(two).not.toMatch(/^db_ha_etcd_read_seconds\{/m);
    expect(valueOf(two, 'db_ha_readiness_blocked{reason="store-unavailable"}')).toBe(1);
    expect(valueOf(two, 'db_ha_ready_ratio')).toBe(0);
  });
});
