import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alerts, recordings } from '@submilli/alert-rules';
import { indexAdviceAnswer, latencyAnswer, recommendationsAnswer } from '@submilli/core';
import type { Client } from 'pg';
import { withoutData } from '../../../alert-rules/test/without-data';
import { selectorsOf } from '../../../catalogue/test/promql';
import { describeCommands } from './commands-on-stack';
import { everyQuestion } from './every-question';
import { patroniVerdict } from './patroni-view';
import { describeSecurity } from './security';
import {
  endsWith,
  exporterNames,
  failing,
  isUp,
  memberBy,
  metricsOf,
  onMember,
  ports,
  prometheus,
  series,
  stateDirectory,
  submilli,
  until,
  untilWell,
  untilWhole,
} from './stack';

jest.setTimeout(300_000);

const state = stateDirectory();
let started = false;

/** The statement of the workload whose table has no index for it; `:counterparty` is its value. */
const missingIndexSql = readFileSync(
  join(__dirname, '..', '..', '..', 'cluster', 'trading', 'workload', 'bad-missing-index.sql'),
  'utf8',
).replaceAll(/^(--|\\set).*$/gm, '');

const promised = [
  'db_connections_total',
  'db_connection_utilization_percent',
  'db_queries_per_second',
  'db_query_duration_seconds',
  'db_replication_lag_bytes',
  'db_replication_lag_seconds',
  'db_performance_score',
  'db_buffer_hit_ratio_percent',
];

beforeAll(() => {
  const { status, output } = submilli('stack', 'up', '--detach', '--yes', '--rate', '50', '--state', state);
  if (status !== 0) throw new Error(`the stack did not start:\n${output}`);
  started = true;
}, 400_000);
afterAll(() => {
  submilli('stack', 'down', '--state', state);
}, 120_000);

describe('the running stack', () => {
  it('says that it already runs when it is started again', () => {
    const { status, output } = submilli('stack', 'up', '--yes', '--state', state);
    expect(output).toMatch(/already|running/i);
    expect(status).toBe(0);
  });

  it('has every server, the pool and the cluster in Prometheus, all up', async () => {
    const up = await until(
      60,
      () => prometheus('up == 1'),
      (result) => result.length === 6,
    );
    const seen = up.map(({ metric }) => `${metric.instance ?? ''} ${metric.target ?? ''}`.trim());
    expect(seen.sort()).toEqual(
      ['9091 pg1', '9091 pg2', '9092', '9093 pg1', '9093 pg2', '9094'].map((name) => `127.0.0.1:${name}`),
    );
  });

  it.each(promised)('brings %s to Prometheus', async (name) => {
    const found = await until(
      120,
      () => prometheus(`{__name__=~"${name}(_count)?"}`),
      (result) => result.length > 0,
    );
    expect(found.length).toBeGreaterThan(0);
  });

  it.each(['select', 'insert'])(
    'shows how long every %s of grandmodel takes, from the server’s own log',
    async (type) => {
      const query = `db_query_duration_seconds{database="grandmodel",query_type="${type}",quantile="0.99"}`;
      const [found] = await until(
        120,
        () => prometheus(query),
        ([first]) => first?.metric.source === 'log',
      );
      expect(found?.metric.source).toBe('log');
      expect(Number(found?.value[1])).toBeGreaterThan(0);
      const ask = async () => {
        const answer = await fetch(`http://127.0.0.1:${ports.query}/api/v1/latency`);
        const { types } = latencyAnswer.parse(await answer.json());
        const own = types.find(({ database, queryType }) => database === 'grandmodel' && queryType === type);
        return own?.log?.quantiles ?? [];
      };
      const wanted = [0.5, 0.9, 0.95, 0.99];
      const quantiles = await until(120, ask, (seen) =>
        wanted.every((q) => seen.some(({ quantile }) => quantile === q)),
      );
      expect(quantiles.map(({ quantile }) => quantile)).toEqual(expect.arrayContaining(wanted));
      for (const { low, seconds, high } of quantiles) expect(low <= seconds && seconds <= high).toBe(true);
    },
  );

  it('sees commits, in the log and by its own canary', async () => {
    const sources = await until(
      60,
      () => prometheus('db_commit_duration_seconds_count{database="grandmodel"} > 10'),
      (result) => result.length >= 2,
    );
    expect(sources.map(({ metric }) => metric.source).sort()).toEqual(['canary', 'log']);
  });

  it('has rules that Prometheus runs, on series that are there, and that are silent while all is well', async () => {
    const expressions = [...alerts.flatMap(({ levels }) => levels), ...recordings].map(({ expr }) => expr);
    const names = new Set(expressions.flatMap((expr) => selectorsOf(expr).map(({ name }) => name)));
    const empty: string[] = [];
    for (const name of names) {
      const found = await until(
        60,
        () => prometheus(name),
        (series) => series.length > 0 || name in withoutData,
      );
      if (found.length === 0) empty.push(name);
    }
    expect(empty.filter((name) => !(name in withoutData))).toEqual([]);
    const answer = await fetch('http://127.0.0.1:9090/api/v1/rules');
    const { data } = (await answer.json()) as { data: { groups: { rules: { name: string; health: string }[] }[] } };
    const run = data.groups.flatMap(({ rules }) => rules);
    expect(run.length).toBe(expressions.length);
    expect(run.filter(({ health }) => health === 'err')).toEqual([]);
    const firing = await prometheus('ALERTS{alertstate="firing",severity!="info"}');
    expect(firing.map(({ metric }) => metric)).toEqual([]);
    expect(await prometheus('ALERTS{alertname="Watchdog",alertstate="firing"}')).toHaveLength(1);
  });

  it('names the statements whose plan reads a whole table for a few rows', async () => {
    const rules = async (): Promise<string[]> => {
      const answer = await fetch(`http://127.0.0.1:${ports.query}/api/v1/recommendations`);
      return recommendationsAnswer.parse(await answer.json()).recommendations.map(({ rule }) => rule);
    };
    const found = await until(150, rules, (seen) => seen.includes('plan-wasteful-scan'));
    expect(found).toContain('plan-wasteful-scan');
  });

  it('finds the index that is missing, by asking the planner; once it is built, measured figures confirm it', async () => {
    const bad = (client: Client, id: number): Promise<unknown> =>
      client.query(missingIndexSql.replace(':counterparty', String(id)));
    const call = async (): Promise<void> => {
      const { port } = await memberBy(true);
      await onMember(state, port, async (client) => {
        for (let id = 1; id <= 30; id += 1) await bad(client, id);
      });
    };
    const ask = async () => {
      await call();
      const { name } = await memberBy(true);
      const answer = await fetch(`http://127.0.0.1:${ports.query}/api/v1/index-advice?target=${name}`);
      const { databases } = indexAdviceAnswer.parse(await answer.json());
      return databases.find(({ database }) => database === 'grandmodel');
    };
    const isIt = ({ definition }: { definition: string }): boolean =>
      definition.includes('trades USING btree (counterparty_id)');
    const advised = await until(150, ask, (seen) => seen?.indexes.some(isIt) === true);
    expect(advised).toMatchObject({ plannerChecked: true });
    const index = advised?.indexes.find(isIt);
    const { before = 0, after = 0 } = index?.effects[0] ?? {};
    expect(after).toBeLessThan(before / 10);
    await until(70, ask, (seen) => seen !== undefined && seen.lookedAt > (advised?.lookedAt ?? ''));
    await onMember(state, (await memberBy(true)).port, (client) => client.query(index?.create ?? ''));
    const verified = await until(
      150,
      ask,
      (seen) => seen?.built.some(({ verdict }) => verdict === 'confirmed') === true,
    );
    expect(verified?.built.find(isIt)).toMatchObject({ verdict: 'confirmed' });
  });

  it('shows values that move with the workload', async () => {
    const rate = async (query: string): Promise<number> => Number((await prometheus(query))[0]?.value[1] ?? 0);
    const moving = [
      'sum(rate(db_transactions_total{database="grandmodel"}[1m]))',
      'sum(rate(db_query_calls_total{database="grandmodel"}[1m]))',
      'sum(rate(db_pool_queries_total{database="grandmodel"}[1m]))',
      'max(db_queries_per_second{database="grandmodel"})',
    ];
    for (const query of moving) {
      const seen = await until(
        90,
        () => rate(query),
        (value) => value > 1,
      );
      expect({ query, moves: seen > 1 }).toEqual({ query, moves: true });
    }
  });

  it.each(exporterNames)('gives promtool nothing to complain about on %s but promised names', async (exporter) => {
    const input = await metricsOf(exporter);
    const { stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    expect(complaints.filter((line) => !promised.some((name) => line.startsWith(name)))).toEqual([]);
  });

  it('holds two connections per exporter and server, and a third while it visits a database', async () => {
    for (const port of [5432, 5433]) {
      const rows = await onMember(state, port, async (client) => {
        const result = await client.query<{ application_name: string; n: number }>(
          `SELECT application_name, count(*)::int AS n FROM pg_stat_activity WHERE usename = 'submilli' GROUP BY 1`,
        );
        return result.rows;
      });
      expect(rows.filter(({ n }) => n > 3)).toEqual([]);
      expect(rows.length).toBeGreaterThan(0);
    }
  });

  it.each([8008, 8009])('says with Patroni’s names what the member at port %i says itself', async (port) => {
    const seen = await until(
      30,
      () => patroniVerdict(`https://127.0.0.1:${port}`, join(state, 'certs', 'ca.crt')),
      ({ unexplained, idle }) => unexplained.length + idle.length === 0,
    );
    expect(seen).toEqual({ unexplained: [], idle: [] });
  });

  it('passes its own check', () => {
    const { status, output } = submilli('check', '--config', join(state, 'submilli.yml'));
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
  });

  it('keeps its secrets out of logs, metrics and status', async () => {
    const secrets = ['superuser', 'submilli', 'canary'].map((name) =>
      readFileSync(join(state, 'secrets', name), 'utf8').trim(),
    );
    const texts = await Promise.all(
      exporterNames.flatMap((name) => [
        metricsOf(name),
        fetch(`http://127.0.0.1:${ports[name]}/api/v1/status`).then((answer) => answer.text()),
      ]),
    );
    const { output } = submilli('stack', 'logs', '--state', state);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(10);
      expect([...texts, output].filter((text) => text.includes(secret))).toEqual([]);
    }
  });
});

describeSecurity(state);

describeCommands(state);

everyQuestion();

describe('when something breaks', () => {
  afterEach(async () => {
    if (started) await untilWhole();
  }, 200_000);

  it('a kill -9 of PostgreSQL is healed, and every exporter is well again by itself', async () => {
    const leader = await memberBy(true);
    const pidFile = join(state, leader.name, 'postmaster.pid');
    const pidFileOf = [pidFile, join(state, leader.name, 'data', 'postmaster.pid')];
    const text = pidFileOf.map((file) => tryRead(file)).find((found) => found !== undefined) ?? '';
    process.kill(Number(text.split('\n')[0]), 'SIGKILL');
    const seen = await until(
      60,
      () => metricsOf('ha'),
      (metrics) => isUp(metrics),
    );
    expect(isUp(seen)).toBe(true);
  });

  it('a stopped PgBouncer is said to be down, without stale values, while the others go on', async () => {
    endsWith(0, submilli('stack', 'stop', 'pgbouncer', '--state', state));
    const down = await until(
      30,
      () => metricsOf('pool'),
      (text) => !isUp(text),
    );
    expect(isUp(down)).toBe(false);
    expect(down).not.toMatch(/^db_pool_/m);
    expect(isUp(await metricsOf('database'))).toBe(true);
    const status = (await (await fetch('http://127.0.0.1:9092/api/v1/status')).json()) as {
      targets: { reason: string; remedy: string }[];
    };
    expect(status.targets[0]?.reason).toContain('127.0.0.1:6432');
    expect(status.targets[0]?.remedy).toBeTruthy();
    endsWith(0, submilli('stack', 'start', 'pgbouncer', '--state', state));
  });

  it('a switchover is followed by the pool and by the exporters, and counted', async () => {
    const before = await memberBy(true);
    const failovers = series(await metricsOf('ha'), 'db_ha_failovers_total').get('') ?? NaN;
    const candidate = (await memberBy(false)).name;
    const config = join(state, 'patroni', 'patronictl.yml');
    const control = ['-c', config, 'switchover', 'grandmodel', '--candidate', candidate, '--force'];
    // Patroni refuses until the standby is synchronous again after what the test before did to it.
    const after = await until(
      90,
      () => {
        spawnSync('patronictl', control);
        return memberBy(true);
      },
      (leader) => leader.name === candidate,
    );
    expect(after.name).not.toBe(before.name);
    const info = await until(
      60,
      () => metricsOf('pool'),
      (text) => text.includes(`port="${after.port}"`),
    );
    expect(info).toMatch(
      new RegExp(`^db_pool_database_info\\{.*database="grandmodel".*port="${after.port}".*\\} 1$`, 'm'),
    );
    const count = await until(
      60,
      async () => series(await metricsOf('ha'), 'db_ha_failovers_total').get(''),
      (value) => value === failovers + 1,
    );
    expect(count).toBe(failovers + 1);
    const replica = await until(
      60,
      () => prometheus(`db_replication_lag_bytes{master="${after.name}"}`),
      (found) => found.length > 0,
    );
    expect(replica[0]?.metric.replica).toBe(before.name);
  });

  it('a cut standby shows as lost, not as a missing series', async () => {
    const standby = await memberBy(false);
    endsWith(0, submilli('stack', 'stop', standby.name, '--state', state));
    const lost = `{replica="${standby.name}"}`;
    const connected = await until(
      60,
      async () => series(await metricsOf('ha'), 'db_replication_connected').get(lost),
      (value) => value === 0,
    );
    expect(connected).toBe(0);
    endsWith(0, submilli('stack', 'start', standby.name, '--state', state));
    const back = await until(
      90,
      async () => series(await metricsOf('ha'), 'db_replication_connected').get(lost),
      (value) => value === 1,
    );
    expect(back).toBe(1);
  });

  it('a lost pg_monitor is named with its remedy, and what needs no privilege goes on', async () => {
    const leader = await memberBy(true);
    await onMember(state, leader.port, (client) => client.query('REVOKE pg_monitor FROM submilli'));
    try {
      const target = leader.name;
      const probe = async (): Promise<string> => (await fetch(`http://127.0.0.1:9091/probe?target=${target}`)).text();
      const without = await until(30, probe, (text) => failing(text).includes('activity'));
      expect(failing(without)).toContain('activity');
      expect(without).toMatch(/^db_transactions_total/m);
      const status = await (await fetch('http://127.0.0.1:9091/api/v1/status')).text();
      expect(status).toContain('GRANT pg_monitor TO submilli;');
    } finally {
      await onMember(state, leader.port, (client) => client.query('GRANT pg_monitor TO submilli'));
    }
  });

  it('an ACCESS EXCLUSIVE lock on a busy table holds no exporter up', async () => {
    const leader = await memberBy(true);
    await onMember(state, leader.port, async (client) => {
      await client.query('BEGIN');
      await client.query('LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
      for (const exporter of exporterNames) {
        const text = await metricsOf(exporter);
        expect({ exporter, up: isUp(text), failing: failing(text) }).toEqual({ exporter, up: true, failing: [] });
      }
      await client.query('ROLLBACK');
    });
  });

  it('with both servers stopped every exporter answers in time, and none shows a stale value', async () => {
    const [leader, standby] = [await memberBy(true), await memberBy(false)];
    for (const { name } of [standby, leader]) endsWith(0, submilli('stack', 'stop', name, '--state', state));
    // A canary goes on: that its tries fail is what it has to say.
    for (const exporter of ['database', 'query', 'ha'] as const) {
      const text = await until(
        30,
        () => metricsOf(exporter),
        (answer) => !isUp(answer),
      );
      expect({ exporter, up: isUp(text) }).toEqual({ exporter, up: false });
      const prefix = {
        database: 'db_(?!exporter_)',
        query: 'db_(?!exporter_|canary_|commit_duration)',
        ha: 'db_replication_.*lag',
      }[exporter];
      expect(text).not.toMatch(new RegExp(`^${prefix}`, 'm'));
    }
    for (const { name } of [leader, standby]) endsWith(0, submilli('stack', 'start', name, '--state', state));
    await untilWell('database', 90);
  });
});

describe('the end', () => {
  it('leaves no process and no port behind', () => {
    endsWith(0, submilli('stack', 'down', '--state', state));
    const listening = spawnSync('ss', ['-Hltn'], { encoding: 'utf8' }).stdout;
    for (const port of [5432, 5433, 6432, 8008, 8009, 2379, 2389, 2399, 9090, 9091, 9092, 9093, 9094, 9099]) {
      expect(listening).not.toMatch(new RegExp(`127\\.0\\.0\\.1:${port}\\b`));
    }
    endsWith(3, submilli('stack', 'status', '--state', state));
  });
});

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
