import type { DrillPath, DrillPathOutcome, DrillRun } from '@submilli/core';
import type { Injected } from '../faults/fault';
import type { Healthy } from '../health';
import { segmentsOf, twoPrimariesIn, type Sighting } from '../observe/segments';
import { errorsByClass } from './errors';
import { duplicatesOf, lostOf } from './losses';
import { longestStall, outageIn } from './outage';
import { splitBrainsOf } from './split-brain';
import { timelineOf, type Event } from './timeline';
import type { Acknowledged, Kept, Written } from './writes';

/** All that is known when a run is over. Times in milliseconds since it began. */
export type Finished = {
  readonly startedAt: Date;
  readonly from: number;
  readonly to: number | null;
  readonly healed: number;
  readonly end: number;
  readonly injected: Pick<Injected, 'what' | 'member'>;
  /** What had to be done for the cluster to get whole, because it did not by itself. */
  readonly helped: readonly string[];
  readonly members: readonly string[];
  readonly paths: readonly DrillPath[];
  readonly written: Written;
  readonly kept: Kept;
  readonly sightings: readonly Sighting[];
  readonly events: readonly Event[];
  readonly before: Pick<Healthy, 'timeline'> & { readonly primary: { readonly name: string } };
  readonly after: Pick<Healthy, 'timeline'> & { readonly primary: { readonly name: string } };
};

/** Five beats: less is a client's ordinary luck. */
const NOTICED_MS = 50;
const SECOND = 1000;

const inSeconds = ({ from, to, members }: { from: number; to: number; members: string[] }) => ({
  from: from / SECOND,
  to: to / SECOND,
  members,
});

export const runOf = (finished: Finished): DrillRun => {
  const { startedAt, from, to, healed, end, injected, members, paths, written, kept, sightings, events } = finished;
  const lost = lostOf(written.acknowledged, kept);
  const { before, after } = finished;
  const segments = members.map((name) => ({ name, segments: segmentsOf(sightings, name, end) }));
  return {
    startedAt: startedAt.toISOString(),
    lastsSeconds: end / SECOND,
    fault: {
      what: injected.what,
      member: injected.member?.name ?? null,
      from: from / SECOND,
      to: to === null ? null : to / SECOND,
    },
    primary: { before: before.primary.name, after: after.primary.name },
    postgresTimeline: { before: before.timeline, after: after.timeline },
    paths: paths.map((path) => outcomeOf(path, finished, lost)),
    rejoinSeconds: injected.member === undefined ? null : (healed - (to ?? from)) / SECOND,
    helped: [...finished.helped],
    splitBrain: splitBrainsOf(written.acknowledged).map(inSeconds),
    twoPrimaries: twoPrimariesIn(segments).map(inSeconds),
    timeline: timelineOf({ paths, written, lost, members, sightings, events, end }),
  };
};

/** The outage counts until the fault is taken back: what comes later is the old primary's return. */
const outcomeOf = (path: DrillPath, finished: Finished, lost: readonly Acknowledged[]): DrillPathOutcome => {
  const { written, kept, from, to, healed } = finished;
  const own = written.acknowledged.filter((write) => write.path === path);
  const failed = written.failed.filter((write) => write.path === path);
  const times = own.map(({ at }) => at);
  const outage = outageIn(times, { from, to: to ?? healed }, NOTICED_MS);
  const stall = longestStall(own);
  return {
    path,
    recoverySeconds: outage === undefined ? null : (outage.to - outage.from) / SECOND,
    longestStallSeconds: stall === undefined ? null : stall / SECOND,
    acknowledged: own.length,
    failed: failed.length,
    unsent: written.unsent[path] ?? 0,
    lost: lost.filter((write) => write.path === path).length,
    duplicates: duplicatesOf(kept).filter((write) => write.path === path).length,
    errors: errorsByClass(failed),
  };
};
