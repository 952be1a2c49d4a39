import { deadlineIn, SubmilliError, systemClock } from '@submilli/core';
import { cleanAfterDeath, cleanServer, rememberProcess, startGuard } from './clean';
import { askPool, requireReady, takeTurn } from './conditions';
import { isHere, thisMachine } from './machine';
import type { Pgbench } from './pgbench';
import { openSession, type Place } from './place';
import type { Profile, ScriptFile } from './profile';
import { quantilesFor } from './promises';
import type { LoadReport, PathReport, Promises, Via } from './report/schema';
import { type Burden, makeScratch, removeScratch, type RunContext, runPath, threadsFor } from './run';
import { makeTables } from './tables';
import { judge } from './verdict';

/** What never is exceeded, whatever is asked for. */
export const bounds = { clients: 1000, seconds: 3600, warmupSeconds: 600, rate: 100_000 } as const;

export type LoadOptions = {
  readonly place: Place;
  readonly profile: Profile;
  readonly pgbench: Pgbench;
  readonly via: readonly Via[];
  readonly clients: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly rate: number | undefined;
  readonly protocol: Burden['protocol'];
  readonly promises: Promises;
  readonly signal: AbortSignal;
  /** How `load clean` finds the same place. */
  readonly placeArgs: readonly string[];
  /** Asked before anything is done; throws where nobody agreed. */
  readonly confirm: (isMarked: boolean) => Promise<void>;
  readonly step: (title: string) => void;
  readonly say: (detail: string) => void;
  readonly done: (detail: string) => void;
};

/** What a load works with while it lasts: nothing of it is left when `work` has ended, however it ends. */
export type Prepared = {
  readonly context: RunContext;
  readonly scripts: readonly ScriptFile[];
  readonly software: LoadReport['software'];
  readonly settings: LoadReport['settings'];
};

export type Preparing = Pick<
  LoadOptions,
  | 'place'
  | 'profile'
  | 'pgbench'
  | 'via'
  | 'clients'
  | 'promises'
  | 'signal'
  | 'placeArgs'
  | 'confirm'
  | 'step'
  | 'say'
  | 'done'
>;

export const withPrepared = async <T>(options: Preparing, work: (prepared: Prepared) => Promise<T>): Promise<T> => {
  const { place, profile, pgbench, signal } = options;
  const { session, close } = await openSession(place.server);
  try {
    const says = await requireReady(session, options);
    await options.confirm(place.isStack || says.isMarked);
    await takeTurn(session);
    const pool = await askPool(place);
    const scratch = makeScratch();
    startGuard(scratch, options.placeArgs);
    try {
      if (profile.ownTables) {
        options.step('Tables of its own');
        await makeTables(session, deadlineIn(60_000, systemClock));
        options.done('');
      }
      signal.throwIfAborted();
      const context: RunContext = {
        ...{ place, pgbench: pgbench.path, scratch, quantiles: quantilesFor(options.promises), signal },
        say: options.say,
        started: ({ process }) => rememberProcess(scratch, process),
      };
      return await work({
        ...{ context, scripts: profile.scripts(scratch) },
        software: { pgbench: pgbench.version, postgresql: says.version, pgbouncer: pool.version },
        settings: { ...says.settings, ...(options.via.includes('pool') ? pool.settings : {}) },
      });
    } finally {
      // Our session may have gone with a primary. If there is none to clean, the guard tries again: it sees what is left.
      await cleanServer(session).catch(() => cleanAfterDeath(place, undefined));
      removeScratch(scratch);
    }
  } finally {
    await close();
  }
};

const titles: Readonly<Record<Via, string>> = { direct: 'Directly', pool: 'Through the pool' };

/** Loads each path in turn, and judges what came of it. */
export const runLoad = async (options: LoadOptions): Promise<LoadReport> => {
  const { profile, clients, seconds, warmupSeconds, rate, protocol, promises, place } = options;
  const startedAt = new Date();
  const machine = thisMachine();
  return withPrepared(options, async ({ context, scripts, software, settings }) => {
    const paths: PathReport[] = [];
    for (const via of options.via) {
      options.step(`${titles[via]}, ${clients} clients`);
      const path = await runPath({ via, scripts, clients, seconds, warmupSeconds, rate, protocol }, context);
      options.done(`${path.throughput.toFixed(0)} tps`);
      paths.push(path);
    }
    if (paths.length === 0) throw new SubmilliError({ what: 'there is no path to load' });
    return {
      version: 1,
      id: `${startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${profile.name}`,
      startedAt: startedAt.toISOString(),
      profile: { name: profile.name, does: profile.does },
      ...{ clients, threads: threadsFor(clients), seconds, warmupSeconds, rate: rate ?? null, protocol },
      machine: { ...machine, shared: isHere(place.server.host) },
      ...{ software, settings, paths, promises },
      verdict: judge(paths, promises, rate ?? null),
    };
  });
};
