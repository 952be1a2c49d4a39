import type { Topology } from '../drill/topology';
import { lifeOf, standsStill } from './processes';
import { isOwn, outlivesExporter, shownWhenDown, type TargetOf } from './parts';

/** Who lives now, and what was told to begin anew. */
export type Lives = {
  /** A text by service (of a member: its PostgreSQL) that is another after a restart; "none" while it does not run. */
  readonly of: (service: string) => string;
  readonly beginsAnew: (whose: string) => void;
  /** Since when a server does not run, or stands still; undefined while it runs. Moments of whoever asks. */
  readonly goneSince: (service: string, now: number) => number | undefined;
};

export const livesOf = (topology: Topology): Lives => {
  const members = new Set(topology.members.map(({ name }) => name));
  const begun = new Map<string, number>();
  const gone = new Map<string, number>();
  const find = (service: string) =>
    members.has(service) ? topology.processes?.postmasterOf(service) : topology.processes?.of(service);
  return {
    of: (service) => `${lifeOf(find(service))}/${begun.get(service) ?? 0}`,
    beginsAnew: (whose) => void begun.set(whose, (begun.get(whose) ?? 0) + 1),
    goneSince: (service, now) => {
      const process = find(service);
      if (process !== undefined && !standsStill(process.pid)) gone.delete(service);
      else if (!gone.has(service)) gone.set(service, now);
      return gone.get(service);
    },
  };
};

/** Whose life each counter of a target is counted in, as it is at this moment. */
export const counterLives = (
  { server }: TargetOf,
  exporter: string,
  everybody: readonly string[],
  lives: Lives,
): ((name: string) => string) => {
  const process = lives.of(exporter);
  // All targets of an exporter are made anew at a reload.
  const targets = `${process} ${lives.of('exporters-reloaded')}`;
  const watched = `${targets} ${(server === undefined ? everybody : [server]).map((name) => lives.of(name)).join(' ')}`;
  return (name) => {
    if (outlivesExporter.has(name)) return 'kept';
    if (/^(process_|nodejs_)/.test(name)) return process;
    return isOwn(name) || shownWhenDown.has(name) ? targets : watched;
  };
};
