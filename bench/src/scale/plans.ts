import type { ExporterName } from '@submilli/core';
import { PASSWORD as POOL_PASSWORD, type Pooler } from '../incidents/pooler';
import { DATABASE, PASSWORD, USER } from './server';
import type { Targets } from './exporter';
import type { Plan } from './point';

export type Place = { readonly host: string; readonly port: number };

/** `count` names spread over places; as many real ones as there are, then further names for the same. */
export const spread = <T>(places: readonly T[], count: number): { readonly name: string; readonly place: T }[] =>
  Array.from({ length: count }, (_, i) => {
    const place = places[i % places.length];
    if (place === undefined) throw new Error('no place to spread names over');
    return { name: `t${String(i + 1)}`, place };
  });

export const serversOf = (places: readonly Place[], count: number): NonNullable<Targets['postgres']> =>
  spread(places, count).map(({ name, place: { host, port } }) => ({
    ...{ name, host, port, user: USER, password: PASSWORD, database: DATABASE },
  }));

export const poolsOf = (poolers: readonly Pick<Pooler, 'port'>[], count: number): NonNullable<Targets['pgbouncer']> =>
  spread(poolers, count).map(({ name, place: { port } }) => ({
    ...{ name, host: '127.0.0.1', port, user: USER, password: POOL_PASSWORD },
  }));

/** Clusters that each have the same members. */
export const clustersOf = (members: readonly string[], count: number): NonNullable<Targets['clusters']> =>
  Array.from({ length: count }, (_, i) => ({ name: `c${String(i + 1)}`, postgres: members }));

/** The configuration takes no more. */
export const MOST_CLUSTERS = 100;

export type Fleet = {
  readonly servers: readonly Place[];
  /** Two of the servers, which make a cluster. */
  readonly pair: readonly [Place, Place];
  readonly poolers: readonly Pick<Pooler, 'port'>[];
};

const titles: Readonly<Record<ExporterName, string>> = {
  ...{ database: 'database exporter', query: 'query exporter', pool: 'pool exporter', ha: 'ha exporter' },
};

export const planFor = (exporter: 'database' | 'query' | 'pool', fleet: Fleet, count: number): Plan => ({
  name: titles[exporter],
  exporters: [exporter],
  count,
  targets:
    exporter === 'pool' ? { pgbouncer: poolsOf(fleet.poolers, count) } : { postgres: serversOf(fleet.servers, count) },
});

/** Every exporter's targets in one process: so many servers, which two of them read, as many pools, half as many clusters. */
export const allFour = ({ servers, pair, poolers }: Fleet, count: number): Plan => {
  const places = [...pair, ...servers.filter((server) => !pair.includes(server))];
  const clusters = Math.min(MOST_CLUSTERS, Math.ceil(count / 2));
  return {
    name: `all four exporters (${count} servers, ${count} pools, ${clusters} clusters)`,
    exporters: ['database', 'pool', 'query', 'ha'],
    count: 3 * count + clusters,
    targets: {
      postgres: serversOf(places, count),
      pgbouncer: poolsOf(poolers, count),
      clusters: clustersOf(['t1', 't2'], clusters),
    },
  };
};
