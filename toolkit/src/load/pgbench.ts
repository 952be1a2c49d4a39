import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { messageOf, type SqlAddress, SubmilliError } from '@submilli/core';
import { processWith, type ProcessId, send, untilGone } from '../stack/procs';
import type { ScriptFile } from './profile';

/** The first that retries, and says why a transaction failed. */
const OLDEST = 15;
const DEBIAN = '/usr/lib/postgresql';

export type Pgbench = { readonly path: string; readonly version: string };

/** The newest pgbench there is: Debian has one per major release, others have it on the search path. */
export const findPgbench = (wanted: string | undefined): Pgbench => {
  const majors = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const places = [
    ...majors.map((major) => join(DEBIAN, major, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/')),
  ];
  const path = wanted ?? places.map((folder) => join(folder, 'pgbench')).find((file) => existsSync(file));
  if (path === undefined) {
    const hint =
      'It comes with PostgreSQL’s server package; `submilli packages` installs it. Or name it: --pgbench PATH.';
    throw new SubmilliError({ what: 'there is no pgbench here', hint });
  }
  const { stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  if (error !== undefined) {
    const hint = `It comes with the server package of PostgreSQL ${OLDEST} or newer.`;
    throw new SubmilliError({ what: `can’t be run as pgbench: ${messageOf(error)}`, where: path, hint, cause: error });
  }
  const version = /^pgbench .*?(\d+(\.\d+)*)/.exec(stdout)?.[1] ?? '';
  if (Number(version.split('.')[0]) >= OLDEST) return { path, version };
  throw new SubmilliError({
    what: version === '' ? 'is no pgbench' : `is pgbench ${version}; ${OLDEST} or newer is needed`,
    where: path,
    ...(version === ''
      ? {}
      : { hint: 'An older server does not matter, the program does: take that of a newer release.' }),
  });
};

export type PgbenchRun = {
  readonly pgbench: string;
  readonly address: SqlAddress;
  readonly applicationName: string;
  /** Of libpq, with the password of the address. */
  readonly passFile: string;
  /** What the server is told to bound; nothing through a pool, which takes no such options. */
  readonly serverOptions: string | undefined;
  readonly scripts: readonly ScriptFile[];
  readonly clients: number;
  readonly threads: number;
  readonly seconds: number;
  /** Transactions per second; undefined: each client sends when the last one is answered. */
  readonly rate: number | undefined;
  readonly protocol: 'simple' | 'extended' | 'prepared';
  readonly maxTries: number;
  readonly logPrefix: string;
};

/** The same for the same run: what differs between two runs is then the system, not the dice. */
const SEED = 20_260_101;

export const argsOf = (run: PgbenchRun): string[] => [
  ...['--no-vacuum', `--client=${run.clients}`, `--jobs=${run.threads}`, `--time=${run.seconds}`, '--progress=1'],
  ...[`--protocol=${run.protocol}`, '--log', `--log-prefix=${run.logPrefix}`, `--random-seed=${SEED}`],
  ...[`--max-tries=${run.maxTries}`, '--failures-detailed'],
  ...(run.rate === undefined ? [] : [`--rate=${run.rate}`]),
  ...run.scripts.map(({ path, weight }) => `--file=${path}@${weight}`),
  ...[`--host=${run.address.host}`, `--port=${run.address.port}`, `--username=${run.address.user}`],
  run.address.database,
];

/** TLS as the address has it. No secret: the password is in a file that nobody else reads. */
export const envOf = ({ address, applicationName, passFile, serverOptions }: PgbenchRun): Record<string, string> => {
  const { sslmode, sslrootcert, sslcert, sslkey } = address;
  const optional = { PGSSLROOTCERT: sslrootcert, PGSSLCERT: sslcert, PGSSLKEY: sslkey, PGOPTIONS: serverOptions };
  return {
    ...{ PGPASSFILE: passFile, PGAPPNAME: applicationName, PGSSLMODE: sslmode, PGCONNECT_TIMEOUT: '10' },
    ...Object.fromEntries(
      Object.entries(optional).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
};

/** A line of `--progress`; the time is since all clients were connected. */
export type Progress = { readonly seconds: number; readonly tps: number; readonly latencyMs: number | null };

export const progressOf = (line: string): Progress | undefined => {
  const [, seconds, tps, latency] = /^progress: ([\d.]+) s, ([\d.]+) tps, lat (\S+) ms/.exec(line) ?? [];
  if (seconds === undefined) return undefined;
  const latencyMs = Number(latency);
  return { seconds: Number(seconds), tps: Number(tps), latencyMs: Number.isFinite(latencyMs) ? latencyMs : null };
};

/** A client that gave up, or pgbench itself: why, in the server's words. Undefined for any other line. */
export const complaintOf = (line: string): { readonly client: boolean; readonly why: string } | undefined => {
  const [, why] = /^pgbench: (?:error|fatal): (.*)$/.exec(line.trim()) ?? [];
  if (why === undefined || /^(Run was aborted|the above results)/.test(why)) return undefined;
  const [, told] = /^client \d+ (?:script \d+ )?aborted in [^:]*(?:; |: ?)(.*)$/.exec(why) ?? [];
  return told === undefined ? { client: false, why } : { client: true, why: told.trim() };
};

export type PgbenchEnd = {
  readonly code: number | null;
  /** Why clients were lost, or why it did not begin, each with how often. */
  readonly complaints: ReadonlyMap<string, number>;
  readonly clientsLost: number;
  /** Time to connect all clients, by its own account. */
  readonly connectSeconds: number | null;
};

export type RunningPgbench = {
  readonly process: ProcessId;
  readonly ended: Promise<PgbenchEnd>;
  /** Ends it, politely first. */
  readonly stop: () => Promise<void>;
};

const MOST_COMPLAINTS = 20;
const STOP_SECONDS = 3;

export const startPgbench = (run: PgbenchRun, onProgress: (progress: Progress) => void): RunningPgbench => {
  const child = spawn(run.pgbench, argsOf(run), {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...envOf(run) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // Ctrl-C is for us
  });
  const ended = endOf(child, run.pgbench, onProgress);
  const pid = child.pid ?? 0;
  const process = processWith(pid) ?? { pid, startTime: '' };
  const stop = async (): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null) return;
    send(pid, 'SIGTERM');
    if (!(await untilGone(process, STOP_SECONDS))) send(pid, 'SIGKILL');
    await ended.catch(() => undefined);
  };
  return { process, ended, stop };
};

const endOf = (child: ChildProcess, path: string, onProgress: (progress: Progress) => void): Promise<PgbenchEnd> =>
  new Promise((resolve, reject) => {
    const complaints = new Map<string, number>();
    let clientsLost = 0;
    let summary = '';
    /** What a client complains of may stand on the line after. */
    let unfinished = false;
    const heard = (why: string): void => {
      if (complaints.has(why) || complaints.size < MOST_COMPLAINTS) complaints.set(why, (complaints.get(why) ?? 0) + 1);
    };
    eachLine(child.stderr, (line) => {
      const progress = progressOf(line);
      if (progress !== undefined) return onProgress(progress);
      const complaint = complaintOf(line);
      if (complaint !== undefined) {
        if (complaint.client) clientsLost += 1;
        unfinished = complaint.why === '';
        if (!unfinished) heard(complaint.why);
      } else if (unfinished && line.trim() !== '') {
        unfinished = false;
        heard(line.trim());
      }
    });
    eachLine(child.stdout, (line) => {
      if (line.startsWith('initial connection time')) summary = line;
    });
    child.on('error', (cause) => reject(new SubmilliError({ what: messageOf(cause), where: path, cause })));
    child.on('close', (code) => {
      const connectMs = Number(/= ([\d.]+) ms/.exec(summary)?.[1] ?? NaN);
      resolve({ code, complaints, clientsLost, connectSeconds: Number.isFinite(connectMs) ? connectMs / 1000 : null });
    });
  });

const eachLine = (stream: ChildProcess['stdout'], on: (line: string) => void): void => {
  let rest = '';
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) on(line);
  });
  stream?.on('end', () => on(rest));
};
