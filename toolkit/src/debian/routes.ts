import { readFileSync } from 'node:fs';
import { SubmilliError } from '@submilli/core';
import { Client } from 'pg';
import { haproxyCfg } from '../cluster/files';
import type { Member, Pool, Proxy } from '../cluster/topology';
import { writeFile } from '../stack/files';
import { readSecret } from '../stack/secrets';
import type { Service } from '../stack/service';
import { renderReference } from '../stack/template';
import type { DebianContext } from './context';
import { includeOf, type LeadsTo, poolService, preparePool } from './pgbouncer';
import { specOf } from './spec';
import { routePools } from './topology';

/**
 * Other ways to the primary than the pool that an observer points at it, to measure what each costs at a failover:
 * a pool that Patroni's callback points there, a pool behind which HAProxy finds it, HAProxy in front of a pool beside
 * each member, and HAProxy alone. A client that is given all members needs nothing of this.
 */
export const prepareRoutes = (context: DebianContext, fresh: boolean): void => {
  const { layout, topology, account, binaries } = context;
  const [proxy] = topology.proxies;
  const [first] = topology.members;
  const callback = poolNamed(context, routePools.callback);
  if (proxy === undefined || first === undefined) throw new SubmilliError({ what: 'routes without a proxy' });
  writeFile(proxyConfigOf(context), haproxyCfg(specOf(context), proxy), account);
  const leads = (pool: Pool): LeadsTo => {
    const beside = topology.members.find(({ name }) => name === pool.beside);
    if (beside !== undefined) return { host: beside.address, port: beside.port, fixed: true };
    return pool === callback ? { ...toHost(first), fixed: false } : { ...toHost(proxy), fixed: true };
  };
  for (const pool of otherPools(context)) preparePool(context, pool, leads(pool), fresh);
  for (const member of topology.members) {
    const text = renderReference('patroni/on-role-change.sh', {
      ...{ include: includeOf(layout, callback), database: 'grandmodel', host: member.address, port: member.port },
      ...{ console_host: topology.outside, console_port: callback.port, psql: `${binaries.postgresBin}/psql` },
      ...{ password_file: layout.secretOf('pgbouncer'), ca_file: layout.certOf('ca') },
    });
    writeFile(callbackOf(context, member), text, account, 0o700);
  }
};

const toHost = ({ address, port }: Member | Proxy): { host: string; port: number } => ({ host: address, port });

const proxyConfigOf = ({ layout }: DebianContext): string => `${layout.state}/haproxy.cfg`;

/** What Patroni runs when a member's role changes; only with routes. */
export const callbackOf = ({ layout }: Pick<DebianContext, 'layout'>, { name }: Member): string =>
  `${layout.dirOf('patroni')}/${name}-on-role-change.sh`;

const otherPools = ({ topology }: DebianContext): Pool[] => topology.pools.slice(1);

const poolNamed = ({ topology }: DebianContext, name: string): Pool => {
  const pool = topology.pools.find((one) => one.name === name);
  if (pool === undefined) throw new SubmilliError({ what: `the stack has no pool ${name}` });
  return pool;
};

const titleOf = ({ name, beside }: Pool): string => {
  if (beside !== undefined) return `PgBouncer beside ${beside}`;
  return name === routePools.callback ? 'PgBouncer, pointed by Patroni’s callback' : 'PgBouncer, behind it HAProxy';
};

export const routeServices = (context: DebianContext): Service[] => [
  ...context.topology.proxies.map((proxy) => proxyService(context, proxy)),
  ...otherPools(context).map((pool) => poolService(context, pool, titleOf(pool))),
];

const proxyService = (context: DebianContext, proxy: Proxy): Service => {
  const { layout, account } = context;
  const at = (what: string, port: number) => ({ what, port, url: `postgresql://${proxy.address}:${port}/grandmodel` });
  return {
    name: proxy.name,
    title: 'HAProxy',
    command: context.binaries.haproxy ?? 'haproxy',
    args: ['-db', '-f', proxyConfigOf(context)],
    account,
    endpoints: [
      at('HAProxy, primary', proxy.port),
      at('HAProxy, standbys', proxy.replicaPort),
      ...(proxy.poolsPort === undefined ? [] : [at('HAProxy, the pool beside the primary', proxy.poolsPort)]),
    ],
    ready: async () => {
      const client = new Client({
        ...{ host: proxy.address, port: proxy.port, user: 'submilli', database: 'grandmodel' },
        ...{ password: readSecret(layout, 'submilli'), connectionTimeoutMillis: 1500, query_timeout: 1500 },
        ssl: { ca: readFileSync(layout.certOf('ca')) },
      });
      client.on('error', () => undefined); // the query's own rejection tells
      try {
        await client.connect();
        const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
        if (rows[0]?.standby === true) throw new Error('it leads to a standby');
        return undefined;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    readySeconds: 15,
  };
};
