import { SubmilliError } from '@submilli/core';
import { type Backup, type Repository, restorableSince } from '@submilli/ha';

/** WAL of the last moments may be on its way still: archive_timeout, and the time that handing it over takes. */
export const SETTLE_SECONDS = 60;

/** A moment to the microsecond, in seconds since 1970. */
export type Moment = number;

/** As pgBackRest and PostgreSQL take it: UTC, to the microsecond. */
export const timestampOf = (moment: Moment): string => {
  const whole = Math.floor(moment);
  const micros = String(Math.round((moment - whole) * 1e6)).padStart(6, '0');
  return `${new Date(whole * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${micros}+00`;
};

/** A moment as people write it: ISO 8601, with a zone. Throws a `SubmilliError`. */
export const parseMoment = (text: string): Moment => {
  const [, before, fraction = '', zone] =
    /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)$/.exec(text.trim()) ?? [];
  const ms =
    before === undefined || zone === undefined
      ? NaN
      : Date.parse(`${before.replace(' ', 'T')}${/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone}`);
  if (Number.isNaN(ms)) {
    throw new SubmilliError({ what: `“${text}” is no moment`, hint: 'Write it with its zone: 2026-01-31T12:00:00Z' });
  }
  return ms / 1000 + Number(fraction === '' ? 0 : fraction);
};

/**
 * A moment to rehearse a restore to: any that can be restored and lies within the last `within` seconds, none more
 * likely than another. Throws a `SubmilliError` where there is none.
 */
export const drawMoment = (repository: Repository, now: Moment, within: number, random: () => number): Moment => {
  const since = restorableSince(repository);
  if (since === null) {
    throw new SubmilliError({
      what: `repository ${repository.key} has no full backup`,
      hint: 'Make one: pgbackrest backup --type=full',
    });
  }
  const from = Math.max(since + 1, now - within);
  const to = now - SETTLE_SECONDS;
  if (from > to) {
    const wait = Math.ceil(from - to);
    throw new SubmilliError({
      what: `the first backup is too young to restore a moment after it`,
      hint: `Try again in ${wait} s.`,
    });
  }
  return Math.floor((from + random() * (to - from)) * 1e6) / 1e6;
};

/** The backup that a restore to a moment begins with: the newest that had ended by then. */
export const backupFor = ({ backups }: Repository, moment: Moment): Backup | undefined =>
  backups.findLast(({ stop }) => stop <= moment);
