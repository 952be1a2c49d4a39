import { existsSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { pgbouncerIni } from '../cluster/files';
import { restUrl, type Pool } from '../cluster/topology';
import { nodeAccount } from '../stack/exporters-service';
import { makeDir, writeFile } from '../stack/files';
import { includeText, readInclude } from '../stack/follow-primary';
import { submilliBin, type Layout } from '../stack/layout';
import { readSecret } from '../stack/secrets';
import type { Service } from '../stack/service';
import { userlistText } from '../stack/userlist';
import type { DebianContext } from './context';
import { currentLeader } from './patroni';
import { specOf } from './spec';
import { LOOPBACK } from './topology';

const configOf = (layout: Layout, { name }: Pool): string => `${layout.dirOf(name)}/pgbouncer.ini`;
/** The file with the one line that says where the pool leads to. */
export const includeOf = (layout: Layout, { name }: Pool): string => `${layout.dirOf(name)}/primary.ini`;

/** Where a pool leads to: `fixed`, or at first, until somebody knows better. */
export type LeadsTo = { readonly host: string; readonly port: number; readonly fixed: boolean };

/** `fresh`: the cluster is about to be made, so what an include file says about timelines is of another. */
export const preparePool = (
  context: DebianContext,
  pool: Pool,
  { host, port, fixed }: LeadsTo,
  fresh: boolean,
): void => {
  const { layout, account } = context;
  makeDir(layout.dirOf(pool.name), account);
  writeFile(configOf(layout, pool), pgbouncerIni(specOf(context), pool), account);
  writeFile(`${layout.dirOf(pool.name)}/userlist.txt`, userlistText(layout, 'trading'), account);
  if (fresh || fixed || !existsSync(includeOf(layout, pool))) {
    writeFile(includeOf(layout, pool), includeText({ host, port, timeline: 0 }, 'grandmodel'), account);
  }
};

export const poolService = ({ layout, binaries, account }: DebianContext, pool: Pool, title: string): Service => ({
  name: pool.name,
  title,
  host: pool.host,
  command: binaries.pgbouncer,
  args: [configOf(layout, pool)],
  account,
  endpoints: [{ what: title, url: `postgresql://${pool.address}:${pool.port}/grandmodel`, port: pool.port }],
  ready: async () => {
    const client = new Client({
      ...{ host: pool.address, port: pool.port, user: 'submilli', database: 'pgbouncer' },
      ...{ password: readSecret(layout, 'submilli'), connectionTimeoutMillis: 1500, query_timeout: 1500 },
      // Whatever its address, it shows the pool's certificate.
      ssl: { ca: readFileSync(layout.certOf('ca')), servername: 'pgbouncer' },
    });
    client.on('error', () => undefined); // the query's own rejection tells
    try {
      await client.connect();
      await client.query('SHOW VERSION');
      return undefined;
    } finally {
      await client.end().catch(() => undefined);
    }
  },
  readySeconds: 15,
});

/** Keeps a pool pointed at the primary. Well when the pool's include file names the leader Patroni knows. */
export const followService = (context: DebianContext, pool: Pool): Service => ({
  name: 'follow-primary',
  title: 'points PgBouncer at the primary',
  command: process.execPath,
  args: [
    ...[submilliBin, 'stack', 'follow-primary', '--include', includeOf(context.layout, pool)],
    ...['--console', `${LOOPBACK}:${pool.port}`, '--password-file', context.layout.secretOf('pgbouncer')],
    ...['--ca-file', context.layout.certOf('ca')],
    ...context.topology.members.flatMap((m) => ['--member', `${restUrl(m)},${m.address}:${m.port}`]),
  ],
  account: nodeAccount(context.account),
  endpoints: [],
  ready: async (signal) => {
    const leader = await currentLeader(context, signal);
    if (leader === undefined) throw new Error('there is no primary to follow');
    const followed = readInclude(includeOf(context.layout, pool));
    if (followed?.port !== leader.port || followed.host !== leader.address) {
      throw new Error(`the pool is not pointed at ${leader.name} yet`);
    }
    return `at ${leader.name}`;
  },
  readySeconds: 20,
});
