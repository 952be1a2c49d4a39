import type { Clock, Deadline } from '../clock';
import type { Link } from './link';
import type { Source } from './source';

/** What is known of a target, for everybody who works on one connection between scrapes. */
export type RecentFacts<S, F> = (session: S, deadline: Deadline) => Promise<F>;

export type RecentFactsOptions<S, F> = {
  readonly source: Pick<Source<S, F>, 'facts'>;
  readonly link: Pick<Link<S>, 'epoch'>;
  /** Read again when older than this. */
  readonly maxAgeMs: number;
  readonly clock: Clock;
};

/**
 * Read now and then, not at each beat of each sampler: many and fast ones would ask several times as much for nothing
 * new. Asked anew on a new connection, as the server may be another one; who asks meanwhile waits for the same answer.
 */
export const recentFacts = <S, F>({ source, link, maxAgeMs, clock }: RecentFactsOptions<S, F>): RecentFacts<S, F> => {
  let last: { readonly epoch: number; readonly at: number; readonly value: Promise<F> } | undefined;
  return (session, deadline) => {
    const now = clock.monotonic();
    if (last?.epoch === link.epoch() && now - last.at < maxAgeMs) return last.value;
    const mine = { epoch: link.epoch(), at: now, value: source.facts(session, deadline) };
    last = mine;
    mine.value.catch(() => {
      if (last === mine) last = undefined;
    });
    return mine.value;
  };
};
