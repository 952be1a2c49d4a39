import type { Config, PostgresTarget, SqlAddress } from '@submilli/core';
import type { Path } from './results';

export type CanarySettings = NonNullable<PostgresTarget['canary']>;

/** Where to try, as whom: the server itself, and the pool in front of it if one is named. */
export const addressesOf = (target: PostgresTarget, canary: CanarySettings, config: Config): Map<Path, SqlAddress> => {
  const { database, user, password, password_file, pool } = canary;
  const login = { user, password, password_file };
  const direct: SqlAddress = { ...target, ...login, name: `canary of ${target.name}`, database };
  const pooler = typeof pool === 'string' ? config.pgbouncer.find(({ name }) => name === pool) : pool;
  const found = new Map<Path, SqlAddress>([['direct', direct]]);
  if (pooler !== undefined) {
    const { host, port, sslmode } = pooler;
    const inPool = 'database' in pooler ? pooler.database : undefined;
    found.set('pool', {
      ...{ name: `canary of ${target.name} through the pool`, host, port, sslmode, ...login },
      ...{ database: inPool ?? database },
      ...('sslrootcert' in pooler ? { sslrootcert: pooler.sslrootcert } : {}),
    });
  }
  return found;
};
