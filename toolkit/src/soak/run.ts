import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@submilli/core';
import { patroniOf } from '../drill/patroni';
import { leaderNow, untilWhole } from '../drill/repair';
import { openUndoJournal } from '../drill/undo';
import { startChurn } from './churn';
import { sumOf } from './exposition';
import { soakFaults, type SoakFault, type Stage, takeBack } from './faults';
import { livesOf } from './lives';
import { watchMirrors } from './mirror';
import { isWell, startWatch, type Watch } from './observe';
import { seeded } from './random';
import type { FaultRecord, Mirror, Recording } from './recording';
import { ROUND_SECONDS, scheduleOf } from './schedule';
import { scrape } from './scrape';
import type { Subject } from './subject';

export type RunOptions = {
  readonly subject: Subject;
  readonly processes: 1 | 4;
  readonly minutes: number;
  readonly seed: number;
  readonly everySeconds: number;
  /** Only these kinds; all, if empty. */
  readonly kinds: readonly string[];
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
};

/** Without anything broken: before the first fault, and after the last. */
const CALM_SECONDS = 60;
const RECOVER_SECONDS = 180;
/** Each waits for two minutes; a machine that has no time for Patroni has some later. */
const WHOLE_TRIES = 3;

/** Load, faults and looks for so many minutes. An abort ends it early: what was seen until then is judged. */
export const runSoak = async (options: RunOptions): Promise<Recording> => {
  const { subject, processes, minutes, seed, everySeconds, say } = options;
  const gone = new AbortController();
  const signal = AbortSignal.any([options.signal, gone.signal]);
  const { topology, layout } = subject;
  const random = seeded(seed);
  const startedAt = new Date().toISOString();
  const begun = performance.now();
  const now = (): number => (performance.now() - begun) / 1000;
  const lives = livesOf(topology);
  const exporters = processes === 1 ? ['exporters'] : ['database', 'pool', 'query', 'ha'].map((n) => `exporter-${n}`);
  const serviceOf = (exporter: string): string => (processes === 1 ? 'exporters' : `exporter-${exporter}`);
  const patroni = patroniOf(topology);
  const journal = openUndoJournal(topology.workDirectory);
  const watch = startWatch({ topology, layout, lives, serviceOf, now, everySeconds, onLost: (why) => gone.abort(why) });
  const churn = startChurn(topology, random);
  const minute = setInterval(() => say(progressOf(watch, now(), minutes, faults)), 60_000);
  const faults: FaultRecord[] = [];
  const mirrors: Mirror[] = [];
  const lost = (target: string, at: number): boolean =>
    watch
      .seen()
      .scrapes.some((one) => one.exporter === 'query' && one.target === target && one.at >= at && !isWell(one));
  const mirror = watchMirrors({ topology, lives, service: serviceOf('query'), now, lostSince: lost, signal });
  const stage: Stage = { subject, patroni, journal, random, signal, exporters, beginsAnew: lives.beginsAnew };
  const end = minutes * 60 - CALM_SECONDS;
  let failovers: Recording['failovers'] = null;

  const compare = async (): Promise<void> => {
    const found = await mirror.look().catch((error: unknown) => {
      signal.throwIfAborted();
      say(`the counters could not be compared: ${messageOf(error)}`);
      return [];
    });
    mirrors.push(...found);
  };

  try {
    const promotions = async (): Promise<{ timeline: number; counted: number | null }> => ({
      timeline: (await leaderNow(topology, patroni)).timeline,
      counted: sumOf((await scrape('ha', 'grandmodel', true)).values, 'db_ha_failovers_total'),
    });
    await sleep(Math.min(CALM_SECONDS, minutes * 10) * 1000, undefined, { signal });
    const first = await promotions();
    await compare();
    const chosen = soakFaults.filter(({ kind }) => options.kinds.length === 0 || options.kinds.includes(kind));
    const next = scheduleOf(chosen, random);
    while (now() < end - ROUND_SECONDS / 2) {
      const fault = next(now() / (minutes * 60));
      if (fault === undefined) break;
      const record = await suffer(fault, stage, watch, now);
      faults.push(record);
      say(line(record));
      if (record.wholeAt === null) break;
      await compare();
      await sleep((5 + random() * 20) * 1000, undefined, { signal });
    }
    await sleep(Math.max(0, minutes * 60 - now()) * 1000, undefined, { signal });
    await compare();
    const last = await promotions().catch(() => undefined);
    failovers =
      first.counted === null || last === undefined || last.counted === null
        ? null
        : { timelines: last.timeline - first.timeline, counted: last.counted - first.counted };
  } catch (error) {
    if (!options.signal.aborted) throw gone.signal.aborted ? gone.signal.reason : error;
    say('interrupted: what was seen until now is judged');
  } finally {
    clearInterval(minute);
    journal.close();
    await Promise.all([watch.stop(), churn.stop()]);
  }
  return {
    ...{ startedAt, seconds: now(), ...watch.seen(), faults, mirrors, failovers },
    unreadable: exporters.flatMap((name) => unreadableIn(layout.logOf(name))),
  };
};

/** One fault, and all that comes after it until everything is as before. */
const suffer = async (fault: SoakFault, stage: Stage, watch: Watch, now: () => number): Promise<FaultRecord> => {
  const { signal } = stage;
  const at = now();
  const helped: string[] = [];
  const outcome = await fault.perform(stage).then(
    (what) => ({ what, trouble: null }),
    (error: unknown) => ({ what: fault.title, trouble: messageOf(error) }),
  );
  // Of one that could only be done half, or was called off.
  await takeBack(stage, stage.journal.steps());
  signal.throwIfAborted();
  const mendedAt = now();
  const known = { kind: fault.kind, what: outcome.what, at, mendedAt, helped };
  const whole = await unlessWhole(stage, helped);
  signal.throwIfAborted();
  if (whole !== null) return { ...known, wholeAt: null, wellAt: null, scrapes: 0, trouble: outcome.trouble ?? whole };
  const wholeAt = now();
  for (;;) {
    const { well, scrapes, trouble } = watch.wellSince(wholeAt);
    if (well) return { ...known, wholeAt, wellAt: now(), scrapes, trouble: outcome.trouble };
    if (now() - wholeAt > RECOVER_SECONDS) return { ...known, wholeAt, wellAt: null, scrapes, trouble };
    await sleep(500, undefined, { signal });
  }
};

/** Why the cluster is not whole again, after as many tries as are worth it; null when it is. */
const unlessWhole = async ({ subject, patroni, signal }: Stage, helped: string[]): Promise<string | null> => {
  const rest = { topology: subject.topology, patroni, signal, say: () => undefined };
  let trouble = '';
  for (let tries = 0; tries < WHOLE_TRIES; tries += 1) {
    try {
      await untilWhole({ ...rest, helped: (what) => void helped.push(what) });
      return null;
    } catch (error) {
      signal.throwIfAborted();
      trouble = messageOf(error);
    }
  }
  return trouble;
};

const minutesText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

const line = ({ what, at, mendedAt, wholeAt, wellAt, scrapes, trouble, helped }: FaultRecord): string =>
  [
    `${minutesText(at)}  ${what}`,
    `taken back after ${(mendedAt - at).toFixed(0)} s`,
    wholeAt === null ? 'NOT WHOLE AGAIN' : `whole ${(wholeAt - mendedAt).toFixed(0)} s later`,
    wellAt === null ? 'EXPORTERS NOT BACK' : `all shown ${scrapes} scrapes later`,
    ...(trouble === null ? [] : [trouble]),
    ...helped,
  ].join('; ');

const progressOf = (watch: Watch, at: number, minutes: number, faults: readonly FaultRecord[]): string => {
  const { scrapes, processes, backwards } = watch.seen();
  const last = new Map(processes.map((one) => [one.service, one.holdings]));
  const memory = [...last].map(
    ([name, { residentBytes, descriptors }]) =>
      `${name} ${(residentBytes / 2 ** 20).toFixed(0)} MiB, ${descriptors} fds`,
  );
  return `${minutesText(at)} of ${minutes}:00  ${scrapes.length} scrapes, ${faults.length} faults, ${backwards.length} steps back; ${memory.join('; ')}`;
};

/** What the exporters said of kept state that they could not read. */
const unreadableIn = (log: string): string[] => {
  try {
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((text) =>
        /state cannot be (read|written)|is damaged after|cannot be read, and starts anew|cannot be kept/.test(text),
      )
      .slice(0, 5);
  } catch {
    return [];
  }
};
