import { z } from 'zod';
import { type AdviceState, advised, adviceState, type Evidence } from '../api/recommendations';
import type { Finding, FollowUp, PastFinding } from './rule';

const severities = advised.shape.severity;
const noteState = adviceState.extract(['acknowledged', 'snoozed', 'dismissed']);
const ownState = adviceState.exclude(['acknowledged', 'snoozed', 'dismissed']);

const noteSchema = z.object({
  state: noteState,
  by: z.string(),
  why: z.string().nullable(),
  at: z.number(),
  until: z.number().nullable(),
  /** What was judged: a note does not stand for something more severe. */
  severity: severities,
});

const stepSchema = z.object({
  at: z.number(),
  state: adviceState,
  by: z.string().nullable(),
  why: z.string().nullable(),
  evidence: advised.shape.evidence,
});

/** What is remembered of a finding. Times in milliseconds since the epoch. */
export const entrySchema = z.object({
  id: z.string(),
  rule: z.string(),
  target: z.string(),
  finding: advised.extend({ subject: z.string() }),
  first: z.number(),
  last: z.number(),
  /** Since when its rule looks and does not find it. */
  missed: z.number().nullable(),
  /** Without what people said, which is in the note. */
  state: ownState,
  since: z.number(),
  note: noteSchema.nullable(),
  history: z.array(stepSchema),
});

export type Entry = z.infer<typeof entrySchema>;
export type Note = z.infer<typeof noteSchema>;
type Step = z.infer<typeof stepSchema>;

const DAY_MS = 24 * 3600 * 1000;
/** What nobody could look for in this time is not known to hold any more. */
const EXPIRE_AFTER_MS = DAY_MS;
/** A finding that comes back after this long is a new one. */
const FORGET_AFTER_MS = 30 * DAY_MS;
/** That somebody does not want to hear of it is remembered for longer. */
const FORGET_DISMISSED_AFTER_MS = 365 * DAY_MS;
const MAX_STEPS = 20;
const FORGET_STEPS_AFTER_MS = 90 * DAY_MS;

type Because = { readonly by?: string; readonly why?: string | null; readonly evidence?: readonly Evidence[] };

const withStep = (entry: Entry, state: AdviceState, now: number, { by, why, evidence }: Because = {}): Entry => {
  const step: Step = { at: now, state, by: by ?? null, why: why ?? null, evidence: [...(evidence ?? [])] };
  const recent = entry.history.filter(({ at }) => now - at <= FORGET_STEPS_AFTER_MS);
  return { ...entry, history: [...recent, step].slice(-MAX_STEPS) };
};

/** Comes to a state. What people said of it while it was open is over, but that they want to hear no more of it. */
const enter = (entry: Entry, state: Entry['state'], now: number, because: Because = {}): Entry => {
  const note = entry.note?.state === 'dismissed' ? entry.note : null;
  return withStep({ ...entry, state, since: now, missed: null, note }, state, now, because);
};

export const opened = (about: Pick<Entry, 'id' | 'rule' | 'target'>, finding: Finding, now: number): Entry =>
  withStep(
    {
      ...{ id: about.id, rule: about.rule, target: about.target, finding, first: now, last: now, missed: null },
      ...{ state: 'open', since: now, note: null, history: [] },
    },
    'open',
    now,
  );

const rank = (severity: Finding['severity']): number => severities.options.indexOf(severity);

const unsaid = (entry: Entry, now: number, why: string): Entry =>
  withStep({ ...entry, note: null }, 'open', now, { why });

/** The rule finds it, and may say what came of it nevertheless. */
export const seen = (before: Entry, finding: Finding, now: number, followUp?: FollowUp): Entry => {
  const { note, state } = before;
  const entry = { ...before, finding, last: now, missed: null };
  if (followUp !== undefined) return followed(entry, followUp, now);
  if (state !== 'open') return enter(entry, 'open', now, { why: 'found again' });
  if (note === null || rank(finding.severity) <= rank(note.severity)) return entry;
  return unsaid(entry, now, `${finding.severity} now, ${note.severity} when it was ${note.state}`);
};

/** The rule looks, and does not find it: a window may be between two moods, two of them tell. */
export const unseen = (entry: Entry, now: number, patienceMs: number): Entry => {
  if (entry.state !== 'open') return entry;
  const missed = entry.missed ?? now;
  if (now - missed < patienceMs) return entry.missed === null ? { ...entry, missed } : entry;
  return enter(entry, 'resolved', now, { why: 'no longer found' });
};

/** The rule says what came of it. */
export const followed = (entry: Entry, { state, evidence }: FollowUp, now: number): Entry =>
  entry.state === state ? entry : enter(entry, state, now, { evidence });

/** What time alone does. */
export const aged = (entry: Entry, now: number): Entry => {
  const { note, state, last } = entry;
  if (note !== null && note.until !== null && note.until <= now)
    return aged(
      state === 'open' ? unsaid(entry, now, `no longer ${note.state}: its time is over`) : { ...entry, note: null },
      now,
    );
  if (state !== 'open' || now - last <= EXPIRE_AFTER_MS) return entry;
  return enter(entry, 'expired', now, { why: 'nobody could look for it for a day' });
};

export const isForgotten = ({ last, since, note }: Entry, now: number): boolean =>
  now - Math.max(last, since, note?.at ?? 0) >
  (note?.state === 'dismissed' ? FORGET_DISMISSED_AFTER_MS : FORGET_AFTER_MS);

/** Somebody says something of it. */
export const noted = (entry: Entry, said: Omit<Note, 'severity'>): Entry =>
  withStep({ ...entry, note: { ...said, severity: entry.finding.severity } }, said.state, said.at, said);

/** Somebody takes back what was said. */
export const reopened = (entry: Entry, now: number, because: Because): Entry =>
  withStep({ ...entry, note: null }, 'open', now, because);

/** Where it stands now, and since when. */
export const standing = (before: Entry, now: number): { readonly state: AdviceState; readonly since: number } => {
  const entry = aged(before, now);
  if (entry.state === 'open' && entry.note !== null) return { state: entry.note.state, since: entry.note.at };
  return entry;
};

export const pastOf = (entry: Entry, now: number): PastFinding => {
  const { state, since } = standing(entry, now);
  const { finding, rule, first, last } = entry;
  return { ...finding, rule, state, stateSince: since, firstSeen: first, lastSeen: last };
};
