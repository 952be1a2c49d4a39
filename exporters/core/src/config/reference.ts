import { z } from 'zod';
import { httpUrl } from './shapes';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'a name of small letters, digits, dots, dashes and underscores')
  .max(63);
/** As it stands in URLs, certificates and pg_hba.conf. */
const address = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/, 'an IPv4 address or a host name, without a port')
  .max(253);
const port = z.number().int().min(1).max(65_535);
/** What needs no quotes anywhere: in SQL, in INI files, in pg_hba.conf. */
const identifier = z
  .string()
  .regex(/^[a-z_][a-z0-9_]*$/, 'small letters, digits and underscores')
  .max(63);
const folder = z.string().regex(/^\/[\w./+-]*$/, 'an absolute path of letters, digits and ./_+-');

const member = z.strictObject({
  name,
  address,
  port: port.default(5432),
  rest_port: port.default(8008),
  memory_mb: z.number().int().min(1024).max(16_777_216),
  cores: z.number().int().min(1).max(1024),
  disk_gb: z.number().int().min(10).max(1_000_000),
  storage: z.enum(['ssd', 'hdd']).default('ssd'),
});

const etcd = z.strictObject({
  ...{ name, address },
  client_port: port.default(2379),
  peer_port: port.default(2380),
  metrics_port: port.default(2381),
});

const pool = z.strictObject({ name, address, port: port.default(6432) });
const proxy = z.strictObject({ name, address, port: port.default(5000), replica_port: port.default(5001) });

const repository = z.strictObject({
  path: folder,
  s3: z.strictObject({ endpoint: address, bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/), region: name }).optional(),
});

/** Backups by pgBackRest: two places, so that one that is lost loses none. */
const backup = z.strictObject({
  repositories: z.tuple([repository, repository]),
  retention_days: z.number().int().min(1).max(9999).default(30),
  directory: folder.default('/var/spool/pgbackrest'),
});

const value = z.union([z.string(), z.number(), z.boolean()]);

/** In place of what is computed; null leaves a setting out. */
const settings = z.strictObject({
  postgresql: z.record(z.string().regex(/^[a-z_][\w.]*$/, 'the name of a setting'), value.nullable()).default({}),
  pgbouncer: z.record(z.string().regex(/^[a-z_]+$/, 'the name of a setting'), value.nullable()).default({}),
  /** Of Patroni's dynamic configuration. */
  patroni: z
    .record(z.string().regex(/^[a-z_]+$/, 'the name of a setting'), z.union([value, z.null()]))
    .refine((own) => !('postgresql' in own), 'settings of PostgreSQL under settings: postgresql')
    .default({}),
});

/** How a machine is reached: by paths on this one, or by the system's ssh. */
const way = z
  .string()
  .regex(/^(local|ssh:\/\/([\w.-]+@)?[\w.-]+(:\d{1,5})?)$/, 'local, or ssh://USER@HOST:PORT')
  .max(300);

/** How `submilli deploy` gets to the machines and what it verifies a deploy by. */
const deploy = z.strictObject({
  machines: z.record(name, way).default({}),
  ssh_config: z.string().min(1).nullable().default(null),
  score_url: httpUrl.nullable().default(null),
});

/** The cluster that `submilli cluster render` writes the files of. */
export const reference = z
  .strictObject({
    scope: name.default('main'),
    database: identifier.default('app'),
    application: identifier.default('app'),
    versions: z.strictObject({
      postgresql: z.number().int().min(15).max(99),
      patroni: z.string().regex(/^\d+\.\d+(\.\d+)?$/, 'a version such as 3.0.2'),
    }),
    members: z.array(member).min(1).max(9),
    etcd: z.array(etcd).min(1).max(9),
    pools: z.array(pool).max(32).default([]),
    proxies: z.array(proxy).max(32).default([]),
    clients: z.array(address).max(1000).default([]),
    watchers: z.array(address).max(32).default([]),
    operators: z.array(address).max(32).default([]),
    max_clients: z.number().int().min(10).max(100_000).default(500),
    backup: backup.nullable().default(null),
    settings: settings.prefault({}),
    deploy: deploy.prefault({}),
    directories: z
      .strictObject({
        configuration: folder.default('/etc/submilli'),
        data: folder.default('/var/lib/postgresql/submilli'),
        log: folder.default('/var/log/postgresql'),
        etcd: folder.default('/var/lib/etcd/submilli'),
      })
      .prefault({}),
  })
  .superRefine(({ members, etcd: stores, pools, proxies, deploy: ways }, context) => {
    const all = [members, stores, pools, proxies].flatMap((list, i) =>
      list.map((one, j) => ({ name: one.name, path: [['members', 'etcd', 'pools', 'proxies'][i] ?? '', j, 'name'] })),
    );
    all.forEach(({ name: own, path }, i) => {
      if (all.findIndex((other) => other.name === own) !== i) {
        context.addIssue({ code: 'custom', path, message: 'a name used once in the cluster', input: own });
      }
    });
    for (const machine of Object.keys(ways.machines)) {
      if (!all.some((one) => one.name === machine)) {
        const message = `one of ${all.map((one) => one.name).join(', ')}`;
        context.addIssue({ code: 'custom', path: ['deploy', 'machines', machine], message, input: machine });
      }
    }
    if (stores.length % 2 === 0) {
      const message = `three members, or five: of ${stores.length}, no more may be lost than of ${stores.length - 1}`;
      context.addIssue({ code: 'custom', path: ['etcd'], message, input: stores.length });
    }
  });

export type ReferenceCluster = z.output<typeof reference>;
export type ReferenceSettings = ReferenceCluster['settings'];
