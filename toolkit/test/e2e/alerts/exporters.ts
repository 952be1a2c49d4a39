import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ports } from '../stack';
import { CLUSTER, critical, type Fault, info, ofLeader, ofStandby, sparedBy, warning } from './fault';
import { changeFile, type Lab, reload, reloadPrometheus, run, service } from './lab';

const at = (port: number) => ({ cluster: CLUSTER, instance: `127.0.0.1:${port}` });

const configOf = ({ state }: Lab): string => join(state, 'submilli.yml');

/** Those who watch fail themselves. */
export const exporterFaults: readonly Fault[] = [
  {
    what: 'an exporter is stopped',
    raises: [
      warning('SubmilliExporterDown', () => at(ports.pool)),
      sparedBy(
        'SubmilliExporterDown',
        warning('SubmilliExporterAbsent', () => ({ cluster: CLUSTER, exporter: 'pool' })),
      ),
    ],
    begin: async ({ lab }) => {
      await service(lab, 'stop', 'exporter-pool');
      return () => service(lab, 'start', 'exporter-pool');
    },
  },
  {
    what: 'an exporter is told to reload a configuration that is none',
    raises: [warning('SubmilliConfigReloadFailed', () => at(ports.ha))],
    begin: async ({ lab }) => {
      const restore = changeFile(configOf(lab), (text) => `${text}window_secs: 10\n`);
      const taken = await reload(ports.ha);
      restore();
      if (taken) throw new Error('the exporter took a key that it does not know');
      return () => reload(ports.ha);
    },
  },
  {
    what: 'the monitoring role loses a privilege',
    raises: [warning('SubmilliCollectorFailing', (scene) => ({ ...ofLeader(scene), collector: 'wal-directory' }))],
    begin: async ({ lab, leader }) => {
      const change = (what: string): Promise<void> =>
        run(
          lab,
          leader.port,
          `${what} EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() ${what === 'GRANT' ? 'TO' : 'FROM'} pg_monitor`,
        );
      await change('REVOKE');
      return () => change('GRANT');
    },
  },
  {
    what: 'the canary may not log in any more',
    raises: [
      critical('DatabaseCanaryFailing', (scene) => ({ ...ofLeader(scene), path: 'direct' })),
      critical('DatabaseCanaryFailing', (scene) => ({ ...ofStandby(scene), path: 'direct' })),
    ],
    begin: async ({ lab, leader, standby }) => {
      await run(lab, leader.port, 'ALTER ROLE submilli_canary NOLOGIN');
      const end = `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = 'submilli_canary'`;
      for (const { port } of [leader, standby]) await run(lab, port, end);
      return () => run(lab, leader.port, 'ALTER ROLE submilli_canary LOGIN');
    },
  },
];

/** One exporter alone reads a changed configuration, until it is mended. */
const configured =
  (port: number, change: (text: string) => string): Fault['begin'] =>
  async ({ lab }) => {
    const restore = changeFile(configOf(lab), change);
    const taken = await reload(port);
    restore();
    if (!taken) throw new Error(`port ${port} refused its reload`);
    return () => reload(port);
  };

export const cappedExporter: Fault = {
  what: 'an exporter may show fewer series than there are',
  raises: [info('SubmilliSeriesDropped', () => ({ ...at(ports.pool), family: 'db_pool_setting' }))],
  begin: configured(ports.pool, (text) => stringify({ ...(parse(text) as object), limits: { series_per_family: 10 } })),
};

/** Exporters that ask where nobody listens: all is well but for what is known of it. */
export const misledExporters: readonly Fault[] = [
  {
    what: 'the HA exporter is given addresses at which no Patroni listens',
    raises: [
      critical('PatroniUnreachable', () => ({ cluster: CLUSTER })),
      sparedBy(
        'PatroniUnreachable',
        warning('PatroniApiDown', () => ({ cluster: CLUSTER, address: '127.0.0.1:1' })),
      ),
    ],
    begin: configured(ports.ha, (text) => text.replace('127.0.0.1:8008', '127.0.0.1:1').replace(':8009', ':2')),
  },
  {
    what: 'the query exporter is given a port at which no server listens',
    raises: [warning('SubmilliTargetDown', (scene) => ({ ...ofStandby(scene), ...at(ports.query) }))],
    begin: (scene) => configured(ports.query, (text) => text.replace(`port: ${scene.standby.port}`, 'port: 1'))(scene),
  },
];

type Job = {
  readonly job_name: string;
  readonly static_configs?: unknown;
  readonly http_sd_configs?: readonly { readonly url: string }[];
};

/**
 * Changes what Prometheus' jobs find. The jobs stay: what one no longer finds is gone at once, what a job that is gone
 * had found only after five minutes.
 */
const scraping =
  (change: (job: Job) => Job): Fault['begin'] =>
  async ({ lab }) => {
    const restore = changeFile(join(lab.state, 'prometheus.yml'), (text) => {
      const config = parse(text) as { readonly scrape_configs: readonly Job[] };
      return stringify({ ...config, scrape_configs: config.scrape_configs.map(change) });
    });
    await reloadPrometheus(lab);
    return () => {
      restore();
      return reloadPrometheus(lab);
    };
  };

export const forgottenExporter: Fault = {
  what: 'Prometheus is no longer told to ask the query exporter',
  raises: [warning('SubmilliExporterAbsent', () => ({ cluster: CLUSTER, exporter: 'query' }))],
  begin: scraping(({ http_sd_configs, ...job }) => ({
    ...job,
    http_sd_configs: http_sd_configs?.filter(({ url }) => !url.includes(`:${ports.query}/`)),
  })),
};

export const forgottenExporters: Fault = {
  what: 'Prometheus is no longer told to ask any exporter',
  raises: [critical('SubmilliAbsent', () => ({ component: 'exporter' }))],
  begin: scraping(({ static_configs, http_sd_configs, ...job }) => job),
};
