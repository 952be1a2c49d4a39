import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { exporterNames, type ExporterName } from '@submilli/core';
import { type Account, canReach } from '@submilli/local-postgres';
import { stringify } from 'yaml';
import { makeDir, writeFile } from './files';
import { getOk } from './http';
import { checkout, submilliBin, type Layout } from './layout';
import type { Service } from './service';

export type PostgresEntry = { readonly name: string; readonly host: string; readonly port: number };

/** What the exporters of a stack watch. */
export type Watched = {
  readonly postgres: readonly PostgresEntry[];
  readonly pgbouncer: readonly PostgresEntry[];
  readonly clusters: readonly {
    readonly name: string;
    readonly patroni: readonly string[];
    readonly postgres: readonly string[];
    /** Addresses of etcd's listeners for health and metrics, which take no certificate and change nothing. */
    readonly etcd?: readonly string[];
    readonly backup?: { readonly stanza: string; readonly config: string; readonly program: string } | undefined;
  }[];
};

export const exporterPorts: Readonly<Record<ExporterName, number>> = {
  database: 9091,
  pool: 9092,
  query: 9093,
  ha: 9094,
};
const urlOf = (name: ExporterName): string => `http://127.0.0.1:${exporterPorts[name]}`;

/** What `submilli backup verify` found. */
const verifiedFile = (layout: Layout): string => join(layout.dirOf('exporters'), 'verified.json');

/**
 * Writes the exporters' configuration. It names the password's file and so holds no secret itself. `caFile` is whom to
 * trust; without one, nothing there speaks TLS.
 */
export const writeExporterConfig = (
  layout: Layout,
  caFile: string | undefined,
  { postgres, pgbouncer, clusters }: Watched,
): void => {
  const tls = caFile === undefined ? { sslmode: 'disable' } : { sslmode: 'verify-full', sslrootcert: caFile };
  const login = { user: 'submilli', password_file: layout.secretOf('submilli'), ...tls };
  const canary = {
    ...{ database: 'grandmodel', user: 'submilli_canary', password_file: layout.secretOf('canary') },
    ...{ rate_hz: 4, write: true },
  };
  const text = stringify({
    state_directory: layout.dirOf('exporters'),
    listen: Object.fromEntries(exporterNames.map((name) => [name, `127.0.0.1:${exporterPorts[name]}`])),
    // Nor are there secrets in its statements.
    query_text: 'normalised',
    plans: { enabled: true, interval_seconds: 60 },
    // Nobody's data is at risk here, so the primary, which has the workload, is asked about its indexes, too.
    index_advice: { enabled: true, interval_seconds: 30, on_primary: true },
    postgres: postgres.map((entry) => ({ ...entry, database: 'grandmodel', ...login, canary })),
    pgbouncer: pgbouncer.map((entry) => ({ ...entry, ...login })),
    clusters: clusters.map(({ backup, ...cluster }) => ({
      ...{ ...cluster, drills_directory: join(layout.dirOf('exporters'), 'drills') },
      ...(backup === undefined ? {} : { backup: { ...backup, verified_file: verifiedFile(layout) } }),
      ...(caFile === undefined ? {} : { patroni_ca_file: caFile }),
    })),
  });
  writeFile(layout.exporterConfig, `# Written at each start of the stack.\n${text}`, undefined, 0o644);
};

/**
 * Who runs our own Node programs: the services' account if it can read this checkout and Node itself (a checkout in
 * /root it can't), else whoever runs the supervisor.
 */
export const nodeAccount = (account: Account | undefined): Account | undefined => {
  const reachable = [submilliBin, join(checkout, 'node_modules', 'pg'), process.execPath].every((path) =>
    canReach(path, account),
  );
  return reachable ? account : undefined;
};

/** The exporters: one process for all, or one for each. */
export const exporterServices = (layout: Layout, account: Account | undefined, processes: 1 | 4): Service[] => {
  accessSync(submilliBin, constants.R_OK);
  makeDir(layout.dirOf('exporters'), nodeAccount(account));
  const make = (name: string, title: string, names: readonly ExporterName[]): Service => ({
    name,
    title,
    command: process.execPath,
    args: [submilliBin, 'serve', ...(processes === 1 ? [] : names), '--config', layout.exporterConfig],
    account: nodeAccount(account),
    endpoints: names.map((n) => ({ what: `${n} exporter`, url: `${urlOf(n)}/metrics`, port: exporterPorts[n] })),
    ready: async (signal) => {
      await Promise.all(names.map((n) => getOk(`${urlOf(n)}/-/ready`, signal)));
      return undefined;
    },
    readySeconds: 30,
  });
  return processes === 1
    ? [make('exporters', 'Exporters', exporterNames)]
    : exporterNames.map((name) => make(`exporter-${name}`, `${name} exporter`, [name]));
};
