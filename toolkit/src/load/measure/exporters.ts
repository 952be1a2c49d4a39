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
  const base = `${scheme}://${reachable(listen)}`;
  const names: readonly string[] = exporter === 'database' ? databaseCounters : poolCounters;
  try {
    const url = `${base}/probe?target=${encodeURIComponent(target)}`;
    const text = await getOk(url, AbortSignal.timeout(SECONDS * 1000));
    if (!/^db_exporter_up 1$/m.test(text)) return { absent: `the ${exporter} exporter can’t reach ${target}` };
    return { counters: Object.fromEntries(names.map((name) => [name, counterIn(text, name, database)])) };
  } catch (error) {
    return { absent: `the ${exporter} exporter does not answer (${messageOf(error)})` };
  }
};

/** An exporter that listens everywhere is here too. */
const reachable = (listen: string): string => listen.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, '127.0.0.1');
