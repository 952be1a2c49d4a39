import type { Client } from 'pg';
import { say } from '../part';
import type { Choice } from './contest';
import { randomOf, shuffled } from '../random';
import type { BenchStatement, BenchWorkload } from './workload';

/** Of one choice: bytes of what was really built, and for each round the seconds of run time that an hour of it takes. */
export type Measured = {
  readonly bytes: number;
  readonly perHour: readonly number[];
  /** What of that is INSERT and UPDATE. */
  readonly writes: readonly number[];
};

/** Nobody waits longer for one statement: what takes longer is counted as this. */
export const LONGEST_SECONDS = 60;
const TIMED_OUT = '57014';

/** All choices in each round, in random order, each with its indexes really built. */
export const measure = async (
  client: Client,
  bench: BenchWorkload,
  choices: readonly Choice[],
  rounds: number,
): Promise<ReadonlyMap<string, Measured>> => {
  const measured = new Map<string, Measured>();
  const random = randomOf(42);
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, definitions } of shuffled(choices, random)) {
      const bytes = await build(client, definitions);
      if (bench.statements.some(({ perSecond }) => timesOf(perSecond) > 1)) await runAll(client, bench, 7);
      const took = await runAll(client, bench, round);
      await unbuild(client);
      const before = measured.get(name);
      measured.set(name, {
        bytes,
        perHour: [...(before?.perHour ?? []), perHourOf(bench.statements, took)],
        writes: [...(before?.writes ?? []), perHourOf(bench.statements.filter(isWrite), took)],
      });
    }
    say(`${bench.name}: round ${round} of ${rounds}`);
  }
  return measured;
};

export const isWrite = ({ text }: Pick<BenchStatement, 'text'>): boolean => /^(INSERT|UPDATE|DELETE)/.test(text);

/** Seconds, of milliseconds per call. */
export const perHourOf = (
  statements: readonly Pick<BenchStatement, 'id' | 'perSecond'>[],
  took: ReadonlyMap<string, number>,
): number => statements.reduce((sum, { id, perSecond }) => sum + (took.get(id) ?? NaN) * perSecond * 3.6, 0);

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

export const realBytes = async (client: Client, definitions: readonly string[]): Promise<number> => {
  const bytes = await build(client, definitions);
  await unbuild(client);
  return bytes;
};
