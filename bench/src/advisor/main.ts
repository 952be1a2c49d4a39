/**
 * Which indexes ours and supabase/index_advisor want for the same statements: `npm run bench:advisor`. Costs are HypoPG's,
 * of generic plans, for both; then the indexes are really built, and the statements really run, in rounds of random order.
 * Whoever runs it fetches the peer's one SQL file and names it: --index-advisor FILE. What another tool wants is given as
 * --peer NAME=FILE, a file of CREATE INDEX statements, for one workload: --only NAME; --sql DIR writes what it needs to know.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectSql, type Deadline, deadlineIn, readPostgresFacts, type SqlSession, systemClock } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import {
  advise,
  isPlannable,
  loadParser,
  namesIn,
  plannableOf,
  plannerOf,
  readCatalog,
  readSearchPaths,
  usualOptions,
  type Workload,
} from '@submilli/query';
import { Client } from 'pg';
import { tpch } from './tpch';
import { type BenchWorkload, load, reporting, trading } from './workload';

const { values } = parseArgs({
  options: {
    'index-advisor': { type: 'string' },
    peer: { type: 'string', multiple: true, default: [] },
    tpch: { type: 'string' },
    only: { type: 'string' },
    sql: { type: 'string' },
    size: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    installation: { type: 'string', default: '/usr/lib/postgresql/15' },
  },
});

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const soon = (): Deadline => deadlineIn(600_000, systemClock);
const HOUR = 3600;

/** The same numbers in every run (mulberry32). */
const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

type Choice = {
  readonly name: string;
  readonly definitions: readonly string[];
  readonly explains: number | null;
  readonly seconds: number;
};

const asWorkload = ({ statements }: BenchWorkload): Workload => ({
  seconds: HOUR,
  statements: statements.map(({ id, text, perSecond, rows }) => ({
    ...{ id, text, calls: perSecond * HOUR, seconds: perSecond, rows: perSecond * rows * HOUR },
  })),
});

const session = async (server: LocalPostgres) =>
  connectSql(
    {
      address: {
        ...{ name: 'bench', host: server.host, port: server.port, database: 'postgres' },
        ...{ user: server.superuser, password: server.password, sslmode: 'disable' },
      },
      limits: { connect_ms: 5000, lock_ms: 100, statement_ms: 60_000 },
      ...{ applicationName: 'submilli/bench', dialect: 'postgres', clock: systemClock },
    },
    soon(),
  );

const ours = async (own: SqlSession, bench: BenchWorkload, storageBytes: number, name: string): Promise<Choice> => {
  const workload = asWorkload(bench);
  const facts = await readPostgresFacts(own, soon());
  const catalog = await readCatalog(own, namesIn(workload, true), soon());
  const searchPaths = await readSearchPaths(own, soon());
  const planner = await plannerOf(own, { facts, hypothetical: true, partial: true }, soon());
  const options = {
    ...usualOptions(systemClock.monotonic),
    storageBytes,
    keepLiterals: true,
    seconds: 120,
    explains: 20_000,
  };
  const advice = await advise({ workload, catalog, searchPaths }, planner, options);
  return {
    name,
    definitions: advice.indexes.map(({ definition }) => definition),
    explains: advice.explains,
    seconds: advice.seconds,
  };
};

const peer = async (client: Client, bench: BenchWorkload): Promise<Choice> => {
  const began = performance.now();
  const found = new Set<string>();
  for (const { text, id } of bench.statements) {
    if (text.startsWith('INSERT')) continue;
    const { rows } = await client
      .query<{ index_statements: string[]; errors: string[] }>(
        'SELECT index_statements, errors FROM index_advisor($1)',
        [text],
      )
      .catch((error: unknown) => {
        say(`index_advisor failed on "${id}": ${String(error)}`);
        return { rows: [] };
      });
    for (const one of rows[0]?.index_statements ?? []) found.add(one.replace(/^CREATE INDEX ON /, ''));
    if ((rows[0]?.errors ?? []).length > 0) say(`index_advisor on "${id}": ${rows[0]?.errors.join('; ')}`);
  }
  return {
    name: 'index_advisor',
    definitions: [...found],
    explains: null,
    seconds: (performance.now() - began) / 1000,
  };
};

/** What another tool wanted: NAME=FILE. */
const otherPeer = (argument: string): Choice => {
  const [name = '', file = ''] = argument.split('=');
  const definitions = readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => /^CREATE INDEX.*? ON ([^;]+);?$/.exec(line)?.[1] ?? []);
  return { name, definitions, explains: null, seconds: NaN };
};

/** What the planner says of each statement with these indexes, hypothetical ones. */
const costsOf = async (own: SqlSession, bench: BenchWorkload, definitions: readonly string[]) => {
  const facts = await readPostgresFacts(own, soon());
  const { explain, whatIf } = await plannerOf(own, { facts, hypothetical: true, partial: true }, soon());
  await whatIf?.reset();
  let bytes = 0;
  for (const definition of definitions) {
    const made = await whatIf?.create(definition);
    if (made !== undefined && 'bytes' in made) bytes += made.bytes;
    else say(`not made: ${definition} ${JSON.stringify(made)}`);
  }
  const costs: { readonly id: string; readonly perSecond: number; readonly cost: number }[] = [];
  for (const { id, text, perSecond, rows } of bench.statements) {
    const plannable = plannableOf(text, { keepLiterals: true, rowsPerCall: rows });
    if (!isPlannable(plannable)) continue;
    const explained = await explain(plannable, 'public');
    if ('plan' in explained) costs.push({ id, perSecond, cost: explained.plan.totalCost });
  }
  await whatIf?.reset();
  return { costs, bytes };
};

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;

/** Nobody waits longer for one statement: what takes longer is counted as this. */
const LONGEST_SECONDS = 60;
const TIMED_OUT = '57014';

const timesOf = (perSecond: number): number =>
  perSecond >= 100 ? 100 : perSecond >= 1 ? 30 : perSecond >= 0.001 ? 3 : 1;

/** Milliseconds per call of each statement, calls with the same values for everybody. */
const runAll = async (client: Client, { statements }: BenchWorkload, seed: number): Promise<Map<string, number>> => {
  const took = new Map<string, number>();
  for (const { id, text, perSecond, values: draw } of statements) {
    const random = randomOf(seed);
    const times = timesOf(perSecond);
    await client.query('BEGIN');
    await client.query(`SET LOCAL statement_timeout = '${LONGEST_SECONDS}s'`);
    const began = performance.now();
    try {
      for (let i = 0; i < times; i += 1) await client.query({ name: id.slice(0, 60), text, values: [...draw(random)] });
    } catch (error) {
      if ((error as { code?: string }).code !== TIMED_OUT) throw error;
      say(`"${id}" took longer than ${LONGEST_SECONDS} s`);
    }
    took.set(id, (performance.now() - began) / times);
    await client.query('ROLLBACK');
  }
  return took;
};

type Measured = { readonly bytes: number; readonly perHour: number[]; readonly writes: number[] };

const main = async (): Promise<void> => {
  await loadParser();
  const all = [trading(Number(values.size)), reporting(Number(values.size))];
  if (values.tpch !== undefined) all.push(tpch(values.tpch));
  for (const bench of all.filter(({ name }) => values.only === undefined || name === values.only)) {
    if (values.sql !== undefined) {
      writeSql(values.sql, bench);
      continue;
    }
    const server = await startPostgres({
      major: 15,
      installation: values.installation,
      settings: { autovacuum: 'off' },
    });
    const client = new Client(server.clientConfig());
    await client.connect();
    const { session: own, close } = await session(server);
    try {
      say(`${bench.name}: loading`);
      await client.query('CREATE EXTENSION hypopg');
      await load(client, bench);
      const choices: Choice[] = [{ name: 'none', definitions: [], explains: 0, seconds: 0 }];
      let budget: number;
      if (values['index-advisor'] !== undefined) {
        await client.query(readFileSync(values['index-advisor'], 'utf8').replaceAll(/^\\.*$/gm, ''));
        const theirs = await peer(client, bench);
        await client.query('SELECT hypopg_reset()');
        choices.push(theirs);
        budget = await realBytes(client, theirs.definitions);
        choices.push(await ours(own, bench, budget, `ours, no more than ${theirs.name}`));
      }
      for (const theirs of values.peer.map(otherPeer)) {
        choices.push(theirs);
        budget = await realBytes(client, theirs.definitions);
        choices.push(await ours(own, bench, budget, `ours, no more than ${theirs.name}`));
      }
      choices.push(await ours(own, bench, 100e9, 'ours, any storage'));
      const base = await costsOf(own, bench, []);
      const measured = new Map<string, Measured>(
        choices.map(({ name }) => [name, { bytes: 0, perHour: [], writes: [] }]),
      );
      const random = randomOf(42);
      for (let round = 0; round < Number(values.rounds); round += 1) {
        for (const choice of [...choices].sort(() => random() - 0.5)) {
          const bytes = await build(client, choice.definitions);
          if (bench.statements.some(({ perSecond }) => timesOf(perSecond) > 1)) await runAll(client, bench, 7);
          const took = await runAll(client, bench, round + 1);
          const hour = bench.statements.reduce(
            (sum, { id, perSecond }) => sum + (took.get(id) ?? NaN) * perSecond * 3.6,
            0,
          );
          const writes = bench.statements
            .filter(({ text }) => /^(INSERT|UPDATE)/.test(text))
            .reduce((sum, { id, perSecond }) => sum + (took.get(id) ?? NaN) * perSecond * 3.6, 0);
          const before = measured.get(choice.name) ?? { bytes: 0, perHour: [], writes: [] };
          measured.set(choice.name, { bytes, perHour: [...before.perHour, hour], writes: [...before.writes, writes] });
          await unbuild(client);
        }
        say(`${bench.name}: round ${round + 1} of ${values.rounds}`);
      }
      const rows: string[] = [];
      for (const choice of choices) {
        const { costs, bytes } = await costsOf(own, bench, choice.definitions);
        const ratios = costs.map(({ cost }, i) => cost / (base.costs[i]?.cost ?? cost));
        const geomean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
        const sum = (list: typeof costs): number =>
          list.reduce((all, { cost, perSecond }) => all + cost * perSecond, 0);
        const real = measured.get(choice.name) ?? { bytes: 0, perHour: [], writes: [] };
        const cells = [
          ...[choice.name, choice.definitions.length, (bytes / 1e6).toFixed(1), (real.bytes / 1e6).toFixed(1)],
          ...[geomean.toFixed(4), (sum(costs) / sum(base.costs)).toPrecision(3)],
          ...[median(real.perHour).toFixed(1), median(real.writes).toFixed(1)],
          ...[choice.explains ?? '', Number.isNaN(choice.seconds) ? '' : choice.seconds.toFixed(1)],
        ];
        rows.push(`| ${cells.join(' | ')} |`);
        say(`${choice.name}: ${choice.definitions.join('; ')}`);
      }
      process.stdout.write(
        `\n### ${bench.name}\n\n| who | indexes | HypoPG MB | built MB | geomean of cost | Σ calls · cost | measured s of run time per hour | of that writes | plans asked | s |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`,
      );
    } finally {
      await close();
      await client.end();
      await server.stop();
    }
  }
};

/** For a tool that has to be asked by itself: the tables, and the statements one by one. */
const writeSql = (folder: string, { name, schema, statements }: BenchWorkload): void => {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'schema.sql'), `${schema.join(';\n')};\n`);
  writeFileSync(join(own, 'statements.sql'), `${statements.map(({ text }) => text).join(';\n\n')};\n`);
};

const build = async (client: Client, definitions: readonly string[]): Promise<number> => {
  for (const [i, definition] of definitions.entries()) await client.query(`CREATE INDEX bench_${i} ON ${definition}`);
  await client.query('ANALYZE');
  const { rows } = await client.query<{ bytes: string }>(
    `SELECT coalesce(sum(pg_relation_size(oid)), 0) AS bytes FROM pg_class WHERE relname LIKE 'bench\\_%' AND relkind = 'i'`,
  );
  return Number(rows[0]?.bytes ?? 0);
};

const unbuild = async (client: Client): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relname LIKE 'bench\\_%' AND relkind = 'i'`,
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
};

const realBytes = async (client: Client, definitions: readonly string[]): Promise<number> => {
  const bytes = await build(client, definitions);
  await unbuild(client);
  return bytes;
};

void main();
