import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ports } from '../stack';
import { type Fault, ofDatabase, warning, type Scene } from './fault';
import { again, reload, run, session } from './lab';

const QUERY = 'SELECT filler FROM faults.history WHERE id = 7';

/** What the query exporter keeps of past hours: hour since the epoch, mean seconds, blocks, rows, WAL, calls a second. */
type Saved = {
  readonly version: 1;
  readonly statements: readonly { database: string; queryid: string; type: string; hours: readonly number[][] }[];
};

/** Rewrites the exporter's memory of the leader's statements, and has it remember. */
const remember = async ({ lab, leader }: Scene, change: (saved: Saved['statements']) => Saved['statements']) => {
  const folder = join(lab.state, 'exporters', 'parts-query');
  const path = join(folder, `${leader.name}-regressions.json`);
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Saved).statements : [];
  writeFileSync(path, JSON.stringify({ version: 1, statements: change(before) } satisfies Saved));
  const { uid, gid } = statSync(folder);
  chownSync(path, uid, gid);
  if (!(await reload(ports.query))) throw new Error('the query exporter refused its reload');
};

/**
 * The statement, its index and its time are real; the six hours in which it was fast are not, which don't fit into a
 * test: the exporter is given them as it would have saved them, with the mean that was just measured.
 */
export const slowedStatement: Fault = {
  what: 'a statement loses its index, and has been fast for hours',
  raises: [warning('DatabaseStatementsRegressed', ofDatabase)],
  begin: async (scene) => {
    const { lab, leader } = scene;
    await run(
      lab,
      leader.port,
      'DROP TABLE IF EXISTS faults.history',
      `CREATE TABLE faults.history AS SELECT id, repeat('x', 100) AS filler FROM generate_series(1, 50000) id`,
      'CREATE INDEX history_id ON faults.history (id)',
      'ANALYZE faults.history',
    );
    const client = await session(lab, leader.port);
    for (let i = 0; i < 200; i += 1) await client.query(QUERY);
    const { rows } = await client.query<{ queryid: string; mean: number }>(
      `SELECT queryid::text, mean_exec_time / 1000 AS mean FROM pg_stat_statements
        WHERE query = 'SELECT filler FROM faults.history WHERE id = $1' AND calls >= 200`,
    );
    const [fast] = rows;
    if (fast === undefined) throw new Error('pg_stat_statements has not counted the statement');
    const hour = Math.floor(Date.now() / 3_600_000);
    const hours = [1, 2, 3, 4, 5, 6, 7].map((ago) => [hour - ago, fast.mean, 3, 1, 0, 10]);
    const own = { database: 'grandmodel', queryid: fast.queryid, type: 'select', hours };
    await client.query('DROP INDEX faults.history_id');
    await remember(scene, (saved) => [...saved, own]);
    const end = again(() => client.query(QUERY), 20);
    return async () => {
      await end();
      await client.end();
      await remember(scene, (saved) => saved.filter(({ queryid }) => queryid !== fast.queryid));
      await run(lab, leader.port, 'DROP TABLE faults.history');
    };
  },
};
