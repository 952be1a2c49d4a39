import { z } from 'zod';
import type { AdviceAction, AdviceNote, Recommendation, RecommendationsAnswer } from '../api/recommendations';
import type { Clock } from '../clock';
import type { Logger } from '../log';
import type { Sample } from '../metrics/declare';
import { openJournal } from '../store/journal';
import type { TargetAdvice } from './evaluate';
import {
  aged,
  type Entry,
  entrySchema,
  followed,
  isForgotten,
  noted,
  opened,
  pastOf,
  reopened,
  seen,
  standing,
  unseen,
} from './life';
import { adviceSamples } from './metrics';
import type { PastFinding } from './rule';

/** Remembers every finding and what became of it, also across restarts when it has a file. */
export type AdviceBook = {
  /** What it remembers of a target, for the rules that look back. */
  readonly past: (target: string) => readonly PastFinding[];
  /** Notes what the rules say about a target now; what they find no more for `patienceMs` is resolved. */
  readonly note: (target: string, advice: TargetAdvice, patienceMs: number) => void;
  readonly samples: (target: string, advice: TargetAdvice) => readonly Sample[];
  readonly answer: (targets: readonly AdviceOfTarget[]) => RecommendationsAnswer;
  /** Notes what somebody says of a recommendation of one of these targets; settles when that is kept. */
  readonly say: (id: string, said: Said, targets: readonly string[]) => Promise<Recommendation | Refusal>;
  /** Settles when all is on disk. */
  readonly close: () => Promise<void>;
};

export type AdviceOfTarget = {
  readonly target: string;
  /** Absent while the target is down or was not scraped yet, with `reason` saying so. */
  readonly advice: TargetAdvice | undefined;
  readonly reason: string;
  readonly rules: readonly string[];
};

/** `until` in milliseconds since the epoch. */
export type Said = {
  readonly action: AdviceAction;
  readonly by: string;
  readonly why: string | null;
  readonly until: number | null;
};

export type Refusal = { readonly refused: 'unknown' | 'conflict'; readonly why: string };

export type AdviceBookOptions = {
  /** Null keeps it in memory. */
  readonly path: string | null;
  readonly clock: Clock;
  readonly log: Logger;
};

const recordSchema = z.union([
  z.object({ entry: entrySchema }),
  z.object({ seen: z.array(z.tuple([z.string(), z.number()])) }),
]);
type Entries = Map<string, Entry>;
/** By target: one is noted at each of its scrapes, without a look at those of the others. */
type Shelf = Map<string, Entries>;

const WRITE_EVERY_MS = 60_000;
/** Of one target. */
const MAX_ENTRIES = 2_000;
const DOCS = 'docs/advice.md';
const SAID: Readonly<Record<Exclude<AdviceAction, 'reopen'>, AdviceNote['state']>> = {
  acknowledge: 'acknowledged',
  snooze: 'snoozed',
  dismiss: 'dismissed',
};

export const createAdviceBook = ({ path, clock, log }: AdviceBookOptions): AdviceBook => {
  const snapshot = () => [...shelf.values()].flatMap((entries) => [...entries.values()].map((entry) => ({ entry })));
  const journal = path === null ? undefined : openJournal({ path, log, what: 'the history of advice', snapshot });
  const shelf = replay(journal?.records ?? []);
  for (const entries of shelf.values()) prune(entries, clock.wall());
  const moved = new Map<string, Entry>();
  let written = clock.monotonic();

  /** What changed in more than when it was last seen is kept at once. */
  const put = (entry: Entry): Promise<void> => {
    const entries = entriesOf(shelf, entry.target);
    const before = entries.get(entry.id);
    entries.set(entry.id, entry);
    const isNews = before?.history !== entry.history || before.note !== entry.note || asksElse(before, entry);
    if (isNews) return journal?.append({ entry }) ?? Promise.resolve();
    if (before.last !== entry.last) moved.set(entry.id, entry);
    return Promise.resolve();
  };

  const writeMoved = (): void => {
    const seenLast = [...moved].map(([id, { last }]) => [id, last] as const);
    moved.clear();
    written = clock.monotonic();
    // Those of targets that are scraped no more are forgotten too.
    for (const entries of shelf.values()) prune(entries, clock.wall());
    if (seenLast.length > 0) void journal?.append({ seen: seenLast });
  };

  const ofTarget = (target: string): Entry[] => [...(shelf.get(target)?.values() ?? [])];

  return {
    past: (target) => ofTarget(target).map((entry) => pastOf(entry, clock.wall())),
    note: (target, { found, followUps, evaluated }, patienceMs) => {
      const now = clock.wall();
      const entries = entriesOf(shelf, target);
      prune(entries, now);
      const told = new Map(followUps.map((followUp) => [followUp.id, followUp]));
      for (const { id, rule, ...finding } of found) {
        const before = entries.get(id);
        void put(
          before === undefined ? opened({ id, rule, target }, finding, now) : seen(before, finding, now, told.get(id)),
        );
      }
      const isFound = new Set(found.map(({ id }) => id));
      for (const entry of ofTarget(target).filter(({ id }) => !isFound.has(id))) {
        const followUp = told.get(entry.id);
        if (followUp !== undefined) void put(followed(entry, followUp, now));
        else if (evaluated.includes(entry.rule)) void put(unseen(entry, now, patienceMs));
      }
      for (const entry of entries.values()) void put(aged(entry, now));
      if (clock.monotonic() - written >= WRITE_EVERY_MS) writeMoved();
    },
    samples: (target, advice) =>
      adviceSamples(advice, new Map(ofTarget(target).map((entry) => [entry.id, pastOf(entry, clock.wall())]))),
    answer: (targets) => {
      const now = clock.wall();
      return {
        recommendations: targets.flatMap(({ target, advice }) =>
          (advice?.found ?? []).map(({ id, rule, ...finding }) =>
            shown({ ...(shelf.get(target)?.get(id) ?? opened({ id, rule, target }, finding, now)), finding }, now),
          ),
        ),
        earlier: targets.flatMap(({ target, advice }) => {
          const isFound = new Set(advice?.found.map(({ id }) => id));
          return ofTarget(target)
            .filter(({ id }) => !isFound.has(id))
            .map((entry) => shown(entry, now))
            .sort((a, b) => b.stateSince.localeCompare(a.stateSince));
        }),
        evaluated: targets.flatMap(({ target, advice }) => (advice?.evaluated ?? []).map((rule) => ({ rule, target }))),
        notEvaluated: targets.flatMap(({ target, advice, reason, rules }) =>
          advice === undefined
            ? rules.map((rule) => ({ rule, target, reason }))
            : advice.notEvaluated.map((missing) => ({ ...missing, target })),
        ),
      };
    },
    say: async (id, said, targets) => {
      const now = clock.wall();
      const entry = targets.flatMap((target) => shelf.get(target)?.get(id) ?? [])[0];
      if (entry === undefined) return { refused: 'unknown', why: `no recommendation has the id "${id.slice(0, 64)}"` };
      const after = applySaid(aged(entry, now), said, now);
      if ('refused' in after) return after;
      await put(after);
      return shown(after, now);
    },
    close: async () => {
      writeMoved();
      await journal?.settled();
    },
  };
};

const asksElse = ({ finding: before }: Entry, { finding: now }: Entry): boolean =>
  before.severity !== now.severity || before.action.text !== now.action.text;

const applySaid = (entry: Entry, { action, by, why, until }: Said, now: number): Entry | Refusal => {
  if (entry.state !== 'open')
    return { refused: 'conflict', why: `it is ${entry.state}: there is nothing to ${action}` };
  if (action !== 'reopen') return noted(entry, { state: SAID[action], by, why, until, at: now });
  if (entry.note === null) return { refused: 'conflict', why: 'it is open' };
  return reopened(entry, now, { by, why });
};

/** Entries as they were, and when they were last seen since; what this version doesn't know is passed over. */
const replay = (records: readonly unknown[]): Shelf => {
  const entries: Entries = new Map();
  for (const record of records) {
    const parsed = recordSchema.safeParse(record).data;
    if (parsed === undefined) continue;
    if ('entry' in parsed) entries.set(parsed.entry.id, parsed.entry);
    else
      for (const [id, last] of parsed.seen) {
        const entry = entries.get(id);
        if (entry !== undefined) entries.set(id, { ...entry, last });
      }
  }
  const shelf: Shelf = new Map();
  for (const entry of entries.values()) entriesOf(shelf, entry.target).set(entry.id, entry);
  return shelf;
};

const entriesOf = (shelf: Shelf, target: string): Entries => {
  const known = shelf.get(target);
  if (known !== undefined) return known;
  const entries: Entries = new Map();
  shelf.set(target, entries);
  return entries;
};

const prune = (entries: Entries, now: number): void => {
  for (const [id, entry] of entries) if (isForgotten(entry, now)) entries.delete(id);
  const surplus = entries.size - MAX_ENTRIES;
  if (surplus <= 0) return;
  const oldest = [...entries].sort(([, a], [, b]) => a.last - b.last).slice(0, surplus);
  for (const [id] of oldest) entries.delete(id);
};

const iso = (ms: number): string => new Date(ms).toISOString();

const shown = (entry: Entry, now: number): Recommendation => {
  const { state, since } = standing(entry, now);
  const { note } = aged(entry, now);
  const { subject, ...finding } = entry.finding;
  void subject;
  return {
    ...finding,
    ...{ id: entry.id, rule: entry.rule, target: entry.target, state, stateSince: iso(since) },
    note:
      note === null
        ? null
        : {
            ...{ state: note.state, by: note.by, why: note.why, at: iso(note.at) },
            until: note.until === null ? null : iso(note.until),
          },
    history: entry.history.map((step) => ({ ...step, at: iso(step.at) })),
    ...{ firstSeen: iso(entry.first), lastSeen: iso(entry.last), docs: `${DOCS}#${entry.rule}` },
  };
};
