import type { Config } from '@submilli/core';
import type { Given } from '../files/read';
import { readPatroni } from './patroni';
import { readPool } from './pool';
import { readServer } from './server';

/**
 * What runs, of every target of the configuration, one after the other, read with what the role may read. A name is
 * among its own kind only, so each has its kind before it.
 */
export const gatherLive = async (
  config: Config,
  say: (what: string) => void,
  signal: AbortSignal,
): Promise<readonly Given[]> => {
  const found: Given[] = [];
  const look = async (kind: string, name: string, read: () => Promise<Given | undefined>): Promise<void> => {
    signal.throwIfAborted();
    say(`${kind} ${name}`);
    const one = await read();
    if (one !== undefined) found.push({ ...one, source: { ...one.source, path: `live/${kind}/${name}` } });
  };
  for (const target of config.postgres) await look('postgres', target.name, () => readServer(target, config));
  for (const target of config.pgbouncer) await look('pgbouncer', target.name, () => readPool(target, config));
  for (const cluster of config.clusters) {
    await look('patroni', cluster.name, () => readPatroni(cluster, config.timeouts.scrape_ms));
  }
  return found;
};
