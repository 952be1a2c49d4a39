import { join } from 'node:path';
import { critical, type Fault, info, ofDatabase, ofLeader, sparedBy, warning, type Scene } from './fault';
import { changeFile, patronictl, run } from './lab';

const onLeader = ({ lab, leader }: Scene, ...statements: readonly string[]): Promise<void> =>
  run(lab, leader.port, ...statements);

const sequence = (scene: Scene) => ({ ...ofDatabase(scene), schema: 'faults', sequence: 'numbers' });

/** What is wrong with tables, indexes, sequences and settings; it shows at the exporters' rounds, not at once. */
export const objectFaults: readonly Fault[] = [
  {
    what: 'a unique index is built over rows that are not',
    raises: [warning('PostgresInvalidIndex', ofDatabase)],
    begin: async (scene) => {
      await onLeader(
        scene,
        'DROP TABLE IF EXISTS faults.twice',
        'CREATE TABLE faults.twice AS SELECT 1 AS id FROM generate_series(1, 2)',
      );
      await onLeader(scene, 'CREATE UNIQUE INDEX CONCURRENTLY ON faults.twice (id)').catch(() => undefined);
      return () => onLeader(scene, 'DROP TABLE faults.twice');
    },
  },
  {
    what: 'a sequence comes to its end',
    raises: [
      critical('PostgresSequenceExhaustion', sequence),
      sparedBy('PostgresSequenceExhaustion', warning('PostgresSequenceExhaustion', sequence)),
    ],
    begin: async (scene) => {
      await onLeader(
        scene,
        'DROP SEQUENCE IF EXISTS faults.numbers',
        'CREATE SEQUENCE faults.numbers MAXVALUE 1000',
        'GRANT SELECT ON faults.numbers TO submilli',
        `SELECT setval('faults.numbers', 970)`,
      );
      return () => onLeader(scene, 'DROP SEQUENCE faults.numbers');
    },
  },
  {
    what: 'rows are deleted from a table that autovacuum may not clean',
    raises: [
      warning('PostgresDeadRowsHigh', (scene) => ({ ...ofDatabase(scene), schema: 'faults', table: 'dead' })),
      warning('PostgresVacuumOverdue', ofDatabase),
    ],
    begin: async (scene) => {
      await onLeader(
        scene,
        'DROP TABLE IF EXISTS faults.dead',
        'CREATE UNLOGGED TABLE faults.dead (id int) WITH (autovacuum_enabled = false)',
        'INSERT INTO faults.dead SELECT generate_series(1, 150000)',
        'DELETE FROM faults.dead WHERE id % 10 > 0',
      );
      return () => onLeader(scene, 'DROP TABLE faults.dead');
    },
  },
  {
    what: 'a setting is changed that takes a restart',
    raises: [info('PostgresPendingRestart', ofLeader)],
    begin: async ({ lab }) => {
      const change = (value: string): Promise<void> =>
        patronictl(lab, 'edit-config', '--force', '--pg', `max_files_per_process=${value}`);
      await change('1100');
      // The value it had. Were it only taken out again, PostgreSQL would go on to say that it waits.
      return () => change('1000');
    },
  },
  {
    what: 'somebody writes nonsense into pg_hba.conf',
    raises: [warning('PostgresConfigurationUnusable', ofLeader)],
    begin: ({ lab, leader }) => {
      const restore = changeFile(join(lab.state, leader.name, 'pg_hba.conf'), (text) => `${text}host everything\n`);
      return Promise.resolve(() => Promise.resolve(restore()));
    },
  },
];
