import { type Config, isPoolSaturation, isSameServer, type Shared } from '@submilli/core';
import type { Signals } from './signals';

type About = { readonly config: Config; readonly target: string; readonly shared: readonly Shared[] };

/** How full the fullest pool in front of a database is, if a pooler watched by this process has one. */
export const poolOf = (
  database: string,
  { config, target, shared }: About,
): Pick<Signals, 'pool_saturation' | 'pool_wait'> => {
  const server = config.postgres.find(({ name }) => name === target);
  const known = shared.filter(isPoolSaturation);
  const pools = known.filter(
    (item) => server !== undefined && item.database === database && isSameServer(item, server),
  );
  if (pools.length > 0) {
    return {
      pool_saturation: 100 * Math.max(...pools.map(({ ratio }) => ratio)),
      pool_wait: Math.max(...pools.map(({ waitSeconds }) => waitSeconds)),
    };
  }
  const silent = config.pgbouncer.length > 0 && known.length === 0;
  const missing = silent
    ? ({ missing: 'unknown', why: 'the pool exporter of this process has not told of any pool lately' } as const)
    : ({ missing: 'not-applicable', why: 'no pool that is watched leads here' } as const);
  return { pool_saturation: missing, pool_wait: missing };
};
