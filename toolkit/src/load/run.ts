import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPassword, type SqlAddress, SubmilliError } from '@submilli/core';
import { writeFile } from '../stack/files';
import { type Look, look } from './measure/exporters';
import { type MeasuredPath, pathReport } from './measure/path-report';
import { readLog } from './measure/read-log';
import { type PgbenchEnd, type Progress, type RunningPgbench, startPgbench } from './pgbench';
import type { Place } from './place';
import type { ScriptFile } from './profile';
import type { PathReport, Via } from './report/schema';

/** How clients are told from everybody else's, and from our own sessions. */
export const CLIENTS = 'submilli_load';

/** What one path is put under. */
export type Burden = {
  readonly via: Via;
  readonly scripts: readonly ScriptFile[];
  readonly clients: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  readonly rate: number | undefined;
  readonly protocol: 'simple' | 'extended' | 'prepared';
};

export type RunContext = {
  readonly place: Place;
  readonly pgbench: string;
  /** For scripts, logs and the file with the password; nobody else's. */
  readonly scratch: string;
  readonly quantiles: readonly number[];
  readonly signal: AbortSignal;
  readonly say: (detail: string) => void;
  /** Told of each pgbench, so that somebody can end it if we can't. */
  readonly started: (pgbench: RunningPgbench) => void;
};

/** No transaction is tried more often; what then fails is counted. */
const MAX_TRIES = 3;
/** Beyond the time that was asked for: to connect all clients, and for the last transactions to end. */
const GRACE_SECONDS = 30;
/** On the server’s side, where it takes it. */
const SERVER_OPTIONS = '-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s';
const MOST_LOG_BYTES = 2 * 1024 ** 3;
const LEAST_FREE_BYTES = 1024 ** 3;

export const makeScratch = (): string => {
  const parent = tmpdir();
  const { bavail, bsize } = statfsSync(parent);
  if (bavail * bsize < LEAST_FREE_BYTES) {
    throw new SubmilliError({
      what: 'has less than 1 GB free, and the log of a load takes some 50 bytes for each transaction',
      where: parent,
      hint: 'Make room there, or name another place in TMPDIR.',
    });
  }
  return mkdtempSync(join(parent, 'submilli-load-'));
};

export const removeScratch = (scratch: string): void => rmSync(scratch, { recursive: true, force: true });

export const threadsFor = (clients: number): number => Math.min(clients, availableParallelism());

/** Puts one path under its burden, and reads what came of it. */
export const runPath = async (burden: Burden, context: RunContext): Promise<PathReport> => {
  const { place, scratch, signal } = context;
  const address = burden.via === 'pool' ? place.pool : place.server;
  if (address === undefined) throw new SubmilliError({ what: 'there is no pool to go through' });
  const prefix = `${burden.via}-${burden.clients}`;
  const watch = watchExporters(burden, place);
  const pgbench = startPgbench(
    {
      ...{ pgbench: context.pgbench, address, applicationName: CLIENTS, passFile: passFileIn(scratch, address) },
      ...{ scripts: burden.scripts, clients: burden.clients, threads: threadsFor(burden.clients) },
      ...{ seconds: burden.warmupSeconds + burden.seconds, rate: burden.rate, protocol: burden.protocol },
      ...{ maxTries: MAX_TRIES, logPrefix: join(scratch, prefix) },
      serverOptions: burden.via === 'pool' ? undefined : SERVER_OPTIONS,
    },
    (progress) => {
      watch.progress(progress);
      context.say(progressWords(progress, burden));
    },
  );
  context.started(pgbench);
  const end = await bounded(pgbench, burden, scratch, signal);
  signal.throwIfAborted();
  await watch.ended();
  const log = await readLog({
    ...{ directory: scratch, prefix, rated: burden.rate !== undefined, retried: true },
    ...{ scripts: burden.scripts.length, warmupSeconds: burden.warmupSeconds, seconds: burden.seconds },
  });
  if (log === undefined || end.code === 1) throw notBegun(end, address);
  const { via, scripts, seconds, rate } = burden;
  const measured: MeasuredPath = {
    via,
    scripts,
    seconds,
    rate,
    quantiles: context.quantiles,
    log,
    end,
    ...watch.seen(),
  };
  for (const file of await readdir(scratch)) if (file.startsWith(`${prefix}.`)) rmSync(join(scratch, file));
  return pathReport(measured);
};

const progressWords = ({ seconds, tps, latencyMs }: Progress, burden: Burden): string => {
  const whole = burden.warmupSeconds + burden.seconds;
  const phase = seconds <= burden.warmupSeconds ? 'warm-up, ' : '';
  const mean = latencyMs === null ? '' : `, mean ${latencyMs.toFixed(1)} ms`;
  return `${phase}${Math.round(seconds)} of ${whole} s, ${tps.toFixed(0)} tps${mean}`;
};

/** Ends when it ends; or when somebody says so, when it is over its time, or when its log is over its size. */
const bounded = async (
  pgbench: RunningPgbench,
  burden: Burden,
  scratch: string,
  signal: AbortSignal,
): Promise<PgbenchEnd> => {
  const most = burden.warmupSeconds + burden.seconds + GRACE_SECONDS;
  let reason: SubmilliError | undefined;
  const stop = (what: string): void => {
    reason ??= new SubmilliError({ what });
    void pgbench.stop();
  };
  const onAbort = (): void => void pgbench.stop();
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => stop(`pgbench was ended: not over ${GRACE_SECONDS} s after its time`), most * 1000);
  const sizes = setInterval(() => {
    void sizeOf(scratch).then((bytes) => {
      if (bytes > MOST_LOG_BYTES) stop('pgbench was ended: its log is over 2 GB; take a shorter --duration');
    });
  }, 1000);
  try {
    const end = await pgbench.ended;
    if (reason !== undefined) throw reason;
    return end;
  } finally {
    clearTimeout(timer);
    clearInterval(sizes);
    signal.removeEventListener('abort', onAbort);
  }
};

const sizeOf = async (directory: string): Promise<number> => {
  const files = await readdir(directory).catch(() => []);
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(directory, file)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
};

const notBegun = (end: PgbenchEnd, { name, host, port }: SqlAddress): SubmilliError => {
  const why = [...end.complaints.keys()].at(-1);
  return new SubmilliError({
    what: `no load: ${why ?? 'no transaction was done in the time that counts'}`,
    where: `${name} (${host}:${port})`,
  });
};

/** libpq's password file: a line that holds for every address, since nobody but this run reads it. */
const passFileIn = (scratch: string, address: SqlAddress): string => {
  const path = join(scratch, 'pgpass');
  const password = readPassword(address, address.name) ?? '';
  writeFile(path, `*:*:*:*:${password.replaceAll(/([\\:])/g, '\\$1')}\n`, undefined);
  return path;
};

/** Looks at the exporters when the warm-up is over, and again at the end. */
const watchExporters = ({ via, warmupSeconds }: Burden, { config, watched, poolEntry, server }: Place) => {
  const database = (): Promise<Look> => look(config, 'database', watched.name, server.database);
  const pool = (): Promise<Look> | undefined =>
    via === 'pool' && poolEntry !== undefined ? look(config, 'pool', poolEntry.name, server.database) : undefined;
  const lookNow = async () => {
    const at = performance.now();
    const [one, other] = await Promise.all([database(), pool()]);
    return { at, database: one, pool: other };
  };
  let before: ReturnType<typeof lookNow> | undefined;
  let seen: Omit<MeasuredPath, 'via' | 'scripts' | 'seconds' | 'rate' | 'quantiles' | 'log' | 'end'> | undefined;
  return {
    progress: ({ seconds }: Progress): void => {
      if (seconds >= warmupSeconds) before ??= lookNow();
    },
    ended: async (): Promise<void> => {
      const [first, last] = [await (before ?? lookNow()), await lookNow()];
      seen = {
        database: { before: first.database, after: last.database },
        pool:
          first.pool === undefined || last.pool === undefined ? undefined : { before: first.pool, after: last.pool },
        lookSeconds: (last.at - first.at) / 1000,
      };
    },
    seen: () => {
      if (seen === undefined) throw new Error('looked too early');
      return seen;
    },
  };
};
