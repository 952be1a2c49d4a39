import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Config,
  createTarget,
  deadlineIn,
  type PgbouncerTarget,
  type Shared,
  silentLogger,
  SubmilliError,
  systemClock,
  type Target,
} from '@submilli/core';
import { databases, poolExporter } from '@submilli/pool';
import type { PoolFacts } from '../facts';

/** A pool that is watched, with what its exporter would know of it. */
export type WatchedPool = { readonly look: () => Promise<PoolFacts>; readonly close: () => Promise<void> };

/**
 * The pool exporter's own eyes and rules, in this process: what it would advise is what the doctor finds. Its probe is
 * left out, since a doctor that only looks opens no connection through the pool. What a database exporter in the same
 * process would tell it of the servers, `shared` does.
 */
export const watchPool = (target: PgbouncerTarget, config: Config, shared: () => readonly Shared[]): WatchedPool => {
  const { name, source } = onlyTarget({ ...config, pgbouncer: [{ ...target, probe: undefined }] });
  const registry = { ...poolExporter.registry, probes: [] };
  const watched: Target = createTarget({
    ...{ name, source, registry, config, clock: systemClock, random: Math.random, log: silentLogger },
    shared,
  });
  return { look: () => lookAt(watched, config), close: () => watched.close() };
};

const onlyTarget = (config: Config) => {
  const [target] = poolExporter.targets(config, systemClock);
  if (target === undefined) throw new SubmilliError({ what: 'no pool is configured' });
  return target;
};

const lookAt = async (watched: Target, config: Config): Promise<PoolFacts> => {
  await watched.scrape(deadlineIn(config.timeouts.scrape_ms, systemClock));
  const { up, problem, advice, snapshots } = watched.view();
  if (!up || advice === undefined) {
    throw problem ?? new SubmilliError({ what: 'could not be looked at', where: watched.where });
  }
  const rows = snapshots.of(databases) ?? [];
  return {
    name: watched.name,
    advice: advice.found.map(({ rule, subject, severity, title, evidence, action }) => ({
      ...{ rule, subject, severity, title, evidence, action: action.text },
    })),
    notEvaluated: advice.notEvaluated,
    leadsTo: rows
      .filter((row) => row.name !== 'pgbouncer')
      .flatMap((row) =>
        // A list of hosts is several servers.
        text(row.host)
          .split(',')
          .map((host) => ({ database: text(row.name), of: text(row.database), host, port: Number(row.port ?? 5432) })),
      ),
  };
};

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** What is judged over a window is judged over as much of it as we stay. */
export const configFor = (config: Config, seconds: number): Config => ({
  ...config,
  window_seconds: Math.max(1, Math.floor(seconds)),
  sample_interval_seconds: Math.min(1, seconds / 4),
});

/** Waits, or until somebody says stop. */
export const stay = async (seconds: number, signal: AbortSignal, say: (detail: string) => void): Promise<void> => {
  const end = performance.now() + seconds * 1000;
  for (let left = seconds; left > 0; left = (end - performance.now()) / 1000) {
    say(`${Math.ceil(left)} s more`);
    await sleep(Math.min(1000, left * 1000), undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
};
