import { readFileSync } from 'node:fs';
import { SubmilliError } from '@submilli/core';
import { Client } from 'pg';
import { haproxyCfg, haproxyPoolsCfg } from '../cluster/files';
import { writeFile } from '../stack/files';
import type { Layout } from '../stack/layout';
import { readSecret } from '../stack/secrets';
import type { Endpoint, Service } from '../stack/service';
import { renderReference } from '../stack/template';
import type { DebianContext } from './context';
import { includeOf, poolService, preparePool } from './pgbouncer';
import { callbackFile, specOf } from './spec';
import type { Routes } from './topology';

/**
 * Other ways to the primary than the pool that an observer points at it, to measure what each costs at a failover:
 * a pool that Patroni's callback points there, a pool behind which HAProxy finds it, HAProxy in front of a pool beside
 * each member, and HAProxy alone. A client that is given all members needs nothing of this.
 */
export const prepareRoutes = (context: DebianContext, routes: Routes, fresh: boolean): void => {
  const { layout, topology, account, binaries } = context;
  const { proxy, poolsPort, callback, beforeProxy, beside } = routes;
  const pools = beside.map(({ member, port }) => ({ ...member, poolPort: port }));
  const proxyText = haproxyCfg(specOf(context), proxy) + haproxyPoolsCfg(proxy, poolsPort, pools);
  writeFile(proxyConfigOf(layout), proxyText, account);
  const [first] = topology.members;
  if (first !== undefined)
    preparePool(context, callback, { host: first.address, port: first.port, fixed: false }, fresh);
  preparePool(context, beforeProxy, { host: proxy.address, port: proxy.port, fixed: true }, fresh);
  for (const { member, ...pool } of beside) {
    preparePool(context, pool, { host: member.address, port: member.port, fixed: true }, fresh);
  }
  for (const member of topology.members) {
    const text = renderReference('patroni/on-role-change.sh', {
      ...{ include: includeOf(layout, callback), database: 'grandmodel', host: member.address, port: member.port },
      ...{ console_address: callback.address, console_port: callback.port, psql: `${binaries.postgresBin}/psql` },
      ...{ password_file: layout.secretOf('pgbouncer'), ca_file: layout.certOf('ca') },
    });
    writeFile(callbackFile(layout, member), text, account, 0o700);
  }
};

const proxyConfigOf = ({ state }: Layout): string => `${state}/haproxy.cfg`;

/** The pools in front of the proxy are ready when it leads somewhere. */
export const routeServices = (context: DebianContext, { beside, ...routes }: Routes): Service[] => [
  proxyService(context, routes),
  poolService(context, routes.callback, 'PgBouncer, pointed by Patroni’s callback'),
  poolService(context, routes.beforeProxy, 'PgBouncer, behind it HAProxy'),
  ...beside.map((pool) => poolService(context, pool, `PgBouncer beside ${pool.member.name}`)),
];

const proxyService = (
  { layout, account, binaries }: DebianContext,
  { proxy, poolsPort }: Pick<Routes, 'proxy' | 'poolsPort'>,
): Service => {
  if (binaries.haproxy === undefined) {
    throw new SubmilliError({ what: 'HAProxy is not installed', hint: 'Run `npx submilli packages --for stack`.' });
  }
  const at = (what: string, port: number): Endpoint => {
    return { what, port, url: `postgresql://${proxy.address}:${port}/grandmodel` };
  };
  return {
    name: proxy.name,
    title: 'HAProxy',
    command: binaries.haproxy,
    args: ['-db', '-f', proxyConfigOf(layout)],
    account,
    endpoints: [
      at('HAProxy, primary', proxy.port),
      at('HAProxy, standbys', proxy.replicaPort),
      at('HAProxy, the pool beside the primary', poolsPort),
    ],
    ready: async () => {
      const client = new Client({
        ...{ host: proxy.address, port: proxy.port, user: 'submilli', database: 'grandmodel' },
        ...{ password: readSecret(layout, 'submilli'), connectionTimeoutMillis: 1500, query_timeout: 1500 },
        // It shows the certificate of whoever it leads to.
        ssl: { ca: readFileSync(layout.certOf('ca')), checkServerIdentity: () => undefined },
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
