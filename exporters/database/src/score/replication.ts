import type { SlotRow } from '../collectors/slots';
import type { Standbys } from '../collectors/standbys';
import type { Missing, Signals } from './signals';

/** Standbys that were connected, and up to where each had replayed the WAL when it was last seen. */
export type SeenStandbys = ReadonlyMap<string, { readonly position: number; readonly at: number }>;

/** A standby that stays away longer was taken away. One with a slot is remembered by its slot. */
export const FORGET_AFTER_MS = 3_600_000;

const MEGABYTE = 1024 * 1024;

/** The standbys seen so far, with those seen now. */
export const remember = (now: Standbys | undefined, before: SeenStandbys, at: number): SeenStandbys => {
  const connected = (now?.standbys ?? []).flatMap(({ name, physical, position }) =>
    physical && position !== null ? [[name, { position, at }] as const] : [],
  );
  return new Map([...[...before].filter(([, seen]) => at - seen.at <= FORGET_AFTER_MS), ...worstOfEach(connected)]);
};

/** Two standbys may call themselves the same. */
const worstOfEach = <T extends { readonly position: number }>(entries: readonly (readonly [string, T])[]) =>
  [...entries].sort(([, a], [, b]) => b.position - a.position);

type Lag = Pick<Signals, 'replication_lag' | 'replication_delay'>;

const none: Missing = {
  missing: 'not-applicable',
  why: 'no standby is connected, was connected lately, or has a slot',
};
const streaming: Missing = { missing: 'not-applicable', why: 'only on a standby that nobody streams to' };
const notRead: Missing = { missing: 'unknown', why: 'pg_stat_replication could not be read (see /api/v1/status)' };

export const lagOf = (now: Standbys | undefined, slots: readonly SlotRow[] | undefined, seen: SeenStandbys): Lag => {
  if (now === undefined) return { replication_lag: notRead, replication_delay: notRead };
  return now.in_recovery ? ownLag(now) : worstLag(now, slots ?? [], seen);
};

/**
 * The farthest behind of: standbys connected now; those seen lately, by where they were then; and those that a slot
 * waits for.
 */
const worstLag = ({ position: end, standbys }: Standbys, slots: readonly SlotRow[], seen: SeenStandbys): Lag => {
  const positions = [...standbys, ...seen.values()].flatMap(({ position }) => position ?? []);
  const lost = slots.filter(({ active, slot_type }) => !active && slot_type === 'physical');
  const lags = [
    ...(end === null ? [] : positions.map((position) => end - position)),
    ...lost.flatMap(({ retained_bytes }) => retained_bytes ?? []),
  ];
  const lag = lags.length === 0 ? none : Math.max(0, ...lags) / MEGABYTE;
  return { replication_lag: lag, replication_delay: streaming };
};

/** While a standby receives, what counts is what it has not replayed; otherwise how old its data is. */
const ownLag = ({ position, replayed, receiving, replay_age_seconds: age }: Standbys): Lag => {
  if (receiving && position !== null && replayed !== null) {
    return { replication_lag: Math.max(0, position - replayed) / MEGABYTE, replication_delay: streaming };
  }
  const cutOff: Missing = { missing: 'not-applicable', why: 'nobody streams to this standby' };
  const nothingYet: Missing = { missing: 'unknown', why: 'nothing was replayed yet' };
  return { replication_lag: cutOff, replication_delay: age ?? nothingYet };
};
