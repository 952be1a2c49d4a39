import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alerts } from '@submilli/alert-rules';
import { freePort } from '@submilli/local-postgres';
import { stringify } from 'yaml';
import { until } from '../e2e/stack';
import { daemon } from './daemon';

export type Labels = Readonly<Record<string, string>>;

export type ScrapeTarget = { readonly address: string; readonly labels: Labels };

export type PrometheusOptions = {
  readonly directory: string;
  readonly ca: string;
  readonly user: string;
  readonly password: string;
  readonly targets: readonly ScrapeTarget[];
};

const HOST = '127.0.0.1';

/** A real Prometheus that scrapes the exporters as they want to be asked: over TLS, and with a password. */
export const startPrometheus = async ({ directory, ca, user, password, targets }: PrometheusOptions) => {
  mkdirSync(directory);
  const passwordFile = join(directory, 'password');
  const setPassword = (text: string): void => writeFileSync(passwordFile, text);
  setPassword(password);
  const config = join(directory, 'prometheus.yml');
  writeFileSync(
    config,
    stringify({
      // A scrape's deadline is its timeout, and a small machine has more to do.
      global: { scrape_interval: '5s', scrape_timeout: '5s' },
      scrape_configs: [
        {
          ...{ job_name: 'submilli', scheme: 'https', tls_config: { ca_file: ca } },
          basic_auth: { username: user, password_file: passwordFile },
          static_configs: targets.map(({ address, labels }) => ({ targets: [address], labels })),
        },
      ],
    }),
  );
  const port = await freePort();
  const prometheus = daemon({
    command: [
      ...['prometheus', `--config.file=${config}`, `--storage.tsdb.path=${join(directory, 'data')}`],
      ...[`--web.listen-address=${HOST}:${port}`, '--log.level=warn'],
    ],
  });
  prometheus.start();

  const api = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`http://${HOST}:${port}/api/v1/${path}`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(10_000),
    });
    return ((await answer.json()) as { data: T }).data;
  };
  const query = async (text: string): Promise<readonly Labels[]> => {
    const { result } = await api<{ result: readonly { metric: Labels }[] }>(`query?query=${encodeURIComponent(text)}`);
    return result.map(({ metric }) => metric);
  };
  const isReady = (): Promise<boolean> => fetch(`http://${HOST}:${port}/-/ready`).then(({ ok }) => ok);
  if ((await until(60, isReady, Boolean)) !== true) {
    await prometheus.kill();
    throw new Error(`Prometheus did not start: ${prometheus.said().slice(-2000)}`);
  }
  return {
    port,
    setPassword,
    /** Whether the expression of this alert, at any of its levels, is true of something with these labels now. */
    isTrue: async (name: string, labels: Labels): Promise<boolean> => {
      const alert = alerts.find((one) => one.name === name);
      if (alert === undefined) throw new Error(`there is no alert ${name}`);
      const found = await Promise.all(alert.levels.map(({ expr }) => query(expr)));
      return found.flat().some((metric) => Object.entries(labels).every(([key, value]) => metric[key] === value));
    },
    /** What it says of its last scrape of an address. */
    lastError: async (address: string): Promise<string> => {
      type Active = { readonly scrapeUrl: string; readonly lastError: string };
      const { activeTargets } = await api<{ activeTargets: readonly Active[] }>('targets');
      return activeTargets.find(({ scrapeUrl }) => scrapeUrl.includes(`//${address}/`))?.lastError ?? 'no such target';
    },
    /** kill -9, and a start with what is on its disk. */
    kill: prometheus.kill,
    restart: async (): Promise<void> => {
      prometheus.start();
      await until(60, isReady, Boolean);
    },
    stop: prometheus.kill,
  };
};

export type Prometheus = Awaited<ReturnType<typeof startPrometheus>>;
