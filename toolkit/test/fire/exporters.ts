import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { recommendationsAnswer, statusAnswer, type StatusAnswer } from '@submilli/core';
import { hashSync } from 'bcryptjs';
import { stringify } from 'yaml';
import type { Exporter } from '../../src/fire/cell';
import { submilliBin } from '../../src/stack/layout';
import { until } from '../e2e/stack';
import type { Certificates } from './certificates';
import { clockIn } from './clock';
import { daemon } from './daemon';

export const USER = 'prometheus';
export const PASSWORD = 'let-me-scrape';

/** In a namespace of their own the usual ports are free. */
export const ports: Readonly<Record<Exporter, number>> = { database: 9091, pool: 9092, query: 9093, ha: 9094 };

export type ExportersOptions = {
  readonly directory: string;
  readonly stateDirectory: string;
  readonly certificates: Certificates;
  /** The command that runs another where they are. */
  readonly inside: readonly string[];
  readonly host: string;
  /** What they watch, as in the configuration. */
  readonly targets: object;
};

/** The four exporters as one real process, with TLS, a password and a directory for their state. */
export const startExporters = async (options: ExportersOptions) => {
  const { directory, stateDirectory, certificates, inside, host, targets } = options;
  mkdirSync(directory);
  const web = join(directory, 'web.yml');
  const tls = { cert_file: certificates.node.cert, key_file: certificates.node.key };
  writeFileSync(web, stringify({ tls_server_config: tls, basic_auth_users: { [USER]: hashSync(PASSWORD, 4) } }));
  const path = join(directory, 'submilli.yml');
  const configure = (watched: object): void =>
    writeFileSync(
      path,
      stringify({
        listen: Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `${host}:${port}`])),
        ...{ web_config_file: web, state_directory: stateDirectory },
        // What goes on between scrapes, seldom: a small machine has enough to do.
        ...{
          window_seconds: 10,
          latency_window_seconds: 10,
          sample_interval_seconds: 2,
          survey_interval_seconds: 3600,
        },
        ...{ pool_sampling_hz: 1, session_sampling_hz: 0, cluster_sampling_hz: 1, cluster_outage_sampling_hz: 1 },
        timeouts: { connect_ms: 3000, lock_ms: 50, statement_ms: 2000, scrape_ms: 15_000 },
        ...watched,
      }),
    );
  configure(targets);
  const clock = clockIn(join(directory, 'clock'));
  const exporters = daemon({
    command: [...inside, process.execPath, submilliBin, 'serve', '--config', path],
    env: clock.env,
  });
  const ca = readFileSync(certificates.ca);
  const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;

  const get = (exporter: Exporter, resource: string, body?: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...{ authorization, 'X-Prometheus-Scrape-Timeout-Seconds': '15' },
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const method = body === undefined ? 'GET' : 'POST';
      const sent = request(
        `https://${host}:${ports[exporter]}${resource}`,
        { method, ca, headers, agent: false, timeout: 20_000 },
        (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
          answer.on('end', () =>
            answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode}: ${text}`)),
          );
        },
      );
      sent.on('timeout', () => sent.destroy(new Error('the exporter does not answer')));
      sent.on('error', ({ message }) => reject(new Error(message)));
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const whole = async (): Promise<void> => {
    const seen = await until(
      60,
      () => Promise.all((Object.keys(ports) as Exporter[]).map((name) => get(name, '/-/ready'))),
      (answers) => answers.length === 4,
    );
    if (!Array.isArray(seen)) throw new Error(`the exporters did not start: ${String(seen)}\n${exporters.said()}`);
  };
  exporters.start();
  await whole();
  return {
    ...exporters,
    ...{ get, whole, clock },
    /** Begins to watch other targets; all are told by SIGHUP. */
    reconfigure: async (watched: object): Promise<void> => {
      const before = exporters.said().length;
      configure(watched);
      exporters.signal('SIGHUP');
      const said = (): string => exporters.said().slice(before);
      await until(
        30,
        () => Promise.resolve(said()),
        (text) => text.includes('configuration reloaded'),
      );
      if (!said().includes('configuration reloaded')) throw new Error(`no reload: ${said()}`);
    },
    /** Gives it something to keep: somebody has seen the first advice that there is. */
    acknowledge: async (): Promise<void> => {
      for (const exporter of ['database', 'pool', 'ha'] as const) {
        const text = await get(exporter, '/api/v1/recommendations');
        const [first] = recommendationsAnswer.parse(JSON.parse(text)).recommendations;
        if (first === undefined) continue;
        await get(exporter, `/api/v1/recommendations/${first.id}/acknowledge`, { why: 'under fire' });
        return;
      }
      throw new Error('nobody advises anything');
    },
    status: async (exporter: Exporter): Promise<StatusAnswer> =>
      statusAnswer.parse(JSON.parse(await get(exporter, '/api/v1/status'))),
  };
};

export type Exporters = Awaited<ReturnType<typeof startExporters>>;
