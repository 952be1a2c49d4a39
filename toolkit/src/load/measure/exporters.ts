import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, type ExporterName, messageOf } from '@submilli/core';
import { getOk } from '../../stack/http';

/** A counter of one database, as an exporter shows it at a moment; null: it does not have it. */
export type Counters = Readonly<Record<string, number | null>>;

/** What one exporter says of one database at one moment, or why it says nothing. */
export type Look = { readonly counters: Counters } | { readonly absent: string };

/** As long as a scrape may take: an exporter under load is not an exporter that is away. */
const SECONDS = 10;

/** The sum of a metric over all its series of this database; null without one. */
export const counterIn = (text: string, name: string, database: string): number | null => {
  let sum: number | null = null;
  for (const [, labels = '', value] of text.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm'))) {
    if (!labels.split(',').includes(`database="${escaped(database)}"`)) continue;
    const number = Number(value);
    if (Number.isFinite(number)) sum = (sum ?? 0) + number;
  }
  return sum;
};

const escaped = (label: string): string =>
  label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

export const databaseCounters = [
  'db_transactions_total',
  'db_session_active_seconds_total',
  'db_session_idle_in_transaction_seconds_total',
] as const;

export const poolCounters = [
  'db_pool_transactions_total',
  'db_pool_transaction_seconds_total',
  'db_pool_wait_seconds_total',
] as const;

/** An exporter that loses its server under load has it back soon after. */
const PATIENCE_MS = 20_000;
const AGAIN_MS = 1000;

/** Asks a running exporter for its counters of one target and database. Never throws: what it can't say is absent. */
export const look = async (
  config: Config,
  exporter: Extract<ExporterName, 'database' | 'pool'>,
  target: string,
  database: string,
): Promise<Look> => {
  const listen = config.listen[exporter];
  if (listen === null) return { absent: `the ${exporter} exporter is switched off` };
  const scheme = config.web_config_file === null ? 'http' : 'https';
  const url = `${scheme}://${reachable(listen)}/probe?target=${encodeURIComponent(target)}`;
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const { seen, mayCome } = await lookOnce(exporter, url, target, database);
    if (!mayCome || performance.now() > end) return seen;
    await sleep(AGAIN_MS);
  }
};

/** `mayCome`: what is absent may be there a moment later, since the exporter or its server had too much to do. */
const lookOnce = async (
  exporter: 'database' | 'pool',
  url: string,
  target: string,
  database: string,
): Promise<{ readonly seen: Look; readonly mayCome: boolean }> => {
  const names: readonly string[] = exporter === 'database' ? databaseCounters : poolCounters;
  const signal = AbortSignal.timeout(SECONDS * 1000);
  try {
    const text = await getOk(url, signal);
    if (!/^db_exporter_up 1$/m.test(text)) {
      return { seen: { absent: `the ${exporter} exporter can’t reach ${target}` }, mayCome: true };
    }
    const counters = Object.fromEntries(names.map((name) => [name, counterIn(text, name, database)]));
    const someFailed = /^db_exporter_collector_success\{.*\} 0$/m.test(text);
    return { seen: { counters }, mayCome: someFailed && Object.values(counters).includes(null) };
  } catch (error) {
    return {
      seen: { absent: `the ${exporter} exporter does not answer (${messageOf(error)})` },
      mayCome: signal.aborted,
    };
  }
};

/** An exporter that listens everywhere is here too. */
const reachable = (listen: string): string => listen.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, '127.0.0.1');
