import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DrillKind, type DrillPath, type DrillRun, messageOf, SubmilliError } from '@submilli/core';
import { withSession } from './ask';
import { faults } from './faults/index';
import type { Injected } from './faults/fault';
import type { Healthy } from './health';
import { kinds } from './kinds';
import { observeMember, type Observer } from './observe/members';
import { observeLeaderKey, observePatroni, observePool } from './observe/patroni';
import type { Sighting } from './observe/segments';
import { leaderOf, type Patroni } from './patroni';
import { leaderNow, untilWhole } from './repair';
import { undoSurely } from './restore';
import { readKept } from './table';
import type { Topology } from './topology';
import type { UndoJournal } from './undo';
import { runOf } from './verdict/run';
import type { Event } from './verdict/timeline';
import type { Written } from './verdict/writes';
import { openLedger, readLedger, type Ledger } from './writer/ledger';
import { connectTo, connectToAny, type Connect } from './writer/session';
import { startWriter, type Writer } from './writer/writer';

/**
 * The clients. Through the pool they wait about as long as it lets them wait; who tries the members gives up sooner, to
 * try the next; and who stays on the old primary's address waits for as long as it may hang, to hear what it says then.
 */
export const CLIENT = {
  everyMs: 10,
  /** Enough for new clients to come all the time that the first ones are stuck. */
  sessions: { pool: 64, 'multi-host': 40, 'old-primary': 16 },
  patienceMs: { pool: 9000, 'multi-host': 4000, 'old-primary': 60_000 },
} as const;

/** Writes before the fault; with up to a second more, so that faults fall anywhere into Patroni's round. */
const STEADY_MS = 2000;
const JITTER_MS = 1000;
/** Before that, so many on each path in a second; connecting takes its time on a busy machine. */
const STEADY_WRITES = 5;
const STEADY_SECONDS = 30;
/** Of good writes on a path before it counts as recovered. */
const RECOVERED_MS = 1000;
const RECOVERED_SHARE = 0.5;
const POLL_MS = 50;
/** Nobody waits for longer than this for a failover that does not come. */
const HOLD_SECONDS = 30;
/** Writes after all is healed. */
const AFTERWARDS_MS = 1000;

export type RunOptions = {
  readonly kind: DrillKind;
  readonly id: string;
  readonly topology: Topology;
  readonly patroni: Patroni;
  readonly journal: UndoJournal;
  readonly healthy: Healthy;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly say: (detail: string) => void;
};

/** One drill from steady writes to steady writes, and what came of it. */
export const runOnce = async (options: RunOptions): Promise<DrillRun> => {
  const { kind, id, topology, patroni, journal, healthy, signal, random, say } = options;
  const startedAt = new Date();
  const begin = performance.now();
  const now = (): number => performance.now() - begin;
  const sightings: Sighting[] = [];
  const events: Event[] = [];
  const event = (who: string, what: string): void => void events.push({ at: now(), who, what });

  mkdirSync(topology.workDirectory, { recursive: true, mode: 0o700 });
  const ledgerPath = join(topology.workDirectory, `${id}.acknowledged`);
  const ledger = await openLedger(ledgerPath);
  const writers = startWriters({ ...options, ledger, now });
  const observers = startObservers(options, now, (sighting) => void sightings.push(sighting), event);
  let stopped = false;
  let keepLedger = false;
  const stopAll = async (): Promise<Written> => {
    stopped = true;
    const ends = await Promise.all(writers.map(async (writer) => ({ path: writer.path, ...(await writer.stop()) })));
    await Promise.all(observers.map((observer) => observer.stop()));
    await ledger.close();
    return {
      acknowledged: readLedger(ledgerPath),
      failed: ends.flatMap(({ failed }) => failed),
      unsent: Object.fromEntries(ends.map(({ path, unsent }) => [path, unsent])),
    };
  };

  try {
    say('steady writes');
    await steady(writers, now, signal);
    await sleep(STEADY_MS + random() * JITTER_MS, undefined, { signal });
    const from = now();
    event('drill', `${kinds[kind].title} begins`);
    const injected = await faults[kind].inject({
      ...{ topology, patroni, journal, event },
      ...{ primary: healthy.primary, standby: healthy.standby },
    });
    say('waiting for the writes to come back');
    await hold(injected, writers, healthy.primary.name, from, now, await longestHold(patroni, injected), signal);
    const to = injected.undo.length === 0 ? null : now();
    if (to !== null) event('drill', 'the fault is taken back');
    for (const step of injected.undo) {
      await undoSurely(step, topology, patroni);
      journal.drop(step);
    }
    const helped: string[] = [];
    const whole = await untilWhole({ topology, patroni, signal, say, helped: (what) => void helped.push(what) }).catch(
      (error: unknown) => {
        signal.throwIfAborted();
        helped.push(`in vain: ${messageOf(error)}`);
        return undefined;
      },
    );
    const after = whole ?? (await leaderNow(topology, patroni));
    const healed = now();
    event('drill', 'healthy again');
    await sleep(AFTERWARDS_MS, undefined, { signal });
    const end = now();
    say('looking for every acknowledged write');
    const written = await stopAll();
    const kept = await withSession(await leaderOf(topology, patroni), topology.writer, (client) =>
      readKept(client, id),
    );
    const run = runOf({
      ...{ startedAt, from, to, healed, end, written, kept, sightings, events, injected, helped },
      members: topology.members.map(({ name }) => name),
      paths: writers.map(({ path }) => path),
      before: healthy,
      after,
    });
    keepLedger = run.paths.some(({ lost }) => lost > 0);
    return { ...run, ...(whole === undefined ? { rejoinSeconds: null } : {}) };
  } finally {
    if (!stopped) await stopAll();
    if (!keepLedger) rmSync(ledgerPath, { force: true });
  }
};

/** A fault is measured from steady writes only. Throws a `SubmilliError` when there are none. */
const steady = async (writers: readonly Writer[], now: () => number, signal: AbortSignal): Promise<void> => {
  const end = now() + STEADY_SECONDS * 1000;
  while (!writers.every((writer) => writer.acknowledgedSince(now() - RECOVERED_MS) >= STEADY_WRITES)) {
    if (now() > end) {
      const what = `clients could not write steadily within ${STEADY_SECONDS} s, before anything was done`;
      throw new SubmilliError({ what, hint: 'Is the machine, or the cluster, overloaded?' });
    }
    await sleep(POLL_MS, undefined, { signal });
  }
};

const startWriters = (
  options: Pick<RunOptions, 'id' | 'topology' | 'healthy'> & { readonly ledger: Ledger; readonly now: () => number },
): Writer[] => {
  const { id, topology, healthy, ledger, now } = options;
  const { members, pool, writer } = topology;
  const byAddress = new Map(members.map(({ name, host, port }) => [`${host}:${port}`, name]));
  const clients: [DrillPath, Connect][] = [
    ['multi-host', connectToAny(members, writer)],
    ['old-primary', connectTo(healthy.primary, writer)],
  ];
  if (pool !== undefined) clients.unshift(['pool', connectTo(pool, writer)]);
  return clients.map(([path, connect], i) =>
    startWriter({
      ...{ run: id, path, connect, ledger, now, patienceMs: CLIENT.patienceMs[path], sessions: CLIENT.sessions[path] },
      // Their beats fall between each other's.
      schedule: { start: now() + (i * CLIENT.everyMs) / clients.length, every: CLIENT.everyMs },
      memberAt: (server) => byAddress.get(server) ?? server,
    }),
  );
};

const startObservers = (
  { topology, patroni }: RunOptions,
  now: () => number,
  saw: (sighting: Sighting) => void,
  event: (who: string, what: string) => void,
): Observer[] => [
  ...topology.members.map((member) => observeMember({ member, login: topology.watcher, now, saw, event })),
  ...topology.members.map((member) => observePatroni(patroni, member, event)),
  ...(topology.etcd.length === 0 ? [] : [observeLeaderKey(topology, event)]),
  ...(topology.pool?.include === undefined ? [] : [observePool(topology.pool, topology.members, event)]),
];

/** A lock lives `ttl` after its last renewal; then there is an election. */
const longestHold = async (patroni: Patroni, { hold }: Injected): Promise<number> => {
  const { ttl, loop_wait, retry_timeout } = await patroni.config();
  return Math.max(HOLD_SECONDS + ttl + loop_wait + 2 * retry_timeout, hold.atLeastSeconds + HOLD_SECONDS);
};

/** Until the writes are back on the paths that can have them, or nobody expects it any more. */
const hold = async (
  injected: Injected,
  writers: readonly Writer[],
  oldPrimary: string,
  from: number,
  now: () => number,
  longestSeconds: number,
  signal: AbortSignal,
): Promise<void> => {
  const { until, atLeastSeconds } = injected.hold;
  const following = writers.filter(({ path }) => path !== 'old-primary');
  const enough = (RECOVERED_MS / CLIENT.everyMs) * RECOVERED_SHARE;
  const recovered = (writer: Writer): boolean => {
    const since = Math.max(from, now() - RECOVERED_MS);
    return writer.acknowledgedSince(since, until === 'failover' ? oldPrimary : undefined) >= enough;
  };
  while (now() < from + longestSeconds * 1000) {
    const lastedEnough = now() >= from + Math.max(atLeastSeconds * 1000, RECOVERED_MS);
    if (lastedEnough && (until === 'time' || following.every(recovered))) return;
    await sleep(POLL_MS, undefined, { signal });
  }
};
