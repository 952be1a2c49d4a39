import { existsSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { nodeAccount } from '../stack/exporters-service';
import { makeDir, writeFile } from '../stack/files';
import { includeText, readInclude } from '../stack/follow-primary';
import { submilliBin } from '../stack/layout';
import { readSecret } from '../stack/secrets';
import { userlistText } from '../stack/userlist';
import type { Service } from '../stack/service';
import { pgbouncerIni } from '../cluster/files';
import { restUrl } from '../cluster/topology';
import type { DebianContext } from './context';
import { currentLeader } from './patroni';
import { specOf } from './spec';
import { LOOPBACK, POOL_PORT } from './topology';

const configOf = ({ layout }: DebianContext): string => `${layout.dirOf('pgbouncer')}/pgbouncer.ini`;
const includeOf = ({ layout }: DebianContext): string => `${layout.dirOf('pgbouncer')}/primary.ini`;

/** `fresh`: the cluster is about to be made, so what an include file says about timelines is of another. */
export const preparePgbouncer = (context: DebianContext, fresh: boolean): void => {
  const { layout, topology, account } = context;
  makeDir(layout.dirOf('pgbouncer'), account);
  const [pool] = topology.pools;
  if (pool !== undefined) writeFile(configOf(context), pgbouncerIni(specOf(context), pool), account);
  writeFile(`${layout.dirOf('pgbouncer')}/userlist.txt`, userlistText(layout, 'trading'), account);
  if (fresh || !existsSync(includeOf(context))) {
    const [first] = topology.members;
    const place = { host: first?.address ?? LOOPBACK, port: first?.port ?? 5432 };
    writeFile(includeOf(context), includeText({ ...place, timeline: 0 }, 'grandmodel'), account);
  }
};

export const pgbouncerService = (context: DebianContext): Service => ({
  name: 'pgbouncer',
  title: 'PgBouncer',
  command: context.binaries.pgbouncer,
  args: [configOf(context)],
  account: context.account,
  endpoints: [{ what: 'PgBouncer', url: `postgresql://${LOOPBACK}:${POOL_PORT}/grandmodel`, port: POOL_PORT }],
  ready: async () => {
    const client = new Client({
      ...{ host: LOOPBACK, port: POOL_PORT, user: 'submilli', database: 'pgbouncer' },
      ...{ password: readSecret(context.layout, 'submilli'), connectionTimeoutMillis: 1500, query_timeout: 1500 },
      ssl: { ca: readFileSync(context.layout.certOf('ca')) },
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

/** Keeps the pool pointed at the primary. Well when the pool's include file names the leader Patroni knows. */
export const followService = (context: DebianContext): Service => ({
  name: 'follow-primary',
  title: 'points PgBouncer at the primary',
  command: process.execPath,
  args: [
    ...[submilliBin, 'stack', 'follow-primary', '--include', includeOf(context)],
    ...['--console', `${LOOPBACK}:${POOL_PORT}`, '--password-file', context.layout.secretOf('pgbouncer')],
    ...['--ca-file', context.layout.certOf('ca')],
    ...context.topology.members.flatMap((m) => ['--member', `${restUrl(m)},${m.address}:${m.port}`]),
  ],
  account: nodeAccount(context.account),
  endpoints: [],
  ready: async (signal) => {
    const leader = await currentLeader(context, signal);
    if (leader === undefined) throw new Error('there is no primary to follow');
    const followed = readInclude(includeOf(context));
    if (followed?.port !== leader.port || followed.host !== leader.address)
      throw new Error(`the pool is not pointed at ${leader.name} yet`);
    return `at ${leader.name}`;
  },
  readySeconds: 20,
});
