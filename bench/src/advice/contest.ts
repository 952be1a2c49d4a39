import { readFileSync } from 'node:fs';
import {
  connectSql,
  type Deadline,
  deadlineIn,
  type Opened,
  readPostgresFacts,
  type SqlSession,
  systemClock,
} from '@submilli/core';
import type { LocalPostgres } from '@submilli/local-postgres';
import {
  advise,
  isPlannable,
  namesIn,
  plannableOf,
  plannerOf,
  readCatalog,
  readSearchPaths,
  usualOptions,
  type Workload,
} from '@submilli/query';
import type { Client } from 'pg';
import { say } from '../part';
import type { BenchWorkload } from './workload';

/** Who wants which indexes. `seconds` and `explains` are what it took to find them; null where nobody counted. */
export type Choice = {
  readonly name: string;
  readonly definitions: readonly string[];
  readonly explains: number | null;
  readonly seconds: number | null;
};

/** What the planner says of all statements together. */
export type Planned = { readonly bytes: number; readonly costs: readonly StatementCost[] };
export type StatementCost = { readonly id: string; readonly perSecond: number; readonly cost: number };

const HOUR = 3600;
const soon = (): Deadline => deadlineIn(600_000, systemClock);

export const openSession = async (server: LocalPostgres): Promise<Opened<SqlSession>> =>
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

const asWorkload = ({ statements }: BenchWorkload): Workload => ({
  seconds: HOUR,
  statements: statements.map(({ id, text, perSecond, rows }) => ({
    ...{ id, text, calls: perSecond * HOUR, seconds: perSecond, rows: perSecond * rows * HOUR },
  })),
});

export type Limits = { readonly storageBytes: number; readonly seconds: number };

/** Otherwise with the limits that it has by itself. */
export const ours = async (own: SqlSession, bench: BenchWorkload, name: string, limits: Limits): Promise<Choice> => {
  const workload = asWorkload(bench);
  const facts = await readPostgresFacts(own, soon());
  const catalog = await readCatalog(own, namesIn(workload, true), soon());
  const searchPaths = await readSearchPaths(own, soon());
  const planner = await plannerOf(own, { facts, hypothetical: true, partial: true }, soon());
  const options = { ...usualOptions(systemClock.monotonic), ...limits, keepLiterals: true };
  const { indexes, explains, seconds } = await advise({ workload, catalog, searchPaths }, planner, options);
  return { name, definitions: indexes.map(({ definition }) => definition), explains, seconds };
};

export const installPeer = async (client: Client, file: string): Promise<void> => {
  // A script of CREATE EXTENSION begins with a line for psql.
  await client.query(readFileSync(file, 'utf8').replaceAll(/^\\.*$/gm, ''));
};

/** supabase's index_advisor: it is asked for one statement after the other, and all that it wants is taken. */
export const peer = async (client: Client, bench: BenchWorkload): Promise<Choice> => {
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
  const seconds = (performance.now() - began) / 1000;
  await client.query('SELECT hypopg_reset()');
  return { name: 'index_advisor', definitions: [...found], explains: null, seconds };
};

/** What another tool wanted: NAME=FILE. */
export const otherPeer = (argument: string): Choice => {
  const [name = '', file = ''] = argument.split('=');
  return { name, definitions: definitionsIn(readFileSync(file, 'utf8')), explains: null, seconds: null };
};

export const definitionsIn = (sql: string): readonly string[] =>
  sql.split('\n').flatMap((line) => /^CREATE INDEX.*? ON ([^;]+);?$/.exec(line)?.[1] ?? []);

/** What the planner says of each statement with these indexes, hypothetical ones. */
export const planned = async (
  own: SqlSession,
  bench: BenchWorkload,
  definitions: readonly string[],
): Promise<Planned> => {
  const facts = await readPostgresFacts(own, soon());
  const { explain, whatIf } = await plannerOf(own, { facts, hypothetical: true, partial: true }, soon());
  await whatIf?.reset();
  let bytes = 0;
  for (const definition of definitions) {
    const made = await whatIf?.create(definition);
    if (made !== undefined && 'bytes' in made) bytes += made.bytes;
    else say(`not made: ${definition} ${JSON.stringify(made)}`);
  }
  const costs: StatementCost[] = [];
  for (const { id, text, perSecond, rows } of bench.statements) {
    const plannable = plannableOf(text, { keepLiterals: true, rowsPerCall: rows });
    if (!isPlannable(plannable)) continue;
    const explained = await explain(plannable, 'public');
    if ('plan' in explained) costs.push({ id, perSecond, cost: explained.plan.totalCost });
    else say(`${bench.name}: no plan of "${id}": ${JSON.stringify(explained)}`);
  }
  await whatIf?.reset();
  return { costs, bytes };
};
