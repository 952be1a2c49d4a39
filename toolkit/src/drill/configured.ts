import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { type Config, messageOf, readPassword, SubmilliError, tlsOf } from '@submilli/core';
import { Client } from 'pg';
import { z } from 'zod';
import { get, type Tls } from '../stack/http';
import type { DrillMember, Hooks, Login, Place, Pool, Topology } from './topology';

/** What the command line adds to the configuration: the exporters' role can neither make a table nor write to it. */
export type ClusterOptions = {
  readonly cluster: string;
  readonly database: string;
  /** Makes the table and writes to it: needs CREATE on the database. */
  readonly user: string;
  readonly passwordFile: string | undefined;
  readonly patroniUser: string | undefined;
  readonly patroniPasswordFile: string | undefined;
  /** An entry under pgbouncer, and who may PAUSE it. */
  readonly pool: string | undefined;
  readonly poolAdmin: string | undefined;
  readonly poolAdminPasswordFile: string | undefined;
  readonly hooks: Hooks | undefined;
  readonly stateDirectory: string;
};

const answer = z.object({
  members: z.array(z.object({ name: z.string(), host: z.string(), port: z.number(), api_url: z.string() })),
});

/** A cluster of the configuration: its members are those its Patroni names. */
export const topologyOfCluster = async (config: Config, options: ClusterOptions): Promise<Topology> => {
  const target = config.clusters.find(({ name }) => name === options.cluster);
  if (target === undefined) {
    const there = config.clusters.map(({ name }) => name).join(', ');
    const hint = there === '' ? 'There is none under clusters.' : `There are: ${there}`;
    throw new SubmilliError({ what: `no cluster ${options.cluster} in the configuration`, hint });
  }
  const tls = target.patroni_ca_file === undefined ? undefined : { caFile: target.patroni_ca_file };
  const writer = loginOf(options.user, options.passwordFile, options.database);
  const watch = config.postgres.find(({ name }) => target.postgres.includes(name));
  const ssl = watch === undefined ? false : await agreedTls(watch);
  const members = await membersOf(target.patroni, options.cluster, tls, ssl);
  return {
    cluster: options.cluster,
    members,
    etcd: [],
    pool: await poolOf(config, options),
    tls,
    dcsPrefix: '',
    owner: writer,
    writer,
    watcher:
      watch === undefined
        ? writer
        : { user: watch.user, password: readPassword(watch, watch.name) ?? '', database: options.database },
    patroni:
      options.patroniUser === undefined
        ? undefined
        : { user: options.patroniUser, password: secret(options.patroniPasswordFile, 'Patroni') },
    processes: undefined,
    hooks: options.hooks,
    hosts: undefined,
    workDirectory: join(options.stateDirectory, 'drill'),
    stateDirectory: options.stateDirectory,
  };
};

const membersOf = async (
  urls: readonly string[],
  where: string,
  tls: Tls | undefined,
  ssl: Place['ssl'],
): Promise<DrillMember[]> => {
  let failure: unknown;
  for (const url of urls) {
    try {
      const { text } = await get(new URL('/cluster', url).href, AbortSignal.timeout(3000), tls);
      const { members } = answer.parse(JSON.parse(text));
      return members.map(({ name, host, port, api_url }) => ({
        ...{ name, host, port, ssl, restUrl: new URL(api_url).origin },
      }));
    } catch (error) {
      failure = error;
    }
  }
  throw new SubmilliError({
    what: urls.length === 0 ? 'has no Patroni address' : `no Patroni answers: ${messageOf(failure)}`,
    where,
    hint: 'Drills need Patroni’s REST API: its addresses belong under clusters: patroni.',
    cause: failure,
  });
};

const poolOf = async (
  config: Config,
  { pool: name, poolAdmin, poolAdminPasswordFile }: ClusterOptions,
): Promise<Pool | undefined> => {
  if (name === undefined) return undefined;
  const entry = config.pgbouncer.find((each) => each.name === name);
  if (entry === undefined) throw new SubmilliError({ what: `no pool ${name} under pgbouncer in the configuration` });
  const admin = loginOf(poolAdmin ?? 'pgbouncer', poolAdminPasswordFile, 'pgbouncer');
  return { host: entry.host, port: entry.port, ssl: await agreedTls(entry), admin, include: undefined };
};

/** What `sslmode` comes to: for `prefer`, the server is asked once whether it speaks TLS at all. */
const agreedTls = async (entry: Parameters<typeof tlsOf>[0]): Promise<ConnectionOptions | false> => {
  const ssl = tlsOf(entry);
  if (ssl === false || entry.sslmode !== 'prefer') return ssl;
  const client = new Client({
    host: entry.host,
    port: entry.port,
    ssl,
    user: 'submilli',
    connectionTimeoutMillis: 3000,
  });
  client.on('error', () => undefined); // it is only asked
  const refused = await client.connect().then(
    () => false,
    (error: unknown) => /does not support SSL/i.test(messageOf(error)),
  );
  client.connection.stream.destroy();
  return refused ? false : ssl;
};

const loginOf = (user: string, passwordFile: string | undefined, database: string): Login => ({
  ...{ user, database, password: secret(passwordFile, user) },
});

const secret = (password_file: string | undefined, where: string): string =>
  password_file === undefined ? '' : (readPassword({ password_file }, where) ?? '');
