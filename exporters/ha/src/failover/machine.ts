import { type Evidence, noEvidence, verdictOf, withSight } from './cause';
import type { Interruption, Split } from './record';
import { type Beat, leaderOf, type Sight, wallOf } from './sight';
import { isSameStart } from '../topology/nodes';

/** The server that counted as primary. */
type Primary = { readonly name: string; readonly timeline: number | null; readonly started: number | null };

/** A moment on both clocks. */
type Moment = { readonly at: number; readonly wall: number };

type Outage = {
  readonly from: Primary;
  /** Null if nobody looked when it began. */
  readonly lastWritable: Moment | null;
  readonly firstMissing: Moment;
  readonly lastMissing: Moment;
  readonly evidence: Evidence;
  /** Whether we looked all the time. */
  readonly watched: boolean;
};

type Doubt = {
  readonly since: Moment;
  readonly last: Moment;
  readonly members: readonly string[];
  readonly sure: boolean;
};

export type Totals = {
  /** Interruptions by cause, outcome and whether they were planned. */
  readonly counts: Readonly<Record<string, number>>;
  readonly unwritableSeconds: number;
  readonly splitSeconds: number;
};

export type Watch = {
  readonly primary: Primary | null;
  readonly lastWritable: Moment | null;
  readonly outage: Outage | null;
  readonly doubt: Doubt | null;
  readonly lastAt: number | null;
  readonly records: readonly Interruption[];
  readonly splits: readonly Split[];
  readonly totals: Totals;
};

export const nothingWatched: Watch = {
  ...{ primary: null, lastWritable: null, outage: null, doubt: null, lastAt: null, records: [], splits: [] },
  totals: { counts: {}, unwritableSeconds: 0, splitSeconds: 0 },
};

/** With longer than this between two beats nobody can say what was in between. */
export const GAP_MS = 5000;
/** A primary that answers late, and is the same as before, was slow; from here on it hung. */
export const SLOW_MS = 3000;
/** What is seen of a lost primary after this may already be its return. */
const EVIDENCE_MS = 5000;
/** After so long without a primary one on an older timeline is no ghost, but what there is: restored, or made anew. */
const OLDER_MS = 60_000;
export const MOST_RECORDS = 100;

export const keyOf = (record: Pick<Interruption, 'cause' | 'outcome' | 'planned'>): string =>
  [record.cause, record.outcome, String(record.planned)].join(' ');

/** One beat further. Pure: the same beats give the same records. */
export const fold = (watch: Watch, beat: Beat): Watch => {
  const isGap = watch.lastAt !== null && beat.at - watch.lastAt > GAP_MS;
  const seen = isGap ? blinded(watch) : watch;
  const { primary, outage } = seen;
  const isLong = outage !== null && beat.at - outage.firstMissing.at > OLDER_MS;
  const leader = leaderOf(beat.sights, primary?.name, isLong ? null : (primary?.timeline ?? null));
  const next = leader === undefined ? withoutLeader(seen, beat) : withLeader(seen, beat, leader);
  return { ...withSplit(next, beat, isGap), lastAt: beat.at };
};

const blinded = (watch: Watch): Watch => ({
  ...watch,
  lastWritable: null,
  outage: watch.outage === null ? null : { ...watch.outage, watched: false },
});

const sightOf = (beat: Beat, name: string): Sight | undefined => beat.sights.find((sight) => sight.name === name);

const momentOf = (beat: Beat, at: number): Moment => ({ at, wall: wallOf(beat, at) });

/** The session held until it broke: that is later, and nearer to the truth, than the last answer. */
const lastAlive = (watch: Watch, beat: Beat): Moment | null => {
  const { lastWritable, primary } = watch;
  const brokeAt = primary === null ? null : (sightOf(beat, primary.name)?.brokeAt ?? null);
  return lastWritable !== null && brokeAt !== null && brokeAt > lastWritable.at
    ? momentOf(beat, brokeAt)
    : lastWritable;
};

const withoutLeader = (watch: Watch, beat: Beat): Watch => {
  const { primary, outage } = watch;
  if (primary === null) return watch;
  const sight = sightOf(beat, primary.name);
  const now = momentOf(beat, sight?.at ?? beat.at);
  if (outage === null) {
    const evidence = withSight(noEvidence, sight, beat.sights, beat.scheduled);
    const lastWritable = lastAlive(watch, beat);
    const watched = lastWritable !== null;
    return {
      ...watch,
      outage: { from: primary, lastWritable, firstMissing: now, lastMissing: now, evidence, watched },
    };
  }
  const isEarly = now.at - outage.firstMissing.at <= EVIDENCE_MS;
  const evidence = withSight(outage.evidence, isEarly ? sight : undefined, beat.sights, beat.scheduled);
  return { ...watch, outage: { ...outage, lastMissing: now, evidence } };
};

const withLeader = (watch: Watch, beat: Beat, leader: Sight): Watch => {
  const found: Primary = { name: leader.name, timeline: leader.timeline, started: leader.started };
  const well: Watch = { ...watch, primary: found, lastWritable: momentOf(beat, leader.at), outage: null };
  const { primary, outage } = watch;
  if (primary === null) return well;
  // A name can change while we learn which API and which server belong together; a start of a server can't.
  const isNamesake = found.name === primary.name || (found.started !== null && found.started === primary.started);
  const isSame = isNamesake && isSameOrUnknown(found.timeline, primary.timeline);
  if (outage === null && isSame && !wasRestarted(found, primary, leader)) return well;
  const over = outage ?? handedOver(watch, beat, primary);
  if (isSame && isNothing(over, leader, primary)) return well;
  return withRecord(well, recordOf(over, beat, leader, primary, isSame));
};

/** Our session with it broke, and it answers from another life: it was away between two looks. */
const wasRestarted = (found: Primary, primary: Primary, { brokeAt }: Sight): boolean =>
  brokeAt !== null &&
  found.started !== null &&
  primary.started !== null &&
  !isSameStart(found.started, primary.started);

const isSameOrUnknown = (a: number | null, b: number | null): boolean => a === null || b === null || a === b;

/** Another one leads at once: what there was in between was shorter than a beat, if there was anything. */
const handedOver = (watch: Watch, beat: Beat, primary: Primary): Outage => {
  const sight = sightOf(beat, primary.name);
  const lastWritable = lastAlive(watch, beat);
  const evidence = withSight(noEvidence, sight, beat.sights, beat.scheduled);
  const now = momentOf(beat, beat.at);
  return { from: primary, lastWritable, firstMissing: now, lastMissing: now, evidence, watched: lastWritable !== null };
};

/** The same server, never restarted, that we could not reach or that was slow for a moment: nothing happened to it. */
const isNothing = ({ evidence, lastWritable, firstMissing }: Outage, leader: Sight, primary: Primary): boolean => {
  const isOneLife = leader.started !== null && primary.started !== null && leader.started === primary.started;
  if (!isOneLife) return false;
  if (!evidence.anyone) return true;
  return leader.at - (lastWritable ?? firstMissing).at < SLOW_MS;
};

const recordOf = (outage: Outage, beat: Beat, leader: Sight, primary: Primary, isSame: boolean): Interruption => {
  const { lastWritable, firstMissing, lastMissing, watched, evidence } = outage;
  const stayedWritable = sightOf(beat, primary.name)?.writable === true && leader.name !== primary.name;
  const verdict = verdictOf(evidence, { isSame, stayedWritable });
  const isKnown = watched && lastWritable !== null;
  const low = !isKnown || stayedWritable ? 0 : Math.max(0, lastMissing.at - firstMissing.at) / 1000;
  const high = stayedWritable || !isKnown ? 0 : Math.max(low, (leader.at - lastWritable.at) / 1000);
  const writableAt = wallOf(beat, leader.at);
  return {
    // The old one may have been asked, and have gone, after the new one had answered.
    startedAt: lastWritable === null ? null : Math.min(lastWritable.wall, writableAt),
    detectedAt: Math.min(firstMissing.wall, writableAt),
    writableAt,
    seconds: isKnown ? (low + high) / 2 : null,
    low: isKnown ? low : null,
    high: isKnown ? high : null,
    ...{ from: primary.name, to: leader.name, timelineBefore: primary.timeline, timelineAfter: leader.timeline },
    outcome: isSame ? 'return' : 'failover',
    ...{ planned: verdict.planned, cause: verdict.cause, sure: verdict.sure, evidence: [...verdict.evidence] },
  };
};

const withRecord = (watch: Watch, record: Interruption): Watch => {
  const key = keyOf(record);
  const { counts, unwritableSeconds } = watch.totals;
  return {
    ...watch,
    records: [...watch.records, record].slice(-MOST_RECORDS),
    totals: {
      ...watch.totals,
      counts: { ...counts, [key]: (counts[key] ?? 0) + 1 },
      unwritableSeconds: unwritableSeconds + (record.seconds ?? 0),
    },
  };
};

/**
 * Members answer one after the other: a primary may have stepped down just before its successor was asked. Only who can
 * be written to in two beats running counts.
 */
const withSplit = (watch: Watch, beat: Beat, isGap: boolean): Watch => {
  const members = beat.sights
    .filter(({ writable }) => writable === true)
    .map(({ name }) => name)
    .sort();
  const now = momentOf(beat, beat.at);
  const before = isGap ? null : watch.doubt;
  if (members.length < 2) return { ...watch, doubt: null, splits: ended(watch.splits, watch.doubt) };
  const goesOn = before !== null && before.members.filter((name) => members.includes(name)).length > 1;
  if (!goesOn) {
    const doubt: Doubt = { since: now, last: now, members, sure: false };
    return { ...watch, doubt, splits: ended(watch.splits, watch.doubt) };
  }
  const doubt: Doubt = {
    ...before,
    last: now,
    members: [...new Set([...before.members, ...members])].sort(),
    sure: true,
  };
  const seconds = (now.at - doubt.since.at) / 1000;
  const current: Split = { startedAt: doubt.since.wall, endedAt: null, seconds, members: [...doubt.members] };
  const earlier = before.sure ? watch.splits.slice(0, -1) : watch.splits;
  const splitSeconds = watch.totals.splitSeconds + (now.at - before.last.at) / 1000;
  return {
    ...watch,
    doubt,
    splits: [...earlier, current].slice(-MOST_RECORDS),
    totals: { ...watch.totals, splitSeconds },
  };
};

const ended = (splits: readonly Split[], doubt: Doubt | null): readonly Split[] => {
  const last = splits.at(-1);
  if (doubt?.sure !== true || last?.endedAt !== null) return splits;
  return [...splits.slice(0, -1), { ...last, endedAt: doubt.last.wall }];
};
