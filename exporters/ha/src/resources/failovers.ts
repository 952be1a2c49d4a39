import type { FailoverRecord, FailoversAnswer, Resource } from '@submilli/core';
import { history } from '../collectors/history';
import type { Interruption } from '../failover/record';
import { momentOf } from '../patroni/members';
import type { History } from '../patroni/schema';
import { failovers } from '../samplers/failovers';
import type { HaFacts } from '../source';

/** Most that are shown, the latest. */
const MOST = 100;

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

const seen = (one: Interruption, entry: History[number] | undefined): FailoverRecord => ({
  ...{ outcome: one.outcome, at: iso(one.writableAt), startedAt: isoOrNull(one.startedAt) },
  ...{ detectedAt: iso(one.detectedAt), seconds: one.seconds, low: one.low, high: one.high },
  ...{ from: one.from, to: one.to, timelineBefore: one.timelineBefore, timelineAfter: one.timelineAfter },
  ...{ planned: one.planned, cause: one.cause, sure: one.sure, evidence: one.evidence },
  reason: entry?.[2] ?? null,
});

const told = ([timeline, , reason, at, leader]: History[number]): FailoverRecord => {
  const seconds = momentOf(at);
  return {
    ...{ outcome: 'failover', at: seconds === null ? null : iso(seconds * 1000), startedAt: null, detectedAt: null },
    ...{ seconds: null, low: null, high: null, from: null, to: leader ?? null },
    ...{ timelineBefore: timeline, timelineAfter: timeline + 1, planned: null, cause: null, sure: null },
    ...{ evidence: [], reason },
  };
};

/** A promotion is in both by the timeline that it began. */
export const merged = (records: readonly Interruption[], entries: History): readonly FailoverRecord[] => {
  const entryOf = ({ outcome, timelineAfter }: Interruption) =>
    outcome === 'failover' ? entries.find(([timeline]) => timeline + 1 === timelineAfter) : undefined;
  const known = new Set(records.flatMap((one) => entryOf(one)?.[0] ?? []));
  return [...records.map((one) => seen(one, entryOf(one))), ...entries.filter(([t]) => !known.has(t)).map(told)]
    .sort((a, b) => (a.at ?? '').localeCompare(b.at ?? '') || (a.timelineAfter ?? 0) - (b.timelineAfter ?? 0))
    .slice(-MOST);
};

export const failoversResource: Resource<HaFacts> = {
  path: 'failovers',
  answer: ({ snapshots }): FailoversAnswer => {
    const watch = snapshots.of(failovers)?.watch;
    const outage = watch?.outage ?? null;
    return {
      unwritableSince: outage === null ? null : iso((outage.lastWritable ?? outage.firstMissing).wall),
      failovers: [...merged(watch?.records ?? [], snapshots.of(history) ?? [])],
      splitBrains: (watch?.splits ?? []).map(({ startedAt, endedAt, seconds, members }) => ({
        ...{ startedAt: iso(startedAt), endedAt: isoOrNull(endedAt), seconds, members: [...members] },
      })),
    };
  },
};
