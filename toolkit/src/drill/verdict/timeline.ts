import type { DrillPath, DrillTimeline } from '@submilli/core';
import { segmentsOf, type Sighting } from '../observe/segments';
import type { Acknowledged, Written } from './writes';

export type Event = { readonly at: number; readonly who: string; readonly what: string };

const BIN_MS = 100;
const SECOND = 1000;

/** What a picture is drawn from: counts per tenth of a second instead of thousands of writes. */
export const timelineOf = (run: {
  readonly paths: readonly DrillPath[];
  readonly written: Written;
  readonly lost: readonly Acknowledged[];
  readonly members: readonly string[];
  readonly sightings: readonly Sighting[];
  readonly events: readonly Event[];
  readonly end: number;
}): DrillTimeline => {
  const { paths, written, lost, members, sightings, events, end } = run;
  const counts = (times: readonly { readonly at: number; readonly path: DrillPath }[], path: DrillPath): number[] =>
    binned(
      times.filter((each) => each.path === path).map(({ at }) => at),
      end,
    );
  return {
    binSeconds: BIN_MS / SECOND,
    paths: paths.map((path) => ({
      path,
      acknowledged: counts(written.acknowledged, path),
      failed: counts(written.failed, path),
      lost: counts(lost, path),
    })),
    members: members.map((name) => ({
      name,
      segments: segmentsOf(sightings, name, end).map(({ from, to, ...rest }) => ({
        ...rest,
        from: from / SECOND,
        to: to / SECOND,
      })),
    })),
    events: events.map(({ at, ...rest }) => ({ at: at / SECOND, ...rest })),
  };
};

const binned = (times: readonly number[], end: number): number[] => {
  const bins = Array.from({ length: Math.max(1, Math.ceil(end / BIN_MS)) }, () => 0);
  for (const at of times) {
    const bin = Math.min(bins.length - 1, Math.max(0, Math.floor(at / BIN_MS)));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
};
