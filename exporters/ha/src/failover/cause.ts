import type { Reach } from '../http/reach';
import type { Cause } from './record';
import type { Sight } from './sight';

/** What was seen of a lost primary while it was lost. */
export type Evidence = {
  readonly postgres: readonly Reach[];
  readonly patroni: readonly Reach[];
  readonly stopping: boolean;
  readonly storeLost: boolean;
  readonly scheduled: boolean;
  /** Whether anything of anybody answered; if not, it may have been us who were cut off. */
  readonly anyone: boolean;
};

export const noEvidence: Evidence = {
  ...{ postgres: [], patroni: [], stopping: false, storeLost: false, scheduled: false, anyone: false },
};

/** Adds what one beat saw of the primary that is lost. What comes later may be its return. */
export const withSight = (
  evidence: Evidence,
  sight: Sight | undefined,
  sights: readonly Sight[],
  scheduled: boolean,
): Evidence => {
  const add = (list: readonly Reach[], reach: Reach | null | undefined): readonly Reach[] =>
    reach === null || reach === undefined || list.includes(reach) ? list : [...list, reach];
  const isAnswer = (reach: Reach | null): boolean => reach === 'answers' || reach === 'starting';
  return {
    postgres: add(evidence.postgres, sight?.postgres),
    patroni: add(evidence.patroni, sight?.patroni),
    stopping: evidence.stopping || sight?.stopping === true,
    storeLost: evidence.storeLost || sight?.storeLost === true,
    scheduled: evidence.scheduled || scheduled,
    anyone: evidence.anyone || sights.some(({ postgres, patroni }) => isAnswer(postgres) || isAnswer(patroni)),
  };
};

export type Verdict = {
  readonly cause: Cause;
  readonly sure: 'high' | 'medium' | 'low';
  readonly planned: boolean | null;
  readonly evidence: readonly string[];
};

const words: Readonly<Record<Reach, string>> = {
  answers: 'answered',
  starting: 'said that it starts or stops',
  refused: 'refused connections',
  silent: 'took connections and said nothing',
  unreachable: 'was not reached at all',
};

const said = (who: string, reaches: readonly Reach[]): string[] =>
  reaches.length === 0 ? [] : [`${who} ${reaches.map((reach) => words[reach]).join(', then ')}`];

export type Change = { readonly isSame: boolean; readonly stayedWritable: boolean };

/** From what still answered. The order is of what excludes most. */
export const verdictOf = (evidence: Evidence, { isSame, stayedWritable }: Change): Verdict => {
  const { postgres, patroni, stopping, storeLost, scheduled } = evidence;
  const tell = (cause: Cause, sure: Verdict['sure'], planned: boolean | null = false): Verdict => ({
    ...{ cause, sure, planned },
    evidence: [
      ...said('PostgreSQL', postgres),
      ...said('Patroni', patroni),
      ...(stopping ? ['it was stopped in order'] : []),
      ...(storeLost ? ['its Patroni had lost the configuration store'] : []),
      ...(scheduled ? ['a switchover was scheduled'] : []),
      ...(stayedWritable ? ['it could still be written to when another was promoted'] : []),
    ],
  });
  const saw = (list: readonly Reach[], ...reaches: Reach[]): boolean => reaches.some((reach) => list.includes(reach));
  if (stayedWritable) return saw(patroni, 'answers') ? tell('unknown', 'low') : tell('patroni-loss', 'high');
  if (storeLost) return tell('dcs', 'high');
  if (scheduled && !isSame) return tell('switchover', 'high', true);
  if (stopping) return isSame ? tell('restart', 'medium', true) : tell('switchover', 'high', true);
  if (saw(postgres, 'unreachable')) return tell('network', saw(patroni, 'answers', 'refused') ? 'low' : 'high');
  if (saw(postgres, 'silent')) return tell('hang', saw(patroni, 'refused') ? 'medium' : 'high');
  if (saw(postgres, 'refused', 'starting')) {
    if (saw(patroni, 'refused')) return tell('node-loss', 'high');
    if (saw(patroni, 'answers')) return tell('postmaster-crash', 'high');
    // Without Patroni to ask, what is left is that PostgreSQL is gone and its host is not.
    return tell('postmaster-crash', patroni.length === 0 ? 'medium' : 'low', patroni.length === 0 ? null : false);
  }
  if (saw(patroni, 'unreachable')) return tell('network', 'medium');
  if (saw(patroni, 'silent')) return tell('hang', 'medium');
  return tell('unknown', 'low', null);
};
