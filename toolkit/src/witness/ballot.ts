import type { Ballot, Dcs, Vote } from './dcs';
import { judge, type Look, type Verdict } from './look';
import type { Removal } from './writes';

/**
 * How a witness decides: pure, without a clock. One look at a time comes in; what to do about it comes out. The tests
 * explore this code together with a model of etcd and Patroni, in every order of events.
 */

export type Rules = {
  readonly name: string;
  /** All of them, this one included. */
  readonly witnesses: readonly string[];
  /** How often in a row the leader must be seen dead. */
  readonly checks: number;
};

export type State = {
  /** The leader that is dead, and how often in a row it was seen so: counted up to `checks`. */
  readonly suspect: Ballot | null;
  /** What was last seen of the votes; null when that was too long ago to say how old they are. */
  readonly votes: Sightings | null;
  readonly hasVoted: boolean;
};

/** A vote and how many looks ago it was first seen. */
type Sighting = { readonly own: string; readonly age: number };
type Sightings = Readonly<Record<string, Sighting>>;

export const initial: State = { suspect: null, votes: null, hasVoted: false };

export type Step = { readonly state: State; readonly verdict: Verdict; readonly next: Next };
export type Next =
  | { readonly do: 'wait' }
  /** Give the vote, and count all votes with `count`. */
  | { readonly do: 'vote'; readonly ballot: Ballot }
  | { readonly do: 'retract' };

/** A voter votes again at every look: a vote that has stood still for longer than this many looks of ours is stale. */
const FRESH_LOOKS = 1;
/** A vote that was already there when we began to look: it may be any age, until it moves. */
const OLD = FRESH_LOOKS + 1;

export const consider = (state: State, look: Look, rules: Rules): Step => {
  const verdict = judge(look);
  const votes = verdict.kind === 'blind' || look.dcs === null ? null : sight(state.votes, look.dcs.votes, 1);
  const suspect = verdict.kind === 'dead' ? again(state.suspect, verdict, rules.checks) : null;
  const votesNow = verdict.kind === 'dead' && verdict.objections.length === 0 && suspect?.checks === rules.checks;
  if (votesNow) {
    return { state: { suspect, votes, hasVoted: true }, verdict, next: { do: 'vote', ballot: suspect } };
  }
  const next: Next = state.hasVoted ? { do: 'retract' } : { do: 'wait' };
  return { state: { suspect, votes, hasVoted: false }, verdict, next };
};

/** What the votes that were read while voting amount to: a removal, if a majority is of the same mind. */
export const count = (
  state: State,
  votes: readonly Vote[],
  ballot: Ballot,
  dcs: Dcs,
  rules: Rules,
): { readonly state: State; readonly removal: Removal | null; readonly agreeing: readonly string[] } => {
  const sighted = sight(state.votes, votes, 0);
  const valid = votes.filter(
    (vote) =>
      rules.witnesses.includes(vote.witness) &&
      vote.leader === ballot.leader &&
      vote.revision === ballot.revision &&
      sameNames(vote.witnesses, rules.witnesses) &&
      (vote.witness === rules.name || (sighted[vote.witness]?.age ?? OLD) <= FRESH_LOOKS),
  );
  const agreeing = valid.map(({ witness }) => witness);
  const { config, sync } = dcs;
  const agreed = valid.length >= majorityOf(rules) && agreeing.includes(rules.name) && config !== null && sync !== null;
  return {
    state: { ...state, votes: sighted },
    agreeing,
    removal: !agreed
      ? null
      : {
          leader: ballot.leader,
          revision: ballot.revision,
          config: config.revision,
          sync: sync.revision,
          failover: dcs.failover?.revision ?? null,
          votes: valid.map(({ witness, own }) => ({ witness, own })),
        },
  };
};

/** After anything that leaves it open what etcd did, or how long it took: begin anew, but take an own vote back. */
export const forget = ({ hasVoted }: State): State => ({ ...initial, hasVoted });

export const majorityOf = ({ witnesses }: Rules): number => Math.floor(witnesses.length / 2) + 1;

const again = (before: Ballot | null, now: Omit<Ballot, 'checks'>, checks: number): Ballot => {
  const isSame = before?.leader === now.leader && before.revision === now.revision;
  return { leader: now.leader, revision: now.revision, checks: isSame ? Math.min(before.checks + 1, checks) : 1 };
};

const sight = (before: Sightings | null, votes: readonly Vote[], looks: number): Sightings =>
  Object.fromEntries(
    votes.map(({ witness, own }) => {
      const known = before?.[witness];
      if (before === null) return [witness, { own, age: OLD }];
      return [witness, { own, age: known?.own === own ? Math.min(known.age + looks, OLD) : 0 }];
    }),
  );

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name));
