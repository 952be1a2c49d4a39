import type { SlowStatement } from '../latency/state';
import type { Sighting } from './sightings';

/** How often a statement was seen at a wait while it ran, and who held it up. */
export type SeenWait = { readonly waitEventType: string; readonly waitEvent: string; readonly times: number };

export type ExplainedSlow = SlowStatement & {
  /** How often it was seen at all; none for one that was over between two looks. */
  readonly seen: number;
  /** The most frequent first. */
  readonly waits: readonly SeenWait[];
  readonly blockedBy: readonly number[];
};

/** The log rounds to milliseconds, and a session is looked at a moment after the clock. */
const SLACK_MS = 5;

/** Joins what the log says of slow statements with what was seen of their sessions meanwhile. */
export const explainSlow = (slow: readonly SlowStatement[], sightings: readonly Sighting[]): ExplainedSlow[] => {
  const byPid = new Map<number, Sighting[]>();
  for (const sighting of sightings) {
    const list = byPid.get(sighting.pid);
    if (list === undefined) byPid.set(sighting.pid, [sighting]);
    else list.push(sighting);
  }
  return slow.map((one) => {
    const from = one.endedAt - one.seconds * 1000 - SLACK_MS;
    const own = (byPid.get(one.pid) ?? []).filter(({ at }) => at >= from && at <= one.endedAt + SLACK_MS);
    return { ...one, seen: own.length, waits: waitsOf(own), blockedBy: [...new Set(own.flatMap((s) => s.blockedBy))] };
  });
};

const waitsOf = (own: readonly Sighting[]): SeenWait[] => {
  const waits = new Map<string, SeenWait>();
  for (const { waitEventType, waitEvent } of own) {
    const key = `${waitEventType} ${waitEvent}`;
    waits.set(key, { waitEventType, waitEvent, times: (waits.get(key)?.times ?? 0) + 1 });
  }
  return [...waits.values()].sort((a, b) => b.times - a.times);
};
