import type { DurationLine } from './line';
import { type LogSettings, type Override, samplingFor, type Sampling, weightOf } from './settings';

/** Settings of roles and databases, and from when to when they were seen, by the server's clock in seconds. */
type Era = { readonly overrides: readonly Override[]; readonly from: number; readonly until: number };

/**
 * What held while the lines that are read now were written. The server's own settings hold for all sessions as soon as
 * they change; those of roles and databases for sessions that begin after that.
 */
export type InForce = {
  /** The server's settings that lines may have been written under which are read now. */
  readonly own: readonly Sampling[];
  /** The oldest first. What was there when we came is taken to have been there forever. */
  readonly eras: readonly Era[];
  readonly settings: LogSettings;
};

const MOST_ERAS = 10;

/** @param behind bytes that were left to read when the settings were read before: older lines than that time */
export const inForce = (before: InForce | undefined, settings: LogSettings, behind: number): InForce => {
  const { own, overrides, now } = settings;
  const last = before?.eras.at(-1);
  const isSame = last !== undefined && JSON.stringify(last.overrides) === JSON.stringify(overrides);
  const era: Era = isSame
    ? { ...last, until: now }
    : { overrides, from: last === undefined ? -Infinity : now, until: now };
  const eras = [...(before?.eras ?? []).slice(0, isSame ? -1 : undefined), era].slice(-MOST_ERAS);
  const earlier = before === undefined ? [] : behind > 0 ? before.own : [before.settings.own];
  return { own: distinct([...earlier, own]).slice(-MOST_ERAS), eras, settings };
};

const distinct = (all: readonly Sampling[]): readonly Sampling[] => [
  ...new Map(all.map((one) => [JSON.stringify(one), one])).values(),
];

type Line = Pick<DurationLine, 'user' | 'database' | 'seconds' | 'sessionStart'>;

/**
 * How many statements a line stands for; nothing when that is not sure: of settings that changed while it was written
 * each may have held for it.
 */
export const weightOfLine = ({ user, database, seconds, sessionStart }: Line, held: InForce): number | undefined => {
  const [weight, ...others] = erasOf(secondsAt(sessionStart, held.settings), held.eras).flatMap(({ overrides }) =>
    held.own.map((own) => weightOf(samplingFor({ own, overrides }, user, database), seconds)),
  );
  return others.every((other) => other === weight) ? weight : undefined;
};

/** Of a session that began in some second; it may have been either of two, if the settings changed just then. */
const erasOf = (start: number, eras: readonly Era[]): readonly Era[] =>
  Number.isNaN(start)
    ? eras
    : eras.filter((_, i) => {
        const [earlier, later] = [eras[i - 1], eras[i + 1]];
        return (earlier === undefined || start + 1 > earlier.until) && (later === undefined || start < later.from);
      });

/** A stamp of log_timezone, whose name may be ambiguous: the server says what it adds to UTC. */
export const secondsAt = (stamp: string, { utcOffsetSeconds }: Pick<LogSettings, 'utcOffsetSeconds'>): number =>
  Date.parse(`${stamp.split(' ').slice(0, 2).join('T')}Z`) / 1000 - utcOffsetSeconds;
