import { createServer, type RequestListener, type Server } from 'node:http';
import { type Config, configSchema, type Target, type TargetView, topologyAnswer } from '@submilli/core';
import { type LocalPostgres, startPostgres, supportedMajors } from '@submilli/local-postgres';
import {
  collectorsFailing,
  makeRole,
  PASSWORD,
  scrape,
  scrapeUntil,
  streamBackup,
  valueOf,
  watch as watchWith,
} from '../../../core/test/watching';
import { haExporter } from '../../src';
import type { HaFacts } from '../../src/source';

jest.setTimeout(90_000);

const configFor = (servers: readonly LocalPostgres[], patroni: readonly string[] = []): Config =>
  configSchema.parse({
    postgres: servers.map(({ host, port }, i) => ({
      name: `pg${i + 1}`,
      host,
      port,
      password: PASSWORD,
      sslmode: 'disable',
    })),
    clusters: [{ name: 'main', patroni, postgres: servers.map((_, i) => `pg${i + 1}`) }],
    timeouts: { connect_ms: 1000, lock_ms: 100, statement_ms: 1000, scrape_ms: 4000 },
  });

const watch = (config: Config): Target => watchWith(haExporter, config);

const connectedSeries = (text: string): string[] => text.match(/^db_replication_connected\{.*$/gm) ?? [];

describe.each(supportedMajors)('the ha exporter on PostgreSQL %i, by streaming replication alone', (major) => {
  let primary: LocalPostgres;
  let standby: LocalPostgres;
  let target: Target;

  beforeAll(async () => {
    primary = await startPostgres({ major });
    await makeRole(primary);
    standby = await primary.standby();
    target = watch(configFor([standby, primary]));
  }, 180_000);
  afterAll(async () => {
    await target.close();
    await standby.stop();
    await primary.stop();
  });

  it('finds the primary among the servers and shows the replica’s lag, the promised names with it', async () => {
    const text = await scrapeUntil(target, (t) => valueOf(t, 'db_replication_replicas') === 1);
    expect(collectorsFailing(text)).toEqual([]);
    expect(connectedSeries(text)).toHaveLength(1);
    const replica = /replica="([^"]+)"/.exec(connectedSeries(text)[0] ?? '')?.[1] ?? '';
    await primary.query('CREATE TABLE IF NOT EXISTS moved AS SELECT g FROM generate_series(1, 1000) g');
    const series = `{master="pg2",replica="${replica}"}`;
    const caught = await scrapeUntil(target, (t) => valueOf(t, `db_replication_lag_bytes${series}`) === 0);
    expect(valueOf(caught, `db_replication_lag_bytes${series}`)).toBe(0);
    expect(valueOf(caught, `db_replication_lag_seconds${series}`)).toBeGreaterThanOrEqual(0);
    expect(valueOf(caught, `db_replication_replay_lag_bytes{replica="${replica}"}`)).toBe(0);
    expect(caught).toContain('db_exporter_collector_skipped{collector="cluster",reason="configuration"} 1');
    topologyAnswer.parse(haExporter.resources[0]?.answer(target.view() as TargetView<HaFacts>));
  });

  it('shows a lag that grows while the replica does not replay', async () => {
    await standby.query('SELECT pg_wal_replay_pause()');
    await primary.query('CREATE TABLE IF NOT EXISTS lagging AS SELECT g FROM generate_series(1, 5000) g');
    const lag = (text: string): number => Number(/^db_replication_lag_bytes\{.*\} (\S+)$/m.exec(text)?.[1] ?? 0);
    expect(lag(await scrapeUntil(target, (text) => lag(text) > 0))).toBeGreaterThan(0);
    await standby.query('SELECT pg_wal_replay_resume()');
  });

  it('does not take the WAL that a base backup streams for a replica, which would be lost once it is done', async () => {
    const backup = await streamBackup(primary);
    for (let i = 0; i < 3; i += 1) expect(connectedSeries(await scrape(target))).toHaveLength(1);
    expect(await backup.isStreaming()).toBe(true);
    await backup.end();
  });

  it('shows a replica that went away as lost, and found again when it is back', async () => {
    await standby.kill();
    const lost = await scrapeUntil(target, (text) => connectedSeries(text).some((line) => line.endsWith(' 0')));
    expect(connectedSeries(lost).map((line) => line.slice(-1))).toEqual(['0']);
    expect(lost).not.toMatch(/^db_replication_lag_/m);
    await standby.restart();
    const back = await scrapeUntil(target, (text) => connectedSeries(text).some((line) => line.endsWith(' 1')));
    expect(connectedSeries(back).map((line) => line.slice(-1))).toEqual(['1']);
  });

  it('follows the primary when the standby is promoted', async () => {
    await primary.kill();
    await standby.query('SELECT pg_promote()');
    const text = await scrapeUntil(target, (t) => collectorsFailing(t).length === 0 && t.includes('db_exporter_up 1'));
    expect(collectorsFailing(text)).toEqual([]);
    const answer = haExporter.resources[0]?.answer(target.view() as TargetView<HaFacts>);
    expect(answer).toMatchObject({ primary: 'pg1' });
  });
});

describe('the ha exporter and a Patroni that talks nonsense', () => {
  let server: LocalPostgres;
  let peer: Server | undefined;

  beforeAll(async () => {
    server = await startPostgres({ major: 17 });
    await makeRole(server);
  }, 180_000);
  afterEach(() => {
    peer?.closeAllConnections();
    peer?.close();
  });
  afterAll(() => server.stop());

  const listen = (listener: RequestListener): Promise<string> =>
    new Promise((resolve) => {
      peer = createServer(listener);
      peer.listen(0, '127.0.0.1', () => {
        const address = peer?.address();
        resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
      });
    });

  it.each<[string, RequestListener, RegExp]>([
    ['answers HTML', (_, answer) => answer.end('<html>'), /not JSON/],
    ['answers JSON of another shape', (_, answer) => answer.end('{"members": 5}'), /unexpected shape/],
    ['breaks off', (_, answer) => answer.writeHead(200).write('{"mem', () => answer.destroy()), /./],
    ['never ends', (_, answer) => void endless(answer), /1 MiB|no answer/],
    ['never answers', () => undefined, /no answer within/],
  ])('that %s fails its collectors with a reason, and replication goes on', async (_, listener, reason) => {
    const target = watch(configFor([server], [await listen(listener)]));
    const text = await scrape(target);
    expect(text).toContain('\ndb_exporter_up 1\n');
    expect(collectorsFailing(text)).toEqual(['cluster', 'history', 'config']);
    expect(valueOf(text, 'db_replication_replicas')).toBe(0);
    const run = target.view().runs.find(({ name }) => name === 'cluster')?.run;
    expect(run?.state === 'failed' ? run.problem.message : '').toMatch(reason);
    await target.close();
  });

  it('is down, with a reason, when neither Patroni nor a server answers', async () => {
    const config = configSchema.parse({
      postgres: [{ name: 'pg1', port: 1, sslmode: 'disable' }],
      clusters: [{ name: 'main', patroni: ['http://127.0.0.1:1'], postgres: ['pg1'] }],
    });
    const target = watch(config);
    const text = await scrape(target);
    expect(text).toContain('\ndb_exporter_up 0\n');
    expect(text).not.toMatch(/^db_(ha|replication)_/m);
    expect(target.view().problem?.hint).toContain('Nothing listens there');
    await target.close();
  });
});

const endless = (answer: { write: (text: string) => boolean; destroyed: boolean }): void => {
  if (answer.destroyed) return;
  answer.write('x'.repeat(65_536));
  setImmediate(() => endless(answer));
};
