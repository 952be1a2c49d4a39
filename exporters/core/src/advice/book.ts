import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Recommendation, RecommendationsAnswer } from '../api/recommendations';
import type { Clock } from '../clock';
import { messageOf } from '../errors';
import type { Logger } from '../log';
import { replaceFile } from '../store/replace-file';
import type { TargetAdvice } from './evaluate';

/** Remembers when each finding was first and last seen, also across restarts when it has a file. */
export type AdviceBook = {
  /** Notes what the rules say about a target now. */
  readonly note: (advice: TargetAdvice) => void;
  readonly answer: (targets: readonly AdviceOfTarget[]) => RecommendationsAnswer;
  /** Writes what is not on disk yet. */
  readonly close: () => void;
};

export type AdviceOfTarget = {
  readonly target: string;
  /** Absent while the target is down or was not scraped yet, with `reason` saying so. */
  readonly advice: TargetAdvice | undefined;
  readonly reason: string;
  readonly rules: readonly string[];
};

export type AdviceBookOptions = {
  /** Null keeps it in memory. */
  readonly path: string | null;
  readonly clock: Clock;
  readonly log: Logger;
};

const entriesSchema = z.record(z.string(), z.strictObject({ first: z.number(), last: z.number() }));
type Seen = { readonly first: number; readonly last: number };
type Entries = Map<string, Seen>;

/** A finding that comes back after this long is a new one. */
const FORGET_AFTER_MS = 30 * 24 * 3600 * 1000;
const WRITE_EVERY_MS = 60_000;
const MAX_ENTRIES = 10_000;
const DOCS = 'docs/advice.md';

export const createAdviceBook = ({ path, clock, log }: AdviceBookOptions): AdviceBook => {
  const entries: Entries = path === null ? new Map<string, Seen>() : read(path, log);
  let written = clock.monotonic();
  let dirty = false;
  let lost: string | undefined;

  const write = (): void => {
    if (path === null || !dirty) return;
    try {
      replaceFile(path, `${JSON.stringify(Object.fromEntries(entries))}\n`);
      dirty = false;
      lost = undefined;
    } catch (error) {
      const reason = messageOf(error);
      if (lost !== reason) log.warn({ path }, `when advice was first seen cannot be kept: ${reason}`);
      lost = reason;
    }
    written = clock.monotonic();
  };

  const prune = (now: number): void => {
    for (const [id, { last }] of entries) if (now - last > FORGET_AFTER_MS) entries.delete(id);
    const surplus = entries.size - MAX_ENTRIES;
    if (surplus <= 0) return;
    const oldest = [...entries].sort(([, a], [, b]) => a.last - b.last).slice(0, surplus);
    for (const [id] of oldest) entries.delete(id);
  };

  return {
    note: ({ found }) => {
      const now = clock.wall();
      const isKnown = (id: string): boolean => now - (entries.get(id)?.last ?? -Infinity) <= FORGET_AFTER_MS;
      const hasNew = found.some(({ id }) => !isKnown(id));
      for (const { id } of found) {
        entries.set(id, { first: isKnown(id) ? (entries.get(id)?.first ?? now) : now, last: now });
      }
      dirty ||= found.length > 0;
      if (hasNew || clock.monotonic() - written > WRITE_EVERY_MS) {
        prune(now);
        write();
      }
    },
    answer: (targets) => ({
      recommendations: targets.flatMap(({ target, advice }) =>
        (advice?.found ?? []).map(({ subject, ...finding }): Recommendation => {
          const seen = entries.get(finding.id) ?? { first: clock.wall(), last: clock.wall() };
          return {
            ...finding,
            target,
            firstSeen: new Date(seen.first).toISOString(),
            lastSeen: new Date(seen.last).toISOString(),
            docs: `${DOCS}#${finding.rule}`,
          };
        }),
      ),
      evaluated: targets.flatMap(({ target, advice }) => (advice?.evaluated ?? []).map((rule) => ({ rule, target }))),
      notEvaluated: targets.flatMap(({ target, advice, reason, rules }) =>
        advice === undefined
          ? rules.map((rule) => ({ rule, target, reason }))
          : advice.notEvaluated.map((missing) => ({ ...missing, target })),
      ),
    }),
    close: write,
  };
};

/** What an earlier process kept. A file that can't be read costs the memory, not the start. */
const read = (path: string, log: Logger): Entries => {
  try {
    return new Map(Object.entries(entriesSchema.parse(JSON.parse(readFileSync(path, 'utf8')))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      log.warn({ path }, `when advice was first seen is forgotten: ${messageOf(error)}`);
    }
    return new Map();
  }
};
