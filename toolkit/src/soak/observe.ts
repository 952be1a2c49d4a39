import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@submilli/core';
import type { Layout } from '../stack/layout';
import { exporterPorts } from '../stack/exporters-service';
import { getJson } from '../stack/http';
import type { Topology } from '../drill/topology';
import { watchCounters, type Backwards } from './counters';
import { sumOf, type Answer } from './exposition';
import { counterLives, type Lives } from './lives';
import { beginsAnew, resourcesOf, targetsOf, type TargetOf } from './parts';
import { folderOf, holdingsOf } from './processes';
import type { Process, Recording, Scrape, Sessions } from './recording';
import { aboutTarget, failingIn, isUp, largestIn, scrape } from './scrape';
import { sessionsOf } from './own-counters';

export type Observed = Pick<
  Recording,
  'scrapes' | 'processes' | 'sessions' | 'folders' | 'backwards' | 'refused' | 'asked'
>;

export type Watch = {
  readonly seen: () => Observed;
  /** The last collection of each target that was asked for after this moment and shows everything. */
  readonly wellSince: (at: number) => { readonly well: boolean; readonly scrapes: number; readonly trouble: string };
  readonly stop: () => Promise<void>;
};

export type WatchOptions = {
  readonly topology: Topology;
  readonly layout: Layout;
  readonly lives: Lives;
  /** The service that an exporter is part of. */
  readonly serviceOf: (exporter: TargetOf['exporter']) => string;
  /** Seconds since the start. */
  readonly now: () => number;
  readonly everySeconds: number;
  /** Told why nothing more can be seen: the stack is gone. */
  readonly onLost: (why: unknown) => void;
};

const SLOW_SECONDS = 10;
const GOING_MS = 1500;

/** Looks at everything at a steady beat until it is stopped. A look that takes long delays only its own next one. */
export const startWatch = (options: WatchOptions): Watch => {
  const { topology, layout, lives, serviceOf, now, everySeconds, onLost } = options;
  const targets = targetsOf(topology.members.map(({ name }) => name));
  const everybody = [...topology.members, ...topology.etcd, { name: 'pgbouncer' }].map(({ name }) => name);
  const counters = watchCounters(beginsAnew);
  const stop = new AbortController();
  const scrapes: Scrape[] = [];
  const processes: Process[] = [];
  const sessions: Sessions[] = [];
  const folders: Observed['folders'][number][] = [];
  const backwards: Backwards[] = [];
  const refused: Observed['refused'][number][] = [];
  let asked = 0;

  const goneSeconds = ({ server }: TargetOf, at: number): number | null => {
    const since = server === undefined ? undefined : lives.goneSince(server, at);
    return since === undefined ? null : at - since;
  };

  /** A process that is being killed closes its connections a moment before it is gone. */
  const stillRuns = async (service: string, life: string, failed: string | null): Promise<boolean> => {
    if (failed !== null) await sleep(GOING_MS);
    return life === lives.of(service) && !life.startsWith('none');
  };

  const lookAt = async (of: TargetOf, isFirst: boolean): Promise<void> => {
    const { exporter, target } = of;
    const service = serviceOf(exporter);
    const at = now();
    const life = lives.of(service);
    const counted = counterLives(of, service, everybody, lives);
    const name = 'db_x'; // any of the target's own: whether its life is the same afterwards
    const before = counted(name);
    const gone = goneSeconds(of, at);
    const { answer, failed } = await scrape(exporter, target, isFirst).then(
      (found) => ({ answer: found, failed: null }),
      (error: unknown) => ({ answer: undefined, failed: messageOf(error) }),
    );
    const seconds = now() - at;
    const goneStill = goneSeconds(of, now()) === null ? null : gone;
    const exporterRan = await stillRuns(service, life, failed);
    const same = before === counterLives(of, service, everybody, lives)(name);
    const up = answer !== undefined && isUp(answer);
    scrapes.push({
      ...{ at, seconds, exporter, target, failed, up, exporterRan, goneSeconds: goneStill },
      failing: answer === undefined ? [] : failingIn(answer),
      series: answer === undefined ? 0 : [...answer.series.values()].reduce((sum, n) => sum + n, 0),
      largest: answer === undefined ? null : largestIn(answer),
      stale: answer === undefined || up ? [] : aboutTarget(answer),
    });
    if (answer === undefined || !exporterRan) return;
    if (same) backwards.push(...counters.see({ at, source: `${exporter} ${target}`, answer, lifeOf: counted }));
    if (isFirst) lookAtProcess(at, service, life, answer);
  };

  const lookAtProcess = (at: number, service: string, life: string, { values }: Answer): void => {
    if (processes.some((known) => known.service === service && at - known.at < everySeconds / 2)) return;
    const holdings = holdingsOf(Number(life.split('@')[0]));
    if (holdings === undefined) return;
    processes.push({
      ...{ at, service, life, holdings },
      heapBytes: values.get('nodejs_heap_size_used_bytes') ?? null,
      resources: sumOf(values, 'nodejs_active_resources'),
      timers: sumOf(values, 'nodejs_active_resources', { type: 'Timeout' }),
    });
  };

  const urls = targets.flatMap(({ exporter, target }) =>
    ['status', 'targets', 'recommendations', ...resourcesOf(exporter)].map((path) => ({
      exporter,
      url: `http://127.0.0.1:${exporterPorts[exporter]}/api/v1/${path}?target=${target}`,
    })),
  );
  const lookAtApi = async (): Promise<void> => {
    for (const { exporter, url } of urls) {
      if (stop.signal.aborted) return;
      const life = lives.of(serviceOf(exporter));
      asked += 1;
      const why = await getJson(url, AbortSignal.timeout(2 * SLOW_SECONDS * 1000)).then(() => null, messageOf);
      // What does not listen yet is not asked.
      if (why === null || why.includes('ECONNREFUSED')) continue;
      if (await stillRuns(serviceOf(exporter), life, why)) refused.push({ at: now(), url, why });
    }
  };

  const lookAtSessions = async (): Promise<void> => {
    const at = now();
    for (const { where, count } of await sessionsOf(topology)) {
      sessions.push({ at, where, life: lives.of(where), count });
    }
    folders.push({ at, ...folderOf(layout.dirOf('exporters')) });
  };

  const loops = [
    ...targets.map((of, i) => ({
      every: everySeconds,
      look: () => lookAt(of, targets.findIndex(({ exporter }) => exporter === of.exporter) === i),
    })),
    { every: SLOW_SECONDS, look: lookAtApi },
    { every: SLOW_SECONDS, look: lookAtSessions },
  ].map(({ every, look }) => beat(every, look, stop.signal).catch(onLost));

  return {
    seen: () => ({ scrapes, processes, sessions, folders, backwards, refused, asked }),
    wellSince: (since) => wellSince(targets, scrapes, since),
    stop: async () => {
      stop.abort();
      await Promise.all(loops);
    },
  };
};

const beat = async (seconds: number, look: () => Promise<void>, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    const begun = performance.now();
    await look();
    const rest = Math.max(50, seconds * 1000 - (performance.now() - begun));
    await sleep(rest, undefined, { signal }).catch(() => undefined);
  }
};

export const isWell = ({ failed, up, failing }: Scrape): boolean => failed === null && up && failing.length === 0;

/** The last collection of each target counts; `scrapes` is the most that any target has had since. */
const wellSince = (targets: readonly TargetOf[], scrapes: readonly Scrape[], since: number) => {
  const of = targets.map(({ exporter, target }) => ({
    name: `${exporter} ${target}`,
    had: recent(scrapes, since).filter((one) => one.exporter === exporter && one.target === target),
  }));
  const unwell = of.find(({ had }) => had.length === 0 || !had.slice(-1).every(isWell));
  const last = unwell?.had.at(-1);
  const why =
    last === undefined ? 'not asked yet' : (last.failed ?? (last.up ? `fails: ${last.failing.join(', ')}` : 'down'));
  return {
    well: unwell === undefined,
    scrapes: Math.max(0, ...of.map(({ had }) => had.length)),
    trouble: unwell === undefined ? '' : `${unwell.name}: ${why}`,
  };
};

const recent = (scrapes: readonly Scrape[], since: number): readonly Scrape[] =>
  scrapes.slice(scrapes.findLastIndex(({ at }) => at < since - 60) + 1).filter(({ at }) => at >= since);
