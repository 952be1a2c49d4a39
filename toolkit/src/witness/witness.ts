import { type Clock, type Logger, messageOf, type WitnessSettings } from '@submilli/core';
import { consider, count, forget, initial, majorityOf, type Next, type Rules, type State } from './ballot';
import { type Ballot, type Dcs, votesOf } from './dcs';
import { createEtcd } from './etcd/client';
import { askStandbys, type Eyes, lookAround } from './eyes';
import { keysOf } from './keys';
import type { Look, Verdict } from './look';
import { createAgents } from './request';
import { createDiary, type WitnessStatus } from './diary';
import { momentOf, type Moment, passedSince } from './standstill';
import { type Removal, removalTxn, retractTxn, voteTxn } from './writes';

export type Witness = {
  /** One look, and what follows from it. Never throws: what fails is told, and counts as having seen nothing. */
  readonly look: () => Promise<void>;
  /** Looks at its steady beat until the signal fires; then takes a vote that it has given back. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly status: () => WitnessStatus;
  readonly close: () => void;
};

/** How often the synchronous standbys are asked while the leader is well: only for the status. */
const STANDBY_LOOKS = 20;

export const createWitness = (settings: WitnessSettings, clock: Clock, log: Logger): Witness => {
  const { name, witnesses, checks, interval_ms: intervalMs, timeout_ms: timeoutMs } = settings;
  const keys = keysOf(settings);
  const rules: Rules = { name, witnesses, checks };
  const etcd = createEtcd(settings.etcd);
  const patroni = createAgents(settings.patroni, 'witness.patroni');
  const eyes: Eyes = { keys, etcd, patroni, timeoutMs, clock };
  const diary = createDiary(settings, clock, log);
  /** From one look to the next, and from a look to what is done about it, no more than this may pass. */
  const patienceMs = 2 * (intervalMs + timeoutMs) + settings.etcd.timeout_ms;
  const voteSeconds = Math.max(2, Math.ceil((2 * (intervalMs + timeoutMs)) / 1000) + 1);
  let state: State = initial;
  let before: Moment | undefined;
  let looks = 0;

  const look = async (): Promise<void> => {
    const began = momentOf(clock);
    const seen = await lookAround(eyes);
    const stoodStill =
      passedSince(began, clock) > patienceMs || (before !== undefined && passedSince(before, clock) > 2 * patienceMs);
    before = began;
    const usable: Look = stoodStill ? { ...seen, blind: 'this witness itself stood still' } : seen;
    const step = consider(state, usable, rules);
    state = step.state;
    diary.saw(usable, step.verdict, state.suspect);
    try {
      await act(step.next, seen.dcs, began);
    } catch (error) {
      // Whether etcd did it is not known: an own vote is taken back, and everything looked at anew.
      state = forget({ ...state, hasVoted: true });
      diary.failed(messageOf(error));
    }
    await askStandbysNowAndThen(step.verdict, seen.dcs);
  };

  const act = async (next: Next, dcs: Dcs | null, began: Moment): Promise<void> => {
    if (next.do === 'retract') {
      await etcd.write(retractTxn(keys, name));
      diary.retracted();
    }
    if (next.do === 'vote' && dcs !== null) await vote(next.ballot, dcs, began);
  };

  const vote = async (ballot: Ballot, dcs: Dcs, began: Moment): Promise<void> => {
    const lease = await etcd.grantLease(voteSeconds);
    mustBeRecent(began);
    const by = { witness: name, witnesses, since: diary.suspectedSince(), lease };
    const { succeeded, found } = await etcd.write(voteTxn(keys, ballot, by));
    if (!succeeded) {
      state = forget(state);
      return;
    }
    const counted = count(state, votesOf(keys, found), ballot, dcs, rules);
    state = counted.state;
    diary.voted(ballot, counted.agreeing, majorityOf(rules));
    if (counted.removal !== null) await remove(counted.removal, counted.agreeing, began);
  };

  const remove = async (removal: Removal, agreeing: readonly string[], began: Moment): Promise<void> => {
    const lease = await etcd.grantLease(settings.cooldown_seconds);
    mustBeRecent(began);
    const { succeeded } = await etcd.write(removalTxn(keys, removal, { witness: name, lease }));
    diary.removed(removal, agreeing, succeeded);
  };

  const mustBeRecent = (began: Moment): void => {
    if (passedSince(began, clock) > patienceMs) throw new Error('this witness stood still between seeing and acting');
  };

  const askStandbysNowAndThen = async (verdict: Verdict, dcs: Dcs | null): Promise<void> => {
    looks += 1;
    if (verdict.kind !== 'calm' || dcs === null || looks % STANDBY_LOOKS !== 1) return;
    diary.sawStandbys(await askStandbys(dcs, patroni, timeoutMs));
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const began = clock.monotonic();
      await look();
      await sleepUntil(began + intervalMs, clock, signal);
    }
    if (state.hasVoted) await etcd.write(retractTxn(keys, name)).catch(() => undefined); // its lease ends it anyway
  };

  const close = (): void => {
    etcd.close();
    patroni.close();
  };
  return { look, run, status: diary.status, close };
};

const sleepUntil = (end: number, clock: Clock, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, end - clock.monotonic()));
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
