import { emittersOf, type Sample } from '../metrics/declare';
import type { Dropped } from '../metrics/families';
import type { Run } from './run';
import { selfMetrics } from './self';
import type { Visit } from './surveying';
import type { NamedRun } from './target';

/** Counts what a target's collectors did over the life of the process. */
export type Tally = {
  readonly scraped: () => void;
  readonly scrapes: () => number;
  readonly ran: (part: string, run: Run) => void;
  readonly dropped: (dropped: readonly Dropped[]) => void;
  /** Samples about the last run of one collector. */
  readonly describe: (part: NamedRun, now: number) => Sample[];
  /** Samples of everything counted. */
  readonly totals: () => Sample[];
};

const emit = emittersOf(selfMetrics);

export const createTally = (): Tally => {
  let scrapes = 0;
  const seconds = new Map<string, number>();
  const errors = new Map<string, { collector: string; kind: string; count: number }>();
  const drops = new Map<string, Dropped>();

  return {
    scraped: () => {
      scrapes += 1;
    },
    scrapes: () => scrapes,
    ran: (part, run) => {
      if (run.state !== 'ok' && run.state !== 'failed') return;
      seconds.set(part, (seconds.get(part) ?? 0) + run.durationMs / 1000);
      if (run.state !== 'failed') return;
      const key = `${part} ${run.problem.kind}`;
      errors.set(key, { collector: part, kind: run.problem.kind, count: (errors.get(key)?.count ?? 0) + 1 });
    },
    dropped: (dropped) => {
      for (const drop of dropped) {
        const key = `${drop.family} ${drop.reason}`;
        drops.set(key, { ...drop, count: (drops.get(key)?.count ?? 0) + drop.count });
      }
    },
    describe: ({ name: collector, run, databases }, now) => [
      ...runSamples(collector, run, now),
      ...(databases === undefined ? [] : surveySamples(collector, [...databases.values()])),
    ],
    totals: () => [
      emit.scrapes({}, scrapes),
      ...[...seconds].map(([collector, total]) => emit.databaseSeconds({ collector }, total)),
      ...[...errors.values()].map(({ collector, kind, count }) => emit.errors({ collector, kind }, count)),
      ...[...drops.values()].map(({ family, reason, count }) => emit.dropped({ family, reason }, count)),
    ],
  };
};

const runSamples = (collector: string, run: Run, now: number): Sample[] => {
  switch (run.state) {
    case 'pending':
      return [];
    case 'skipped':
      return [
        emit.skipped({ collector, reason: run.skip.reason }, 1),
        // A missing privilege is a fault to repair; a version or a role is just how things are.
        emit.success({ collector }, run.skip.reason === 'privilege' ? 0 : null),
      ];
    case 'failed':
      return [emit.success({ collector }, 0), emit.duration({ collector }, run.durationMs / 1000)];
    case 'ok':
      return [
        emit.success({ collector }, 1),
        emit.duration({ collector }, run.durationMs / 1000),
        emit.age({ collector }, Math.max(0, now - run.at) / 1000),
      ];
  }
};

const surveySamples = (collector: string, visits: readonly Visit[]): Sample[] =>
  (['read', 'skipped', 'failed'] as const).map((outcome) =>
    emit.surveyed({ collector, outcome }, visits.filter(({ state }) => state === outcome).length),
  );
