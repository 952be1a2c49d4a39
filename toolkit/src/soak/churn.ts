import { setTimeout as sleep } from 'node:timers/promises';
import { withSession } from '../drill/ask';
import type { Topology } from '../drill/topology';

/**
 * Connections that come and go, beside those of the workload, which stay: each does a little and leaves, some without a
 * word. Failures are the faults'.
 */
export const startChurn = (topology: Topology, random: () => number): { readonly stop: () => Promise<number> } => {
  const stop = new AbortController();
  const { pool, members, writer } = topology;
  let made = 0;
  const one = async (): Promise<void> => {
    const place = random() < 0.7 && pool !== undefined ? pool : members[Math.floor(random() * members.length)];
    if (place === undefined) return;
    const work = async (client: { query: (sql: string) => Promise<unknown> }): Promise<void> => {
      await client.query(random() < 0.5 ? 'SELECT 1' : 'SELECT pg_catalog.pg_sleep(0.05)');
      if (random() < 0.2) throw new Error('gone without a word');
    };
    await withSession(place, writer, work, { timeoutMs: 5000, through: place === pool ? 'pool' : 'server' });
    made += 1;
  };
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await one().catch(() => undefined);
      await sleep(200 + random() * 1500, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const loops = [loop(), loop(), loop()];
  return {
    stop: async () => {
      stop.abort();
      await Promise.all(loops);
      return made;
    },
  };
};
