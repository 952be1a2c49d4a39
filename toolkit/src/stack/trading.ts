import { join } from 'node:path';
import { setupRoleSql } from '@submilli/core';
import type { Account } from '@submilli/local-postgres';
import { exec } from './exec';
import { checkout, type Layout } from './layout';
import type { TaskContext } from './plan';
import { readSecret, verifierOf } from './secrets';
import { libpqTls } from './workload';

export type TradingOptions = {
  readonly layout: Layout;
  readonly psql: string;
  /** Of the primary. */
  readonly address: string;
  readonly port: number;
  readonly account: Account | undefined;
};

const tradingDir = join(checkout, 'cluster', 'trading');

/** SQL for psql and the superuser: the application's role and database, and the monitoring role. Idempotent. */
export const rolesSql = (layout: Layout, database = 'grandmodel', application = 'trading'): string =>
  [
    `SELECT 'CREATE ROLE ${application} LOGIN'`,
    `WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${application}') \\gexec`,
    `ALTER ROLE ${application} PASSWORD '${verifierOf(layout, 'app')}';`,
    `SELECT 'CREATE DATABASE ${database} OWNER ${application}'`,
    `WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${database}') \\gexec`,
    backupRoleSql,
    setupRoleSql({
      role: 'submilli',
      databases: ['postgres', database],
      readLog: true,
      explain: true,
      canary: true,
    }),
    `\\connect ${database}`,
    "SELECT 'CREATE EXTENSION IF NOT EXISTS hypopg' FROM pg_available_extensions WHERE name = 'hypopg' \\gexec",
    `ALTER ROLE submilli PASSWORD '${verifierOf(layout, 'submilli')}';`,
    `ALTER ROLE submilli_canary PASSWORD '${verifierOf(layout, 'canary')}';`,
  ].join('\n');

/** pgBackRest sees settings, begins and ends backups, and sees nothing of what is in the database. */
export const backupGrantsSql = `ALTER ROLE pgbackrest CONNECTION LIMIT 5;
GRANT pg_read_all_settings TO pgbackrest;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_backup_start(text, boolean), pg_catalog.pg_backup_stop(boolean),
  pg_catalog.pg_create_restore_point(text), pg_catalog.pg_switch_wal() TO pgbackrest;`;

/** It has no password: it shows a certificate. */
const backupRoleSql = `
SELECT 'CREATE ROLE pgbackrest LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgbackrest') \\gexec
${backupGrantsSql}`;

const runPsql = (
  { layout, psql, address, port, account }: TradingOptions,
  login: { user: string; password: string; database: string },
  args: readonly string[],
  rest: { purpose: string; signal: AbortSignal; input?: string; onLine?: (line: string) => void },
): Promise<string> =>
  exec(psql, ['--no-psqlrc', '--quiet', '-v', 'ON_ERROR_STOP=1', ...args], {
    account,
    env: {
      PGHOST: address,
      PGPORT: String(port),
      PGUSER: login.user,
      PGDATABASE: login.database,
      PGPASSWORD: login.password,
      PGAPPNAME: 'submilli/stack',
      ...libpqTls(layout.certOf('ca')),
      PGOPTIONS: '-c client_min_messages=warning',
    },
    ...rest,
  });

/** Roles and database; resolves when there. Safe to run again. */
export const createRoles = async (options: TradingOptions, { signal }: TaskContext): Promise<void> => {
  const login = { user: 'postgres', password: readSecret(options.layout, 'superuser'), database: 'postgres' };
  const input = rolesSql(options.layout);
  await runPsql(options, login, ['-f', '-'], { purpose: 'making roles and database', signal, input });
};

/** Schema and first rows. Both scripts do nothing where their work is done. Resolves with how many ticks there are. */
export const seedTrading = async (options: TradingOptions, { signal }: TaskContext): Promise<string> => {
  const login = { user: 'trading', password: readSecret(options.layout, 'app'), database: 'grandmodel' };
  const files = ['schema.sql', 'seed.sql'].flatMap((name) => ['-f', join(tradingDir, name)]);
  await runPsql(options, login, files, { purpose: 'seeding the trading database', signal });
  const count = "SELECT reltuples::bigint FROM pg_class WHERE oid = 'ticks'::regclass";
  const ticks = await runPsql(options, login, ['-At', '-c', count], { purpose: 'counting ticks', signal });
  return `${(Number(ticks) / 1e6).toFixed(1)} million ticks`;
};
