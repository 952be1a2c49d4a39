import type { PoolSaturation, Share, Snapshots } from '@submilli/core';
import { databases } from './collectors/databases';
import { busyOf, maxwaitOf, pools } from './collectors/pools';
import { CONSOLE, numberOf, type ShowRow, textOf } from './show';
import type { PoolFacts } from './source';

/** How full the pools in front of each server database are. Users have pools of their own: the fullest one counts. */
export const sharedOf = (snapshots: Snapshots): readonly PoolSaturation[] => {
  const rows = (snapshots.of(pools) ?? []).filter((row) => textOf(row, 'database') !== CONSOLE);
  return (snapshots.of(databases) ?? []).flatMap((database) => {
    const max = sizeOf(database);
    const own = rows.filter((row) => textOf(row, 'database') === textOf(database, 'name'));
    if (max === null || own.length === 0) return [];
    const demand = Math.max(...own.map((row) => busyOf(row) + (numberOf(row, 'cl_waiting') ?? 0)));
    const hosts = textOf(database, 'host').split(',');
    return hosts.map((host) => ({
      ...{ kind: 'pool-saturation' as const, host, port: numberOf(database, 'port') ?? 5432 },
      database: textOf(database, 'database'),
      ratio: demand / max,
      waitSeconds: Math.max(...own.map((row) => maxwaitOf(row) ?? 0)),
    }));
  });
};

/** Server connections of one pool, its reserve included; null when unlimited. */
const sizeOf = (row: ShowRow): number | null => {
  const size = numberOf(row, 'pool_size');
  const reserve = numberOf(row, 'reserve_pool_size') ?? numberOf(row, 'reserve_pool') ?? 0;
  return size === null || size <= 0 ? null : size + reserve;
};

export const sharePools: Share<PoolFacts> = ({ snapshots }) => sharedOf(snapshots);
