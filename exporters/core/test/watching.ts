import type { LocalPostgres } from '@submilli/local-postgres';
import { Client } from 'pg';
import {
  type ExporterDefinition,
  type Config,
  createTarget,
  deadlineIn,
  serialise,
  setupRoleStatements,
  silentLogger,
  systemClock,
  type Target,
} from '../src';

/** What the exporters' tests on real servers have in common: watch a target and read what it publishes. */

export const PASSWORD = 'watch-me';

/** The monitoring role, made just as `submilli setup-role` prints it. */
export const makeRole = async (server: LocalPostgres): Promise<void> => {
  for (const statement of setupRoleStatements({ role: 'submilli' })) await server.query(statement);
  await server.query(`ALTER ROLE submilli PASSWORD '${PASSWORD}'`);
};

/**
 * Waits until the server's statistics show what was done. PostgreSQL 14 collects them in a process of its own and reads
 * what that wrote up to half a second ago: before a VACUUM, say, that has ended since.
 */
export const untilCounted = async (server: LocalPostgres, condition: string): Promise<void> => {
  const isTrue = async (): Promise<boolean | undefined> =>
    (await server.query<{ met: boolean }>(`SELECT ${condition} AS met`))[0]?.met;
  while ((await isTrue()) !== true) await new Promise((resolve) => setTimeout(resolve, 20));
};

/** Streams WAL as a base backup does beside its copy, until `end`; `isStreaming` asks the server. */
export const streamBackup = async (server: LocalPostgres) => {
  const backup = new Client(server.clientConfig({ replication: 'true', application_name: 'pg_basebackup' } as object));
  backup.on('error', () => undefined);
  await backup.connect();
  const { rows } = await backup.query<{ xlogpos: string }>('IDENTIFY_SYSTEM');
  const over = backup.query(`START_REPLICATION PHYSICAL ${rows[0]?.xlogpos ?? ''}`).catch(() => undefined);
  const walsenders = (): Promise<{ pid: number }[]> =>
    server.query(
      "SELECT pid FROM pg_stat_replication WHERE application_name = 'pg_basebackup' AND state = 'streaming'",
    );
  const isStreaming = async (): Promise<boolean> => (await walsenders()).length === 1;
  for (let i = 0; i < 200 && !(await isStreaming()); i += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  const end = async (): Promise<void> => {
    for (const { pid } of await walsenders()) await server.query('SELECT pg_terminate_backend($1)', [pid]);
    await over;
    await backup.end().catch(() => undefined);
  };
  return { isStreaming, end };
};

/** All targets that the configuration gives an exporter, at work beside each other. */
export const watchAll = <S, F>(exporter: ExporterDefinition<S, F>, config: Config): readonly Target<F, S>[] => {
  const { registry } = exporter;
  const targets: Target<F, S>[] = exporter.targets(config, systemClock).map((one) =>
    createTarget<S, F>({
      ...{ ...one, registry, config, clock: systemClock, random: () => 0, log: silentLogger },
      siblings: () => targets.filter(({ name }) => name !== one.name).flatMap((other) => other.sibling() ?? []),
    }),
  );
  return targets;
};

/** The only target that the configuration gives an exporter. */
export const watch = <S, F>(exporter: ExporterDefinition<S, F>, config: Config): Target<F, S> => {
  const [found] = watchAll(exporter, config);
  if (found === undefined) throw new Error('the configuration has no target');
  return found;
};

export const scrape = async (target: Target): Promise<string> =>
  serialise((await target.scrape(deadlineIn(4000, systemClock))).families);

/** Scrapes until the text satisfies `enough`, for 20 s at most; the caller's expectations judge the last answer. */
export const scrapeUntil = async (target: Target, enough: (text: string) => boolean): Promise<string> => {
  const deadline = deadlineIn(20_000, systemClock);
  for (;;) {
    const text = await scrape(target);
    if (enough(text) || deadline.remainingMs() <= 0) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** The value of one series, named with its labels as in the exposition. */
export const valueOf = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

export const collectorsFailing = (text: string): string[] =>
  [...text.matchAll(/^db_exporter_collector_success\{collector="([^"]+)"\} 0$/gm)].map(([, name = '']) => name);
