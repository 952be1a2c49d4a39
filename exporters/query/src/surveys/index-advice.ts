import {
  defineSurvey,
  type Env,
  gauge,
  type PostgresFacts,
  type Publishes,
  type Readings,
  Skipped,
  type SqlSession,
} from '@submilli/core';
import { type AdviceReading, askAdvice } from '../index-advice/ask';
import { foldAdvice, type IndexAdviceState, persistAdvice } from '../index-advice/state';
import { statements } from '../samplers/statements';

/** The survey itself, to find what it advised before. */
const own: Publishes<IndexAdviceState> = { name: 'index-advice', publish: (state: IndexAdviceState) => state };

/** There is nothing to do, and once a day is enough to say so. */
const IDLE_SECONDS = 86_400;

/** Indexes that the statements of each database want, and what came of those that were built. Opt-in. */
export const indexAdvice = defineSurvey({
  name: 'index-advice',
  source: 'EXPLAIN of normalised texts, HypoPG, pg_index, pg_stats',
  metrics: {
    advised: gauge('db_query_index_advice', 'Indexes that the statements of a database want (/api/v1/index-advice).', [
      'database',
    ]),
    built: gauge(
      'db_query_index_advice_built',
      'Advised indexes that are there now, by what came of them: verdict is pending, confirmed, no effect or regressed.',
      ['database', 'verdict'],
    ),
    explains: gauge('db_query_index_advice_explains', 'Plans that the last look for indexes asked for.', ['database']),
  },
  interval: ({ index_advice: { enabled, interval_seconds } }) => (enabled ? interval_seconds : IDLE_SECONDS),
  start: (): IndexAdviceState => new Map(),
  persist: { save: persistAdvice.save, load: (saved) => persistAdvice.load(saved) },
  read: async (session: SqlSession, env: Env<PostgresFacts>, deadline, snapshots, siblings) => {
    if (!env.config.index_advice.enabled) throw new Skipped(disabled);
    const tracked = snapshots.of(own)?.get(env.facts.database)?.tracked ?? [];
    const standby = siblings.find(({ facts }) => isStandbyOf(facts, env.facts));
    return askAdvice(session, env, deadline, { state: snapshots.of(statements), tracked, standby });
  },
  fold: (state: IndexAdviceState, readings: Readings<AdviceReading>) => foldAdvice(state, readings),
  publish: (state, m) =>
    [...state].flatMap(([database, { advice, tracked }]) => [
      m.advised({ database }, advice?.indexes.length ?? null),
      m.explains({ database }, advice?.explains ?? null),
      ...['pending', 'confirmed', 'no effect', 'regressed'].map((verdict) => {
        const there = tracked.filter((one) => one.appeared !== null && (one.verdict ?? 'pending') === verdict);
        return m.built({ database, verdict }, there.length);
      }),
    ]),
});

const isStandbyOf = (one: PostgresFacts, { role, systemIdentifier }: PostgresFacts): boolean =>
  role === 'primary' && one.role === 'standby' && one.systemIdentifier === systemIdentifier;

const disabled = {
  reason: 'disabled' as const,
  detail: 'switched off in the configuration',
  remedy: 'set index_advice.enabled to true; the role then needs the right to read the tables (pg_read_all_data)',
};
