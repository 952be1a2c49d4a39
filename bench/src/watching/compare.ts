import type { Goal } from '../part';
import { rareSeconds } from './background';
import type { Measured, Reads } from './cycles';
import { type Interval, judge, mean, ratioOfMeans } from './statistics';

/** What a scrape costs, in seconds. All but `wall` hold what was done since the scrape before. */
export type Costs = {
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
  readonly database: readonly number[];
  readonly sessions: readonly number[];
};

export type Accounting = {
  readonly intervalSeconds: number;
  readonly surveys: ReadonlyMap<string, number>;
  /** Seconds of PgBouncer's processor per second that a watcher of it takes between scrapes. */
  readonly alone: ReadonlyMap<string, number>;
  readonly random: () => number;
};

export const keyOf = ({ who, reads, on }: Pick<Measured, 'who' | 'reads' | 'on'>): string => `${who} ${reads} ${on}`;

/** By scrape: the n-th of each subject is of the same cycle. */
export const costsOf = (one: Measured, { intervalSeconds, surveys, alone }: Accounting): Costs => {
  const background = alone.get(keyOf(one));
  const rare = rareSeconds(one.firstText, surveys, intervalSeconds);
  // A pooler has one figure for all its watchers, so between scrapes the one of the watcher alone stands in.
  const database =
    background === undefined
      ? one.cycles.map((cycle) => cycle.database + rare)
      : one.scrapes.map((scrape) => scrape.database + background * intervalSeconds);
  return {
    wall: one.scrapes.map(({ wall }) => wall),
    cpu: one.cycles.map(({ cpu }) => cpu),
    database,
    sessions: background === undefined ? one.cycles.map(({ sessions }) => sessions) : [],
  };
};

export type Comparison = {
  readonly on: string;
  readonly reads: Reads;
  readonly peer: string;
  readonly wall: Interval | undefined;
  readonly cpu: Interval | undefined;
  readonly database: Interval | undefined;
  readonly sessions: Interval | undefined;
  readonly memory: number;
};

export const compare = (ours: Measured, peer: Measured, accounting: Accounting): Comparison => {
  const [mine, theirs] = [costsOf(ours, accounting), costsOf(peer, accounting)];
  const ratio = (key: keyof Costs): Interval | undefined => ratioOfMeans(mine[key], theirs[key], accounting.random);
  return {
    ...{ on: ours.on, reads: ours.reads, peer: peer.who },
    ...{ wall: ratio('wall'), cpu: ratio('cpu'), database: ratio('database'), sessions: ratio('sessions') },
    memory: ours.memoryMb / peer.memoryMb,
  };
};

/** "0.31 (0.28 to 0.36)" */
export const intervalText = (interval: Interval | undefined): string =>
  interval === undefined
    ? 'not known'
    : `${interval.ratio.toFixed(2)} (${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})`;

/** "-0.4 % (-1.2 to 0.3)", of what was lost or added. */
export const percentText = ({ ratio, low, high }: Interval): string =>
  `${percent(ratio)} % (${percent(low)} to ${percent(high)})`;
const percent = (share: number): string => (100 * share).toFixed(1);

/** A goal that is met only if the whole interval is below it; one that the interval holds is called undecided. */
export const goalOf = (
  what: string,
  target: string,
  interval: Interval | undefined,
  atMost: number,
  text: (interval: Interval) => string,
): Goal => {
  if (interval === undefined) return { what, target, measured: 'not measured', met: false };
  const verdict = judge(interval, atMost);
  const doubt = verdict === 'undecided' ? '; undecided: the interval holds the goal' : '';
  return { what, target, measured: `${text(interval)}${doubt}`, met: verdict === 'met' };
};

export const memoryGoal = (all: Measured, peers: readonly Measured[], missing: readonly string[]): Goal => {
  const theirs = peers.map(({ memoryMb }) => memoryMb).reduce((a, b) => a + b, 0);
  const atMost = theirs + 30;
  const names = peers.map(({ who, memoryMb }) => `${who} ${memoryMb.toFixed(0)} MB`).join(', ');
  const without = missing.length === 0 ? '' : `; without ${missing.join(', ')}, which did not run`;
  return {
    what: `Memory of all four exporters in one process, beside ${peers.map(({ who }) => who).join(' and ')}`,
    target: 'at most that of the peers together and 30 MB',
    measured: `${all.memoryMb.toFixed(0)} MB of ${atMost.toFixed(0)} MB (${names}${without})`,
    met: all.memoryMb <= atMost,
  };
};

export const meanMs = (seconds: readonly number[]): number | null => {
  const ms = 1000 * mean(seconds);
  return Number.isFinite(ms) ? ms : null;
};
