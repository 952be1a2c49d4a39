import { parseArgs } from 'node:util';

export type Role = 'Viewer' | 'Editor' | 'Admin';

/** What the preview serves, and where what is behind it listens. */
export type Options = {
  readonly port: number;
  readonly prometheus: string;
  readonly jsonData: Readonly<Record<string, string>>;
  readonly secureJsonData: Readonly<Record<string, string>>;
  /** The built plugin, this preview's own bundle, and where dashboards lie as JSON. */
  readonly plugin: string;
  readonly host: string;
  readonly dashboards: string;
};

export const DATA_SOURCE_UID = 'prometheus';

const plain = { type: 'string' } as const;

export const readOptions = (
  argv: readonly string[],
  folders: Pick<Options, 'plugin' | 'host' | 'dashboards'>,
): Options => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { ...plain, default: '3000' },
      prometheus: { ...plain, default: 'http://127.0.0.1:9090' },
      database: { ...plain, default: 'http://127.0.0.1:9091' },
      pool: { ...plain, default: 'http://127.0.0.1:9092' },
      query: { ...plain, default: 'http://127.0.0.1:9093' },
      ha: { ...plain, default: 'http://127.0.0.1:9094' },
      dashboards: { ...plain, default: folders.dashboards },
    },
  });
  const { port, prometheus, database, pool, query, ha, dashboards } = values;
  // Secrets come by the environment: a command line can be read by everybody.
  const secret = process.env.SUBMILLI_AUTHORIZATION;
  const secrets = ['database', 'pool', 'query', 'ha'].map((name) => [`${name}Authorization`, secret ?? '']);
  return {
    ...{ port: Number(port), prometheus, ...folders, dashboards },
    jsonData: { prometheusUid: DATA_SOURCE_UID, databaseUrl: database, poolUrl: pool, queryUrl: query, haUrl: ha },
    secureJsonData: secret === undefined ? {} : (Object.fromEntries(secrets) as Record<string, string>),
  };
};
