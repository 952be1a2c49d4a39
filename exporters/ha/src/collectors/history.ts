import { counter, defineCollector, type Deadline, type Env, gauge, noLaterThan, Problem } from '@submilli/core';
import { momentOf } from '../patroni/members';
import { type History, historyAnswer } from '../patroni/schema';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

/** Patroni has just failed to answer at every address; asking on would only spend the scrape's time. */
export const mustAnswer = ({ cluster, members }: HaFacts): void => {
  if (cluster instanceof Problem && members.every(({ answer }) => answer instanceof Problem)) throw cluster;
};

/** What of a scrape's time one more question to Patroni may take. */
export const shareOf = (session: ClusterSession, deadline: Deadline): Deadline =>
  noLaterThan(deadline, deadline.remainingMs() / 3, session.clock);

export const history = defineCollector({
  name: 'history',
  source: 'Patroni GET /history',
  needs: { configured: 'patroni' },
  metrics: {
    failovers: counter(
      'db_ha_failovers_total',
      'Promotions in the life of the cluster, planned or not: each began a new timeline.',
    ),
    last: gauge('db_ha_last_failover_timestamp_seconds', 'When the last promotion was; absent before the first.'),
  },
  read: async (session: ClusterSession, { facts }: Env<HaFacts>, deadline: Deadline) => {
    mustAnswer(facts);
    return session.askAny('/history', historyAnswer, shareOf(session, deadline));
  },
  publish: (entries: History, m) => [
    // Patroni drops old entries (max_timelines_history); timelines are counted from 1, so the last one tells how many.
    m.failovers(
      {},
      entries.reduce((most, [timeline]) => Math.max(most, timeline), 0),
    ),
    m.last({}, momentOf(entries.at(-1)?.[3])),
  ],
});
