import type { Clock, Logger, WitnessSettings } from '@submilli/core';
import type { Ballot, Dcs } from './dcs';
import { type Look, objectionsTo, type Standby, type Verdict } from './look';
import type { Removal } from './writes';

/** What a witness did and why, for people: in its log, one line per change of mind, and as its status. */

export type WitnessStatus = {
  readonly name: string;
  readonly witnesses: readonly string[];
  readonly scope: string;
  /** `calm`: the leader lives, or there is none. `dead`: it is dead, as far as this witness can see. `blind`: nothing is known. */
  readonly sees: 'calm' | 'dead' | 'blind' | 'nothing yet';
  readonly why: string;
  readonly leader: string | null;
  /** How often in a row the leader was seen dead, up to the number that a vote takes. */
  readonly checks: number;
  readonly checksNeeded: number;
  /** Why this leader would not be removed, if it died now. Empty when it would. */
  readonly objections: readonly string[];
  readonly standbys: readonly Standby[];
  readonly lastSawSecondsAgo: number | null;
  readonly looks: { readonly total: number; readonly blind: number };
  readonly votes: number;
  readonly removals: number;
  readonly lastRemoval: { readonly leader: string; readonly at: string; readonly agreeing: readonly string[] } | null;
};

export type Diary = {
  readonly saw: (look: Look, verdict: Verdict, suspect: Ballot | null) => void;
  /** While the leader is well. */
  readonly sawStandbys: (standbys: readonly Standby[]) => void;
  readonly voted: (ballot: Ballot, agreeing: readonly string[], needed: number) => void;
  readonly retracted: () => void;
  readonly removed: (removal: Removal, agreeing: readonly string[], succeeded: boolean) => void;
  readonly failed: (why: string) => void;
  readonly suspectedSince: () => string;
  readonly status: () => WitnessStatus;
};

/** Words that change at every look are written no more often than this. */
const QUIET_MS = 5000;

export const createDiary = (settings: WitnessSettings, clock: Clock, log: Logger): Diary => {
  const { name, witnesses, scope, checks } = settings;
  let status: Omit<WitnessStatus, 'lastSawSecondsAgo'> = {
    ...{ name, witnesses, scope, sees: 'nothing yet', why: 'it has not looked yet', leader: null },
    ...{ checks: 0, checksNeeded: checks, objections: [], standbys: [], looks: { total: 0, blind: 0 } },
    ...{ votes: 0, removals: 0, lastRemoval: null },
  };
  let dcs: Dcs | undefined;
  let sawAt: number | undefined;
  let suspectedAt: number | undefined;
  let said = { topic: '', text: '', at: -Infinity };
  let hasVoted = false;

  /** Once per change: of the topic at once, of the words after a while. */
  const say = (level: 'info' | 'warn', topic: string, text: string, fields: object = {}): void => {
    if (text === said.text || (topic === said.topic && clock.monotonic() - said.at < QUIET_MS)) return;
    said = { topic, text, at: clock.monotonic() };
    log[level]({ witness: name, scope, ...fields }, text);
  };

  const saw: Diary['saw'] = (look, verdict, suspect) => {
    const { total, blind } = status.looks;
    const isBlind = verdict.kind === 'blind';
    status = {
      ...status,
      sees: verdict.kind,
      why: whyOf(look, verdict),
      leader: look.dcs?.leader?.name ?? null,
      checks: suspect?.checks ?? 0,
      looks: { total: total + 1, blind: blind + Number(isBlind) },
      ...(verdict.kind === 'dead' ? { objections: verdict.objections, standbys: look.standbys } : {}),
      ...(verdict.kind === 'calm' && look.dcs !== null ? { objections: objectionsTo(look.dcs) } : {}),
    };
    if (look.dcs !== null) dcs = look.dcs;
    if (!isBlind) sawAt = clock.monotonic();
    suspectedAt = suspect === null ? undefined : (suspectedAt ?? clock.wall());
    tell(verdict);
  };

  const tell = (verdict: Verdict): void => {
    const leader = status.leader ?? '';
    if (verdict.kind === 'blind') return say('warn', 'blind', `sees nothing: ${verdict.why}`);
    if (verdict.kind === 'calm') {
      const what = status.leader === null ? 'there is no leader key' : `watches ${leader}`;
      const held = status.objections.length === 0 ? '' : `; would not act: ${status.objections.join('; ')}`;
      return say('info', `calm ${leader}`, what + held);
    }
    if (status.checks < checks) return say('warn', `dead ${leader}`, `${leader} seems to be dead: ${status.why}`);
    if (verdict.objections.length === 0) return undefined; // it votes, and says so
    return say('warn', `holds ${leader}`, `${leader} is dead, but holds back: ${verdict.objections.join('; ')}`);
  };

  return {
    saw,
    sawStandbys: (standbys) => {
      status = { ...status, standbys };
    },
    voted: (ballot, agreeing, needed) => {
      if (!hasVoted) status = { ...status, votes: status.votes + 1 };
      hasVoted = true;
      const of = `${agreeing.length} of the ${needed} votes needed`;
      say(
        'warn',
        `votes ${agreeing.length}`,
        `votes that ${ballot.leader} is dead: ${of} (${agreeing.join(', ')}); ${status.why}`,
        {
          ...{ leader: ballot.leader, revision: ballot.revision, checks: ballot.checks },
        },
      );
    },
    retracted: () => {
      hasVoted = false;
      say('info', 'retracted', `takes its vote back: ${status.why}`);
    },
    removed: (removal, agreeing, succeeded) => {
      const { leader, revision } = removal;
      const fields = { leader, revision, agreeing };
      if (!succeeded) {
        say(
          'warn',
          'not removed',
          `did not remove the leader key of ${leader}: something it was decided on has changed`,
          fields,
        );
        return;
      }
      const at = new Date(clock.wall()).toISOString();
      status = { ...status, removals: status.removals + 1, lastRemoval: { leader, at, agreeing } };
      say(
        'warn',
        'removed',
        `removed the leader key of ${leader}: ${agreeing.join(', ')} agree that it is dead; ${status.why}`,
        fields,
      );
    },
    failed: (why) => say('warn', 'failed', `could not act: ${why}`),
    suspectedSince: () => new Date(suspectedAt ?? clock.wall()).toISOString(),
    status: () => ({
      ...status,
      objections: [...status.objections, ...(status.sees === 'calm' ? unfitOf(dcs, status.standbys) : [])],
      lastSawSecondsAgo: sawAt === undefined ? null : Math.round((clock.monotonic() - sawAt) / 100) / 10,
    }),
  };
};

/** Of the standbys that are synchronous now, as they were when last asked, unless one is fit. */
const unfitOf = (dcs: Dcs | undefined, asked: readonly Standby[]): string[] => {
  const known = asked.filter(({ name }) => dcs?.sync?.standbys.includes(name) === true);
  if (known.some(({ unfit }) => unfit === null)) return [];
  return known.map(({ name, unfit }) => `synchronous standby ${name}: ${unfit}`);
};

const whyOf = ({ postgres, patroni }: Look, verdict: Verdict): string =>
  verdict.kind === 'dead' ? `${postgres.why}; ${patroni.why}` : verdict.why;
