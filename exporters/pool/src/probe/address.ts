import type { Config, PgbouncerTarget, ProbeSettings, SqlAddress } from '@submilli/core';
import type { Path } from './results';

type Server = Pick<SqlAddress, 'host' | 'port' | 'sslmode' | 'sslrootcert' | 'sslcert' | 'sslkey'> & {
  readonly database?: string | undefined;
};

const serverOf = (direct: NonNullable<ProbeSettings['direct']>, config: Config): Server | undefined => {
  if (typeof direct !== 'string') return direct;
  const entry = config.postgres.find(({ name }) => name === direct);
  // Of the entry only where it is and how to reach it: its database and user are those of the watcher.
  return entry === undefined ? undefined : { ...entry, database: undefined };
};

/** Where to try, as whom. */
export const addressesOf = (
  target: PgbouncerTarget,
  probe: ProbeSettings,
  config: Config,
): ReadonlyMap<Path, SqlAddress> => {
  const { database, user, password, password_file } = probe;
  const as = (name: string, at: Server): SqlAddress => ({
    ...{ name, host: at.host, port: at.port, database: at.database ?? database, user, password, password_file },
    ...{ sslmode: at.sslmode, sslrootcert: at.sslrootcert, sslcert: at.sslcert, sslkey: at.sslkey },
  });
  const server = probe.direct === undefined ? undefined : serverOf(probe.direct, config);
  return new Map<Path, SqlAddress>([
    ['pool', as(`probe of ${target.name}`, { ...target, database: undefined })],
    ...(server === undefined ? [] : [['direct', as(`probe past ${target.name}`, server)] as const]),
  ]);
};
