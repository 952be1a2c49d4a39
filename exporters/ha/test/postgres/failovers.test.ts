import {
  configSchema,
  createTarget,
  type FailoverRecord,
  failoversAnswer,
  type Keeper,
  silentLogger,
  systemClock,
  type Target,
  type TargetView,
} from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { makeRole, PASSWORD, scrape, scrapeUntil, valueOf } from '../../../core/test/watching';
import { haExporter } from '../../src';
import type { HaFacts } from '../../src/source';

jest.setTimeout(120_000);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const memory = (): Keeper => {
  const kept = new Map<string, unknown>();
  return { load: (name) => kept.get(name), save: (name, value) => void (value === undefined || kept.set(name, value)) };
};

describe('failovers of a cluster of streaming replication alone', () => {
  const keeper = memory();
  let primary: LocalPostgres;
  let standby: LocalPostgres;
  let target: Target;

  const watch = (): Target => {
    const config = configSchema.parse({
      postgres: [primary, standby].map(({ port }, i) => ({
        ...{ name: `pg${i + 1}`, port, password: PASSWORD, sslmode: 'disable' },
      })),
      clusters: [{ name: 'main', postgres: ['pg1', 'pg2'] }],
    });
    const [one] = haExporter.targets(config, systemClock);
    if (one === undefined) throw new Error('the configuration has no cluster');
    const shared = { config, clock: systemClock, random: () => 0, log: silentLogger, keeper };
    return createTarget({ ...one, registry: haExporter.registry, ...shared });
  };
  const records = (): readonly FailoverRecord[] => {
    const resource = haExporter.resources.find(({ path }) => path === 'failovers');
    return failoversAnswer.parse(resource?.answer(target.view() as TargetView<HaFacts>)).failovers;
  };
  /** The record after `known`, once there is one. */
  const next = async (known: number): Promise<FailoverRecord | undefined> => {
    await scrapeUntil(target, () => records().length > known);
    expect(records().length).toBe(known + 1);
    return records()[known];
  };
  const untilCalm = (member: string) =>
    scrapeUntil(
      target,
      (text) =>
        valueOf(text, `db_ha_server_writable{member="${member}"}`) === 1 &&
        valueOf(text, 'db_ha_unwritable_seconds') === 0,
    );

  beforeAll(async () => {
    primary = await startPostgres({ major: 15 });
    await makeRole(primary);
    standby = await primary.standby();
    target = watch();
    await untilCalm('pg1');
  }, 180_000);
  afterAll(async () => {
    await target.close();
    for (const server of [standby, primary]) await server.stop('immediate');
  });

  it('a primary that hangs and goes on is one that was away, with its time', async () => {
    const begin = Date.now();
    primary.pause();
    const paused = Date.now();
    await sleep(4500);
    const resuming = Date.now();
    primary.resume();
    const record = await next(0);
    expect(record).toMatchObject({ outcome: 'return', cause: 'hang', from: 'pg1', to: 'pg1', planned: false });
    agrees(record, [resuming - paused, Date.now() - begin]);
    await untilCalm('pg1');
  });

  it('a server that is stopped in order and started again is a restart', async () => {
    await primary.restart();
    expect(await next(1)).toMatchObject({ outcome: 'return', cause: 'restart', planned: true, sure: 'medium' });
    await untilCalm('pg1');
  });

  it('a primary that is killed, and its standby that is promoted, are a failover that took as long as it did', async () => {
    const before = Date.now();
    await primary.kill();
    const killed = Date.now();
    await sleep(1500);
    const promoting = Date.now();
    await standby.query('SELECT pg_promote()');
    const promoted = Date.now();
    const record = await next(2);
    expect(record).toMatchObject({
      ...{ outcome: 'failover', from: 'pg1', to: 'pg2', timelineBefore: 1, timelineAfter: 2 },
      ...{ cause: 'postmaster-crash', planned: null, evidence: ['PostgreSQL refused connections'] },
    });
    agrees(record, [promoting - killed, promoted - before]);
    const text = await scrape(target);
    expect(valueOf(text, 'db_ha_interruptions_total{cause="postmaster-crash",outcome="failover"}')).toBe(1);
    expect(valueOf(text, 'db_ha_failover_duration_seconds')).toBe(record?.seconds);
    expect(valueOf(text, 'db_ha_measured_recovery_seconds{fault="postmaster-crash"}')).toBe(record?.seconds);
    expect(valueOf(text, 'db_ha_interruptions_total{cause="hang",outcome="return"}')).toBe(1);
  });

  it('an old primary that comes back is a split brain, and not followed', async () => {
    await primary.restart();
    const text = await scrapeUntil(target, (seen) => valueOf(seen, 'db_ha_split_brain') === 1);
    expect(valueOf(text, 'db_ha_split_brain')).toBe(1);
    expect(valueOf(text, 'db_ha_primaries')).toBe(2);
    expect(valueOf(text, 'db_ha_ready_ratio')).toBe(0);
    expect(valueOf(text, 'db_ha_readiness_blocked{reason="split-brain"}')).toBe(1);
    await primary.kill();
    const over = await scrapeUntil(target, (seen) => valueOf(seen, 'db_ha_split_brain') === 0);
    expect(valueOf(over, 'db_ha_split_brain_seconds_total')).toBeGreaterThan(0);
    expect(records()).toHaveLength(3);
  });

  it('what was recorded survives a restart of the exporter, which does not time what it did not see', async () => {
    await target.close();
    target = watch();
    await untilCalm('pg2');
    expect(records().map(({ cause }) => cause)).toEqual(['hang', 'restart', 'postmaster-crash']);
    await target.close();
    await standby.restart();
    target = watch();
    await untilCalm('pg2');
    // The same server on the same timeline: nobody can tell that it was away.
    expect(records()).toHaveLength(3);
    expect(valueOf(await scrape(target), 'db_ha_interruptions_total{cause="restart",outcome="return"}')).toBe(1);
  });
});

/** The true time lies between `least` and `most` milliseconds, and the record's between its bounds: they must meet. */
const agrees = (record: FailoverRecord | undefined, [least, most]: readonly [number, number]): void => {
  const { low, high, seconds } = record ?? {};
  expect(low).toBeLessThanOrEqual(most / 1000);
  expect(high).toBeGreaterThanOrEqual(least / 1000);
  expect(seconds).toBeGreaterThanOrEqual(low ?? NaN);
};
