import type { Labels, Sample } from '../../prometheus/answer';
import { type Asking, grownBy, keyOf, select, valuesByPlace, whereOf } from '../asking';
import type { StatementOfReport, StatementsSection } from '../model';

const BY = 'cluster, database, queryid, query_type';
/** Of these the ones that are shown are chosen. */
const LOOKED_AT = 100;
const SHOWN = 10;
/** A mean of fewer calls is not compared. */
const ENOUGH_CALLS = 100;
const SLOWER = 1.3;
const SHORTEST_SECONDS = 0.1;

/** Where the executor's time went, and which statements became slower since the period before. */
export const statementsOf = async (
  asking: Asking,
  textOf: (database: string, queryid: string) => string | undefined,
): Promise<StatementsSection | null> => {
  const { prometheus, period } = asking;
  const named = select(asking, 'db_query_statement_seconds_total', 'queryid!="other"');
  const top = await prometheus.at(`topk(${LOOKED_AT}, ${grownBy(BY, named, period.seconds)})`, period.to);
  if (top.length === 0) return null;

  const ids = [...new Set(top.flatMap(({ labels: { queryid } }) => queryid ?? []))].filter((id) => /^-?\d+$/.test(id));
  const ofTop = (metric: string): string =>
    grownBy(BY, select(asking, metric, `queryid=~"${ids.join('|')}"`), period.seconds);
  const calls = byStatement(await prometheus.at(ofTop('db_query_statement_calls_total'), period.to));
  const callsBefore = byStatement(await prometheus.at(ofTop('db_query_statement_calls_total'), period.from));
  const secondsBefore = byStatement(await prometheus.at(ofTop('db_query_statement_seconds_total'), period.from));

  const all = grownBy('cluster, database', select(asking, 'db_query_statement_seconds_total'), period.seconds);
  const totals = valuesByPlace(await prometheus.at(all, period.to));
  const totalsBefore = await prometheus.at(all, period.from);

  const statements = top.flatMap(({ labels, value: seconds }): StatementOfReport[] => {
    const key = statementKey(labels);
    const count = calls.get(key);
    if (count === undefined || count < 1) return [];
    const [countBefore = 0, before = 0] = [callsBefore.get(key), secondsBefore.get(key)];
    const meanSeconds = seconds / count;
    const previousMeanSeconds = countBefore >= 1 ? before / countBefore : null;
    const enough = count >= ENOUGH_CALLS && countBefore >= ENOUGH_CALLS;
    return [
      {
        ...whereOf(labels),
        ...{ queryid: labels.queryid ?? '', queryType: labels.query_type ?? '' },
        text: textOf(labels.database ?? '', labels.queryid ?? '') ?? null,
        ...{ calls: count, seconds, meanSeconds, previousMeanSeconds },
        timeShare: seconds / (totals.get(keyOf(labels)) ?? NaN),
        ratio:
          enough && previousMeanSeconds !== null && previousMeanSeconds > 0 ? meanSeconds / previousMeanSeconds : null,
      },
    ];
  });
  const slower = statements
    .filter(({ ratio, seconds }) => ratio !== null && ratio >= SLOWER && seconds >= SHORTEST_SECONDS)
    .map((one) => ({
      ...one,
      lostSeconds: one.calls * (one.meanSeconds - (one.previousMeanSeconds ?? one.meanSeconds)),
    }))
    .sort((a, b) => b.lostSeconds - a.lostSeconds);
  return {
    totalSeconds: sumOf([...totals.values()]),
    previousTotalSeconds: totalsBefore.length === 0 ? null : sumOf(totalsBefore.map(({ value }) => value)),
    top: statements.toSorted((a, b) => b.seconds - a.seconds).slice(0, SHOWN),
    slower: slower.slice(0, SHOWN),
  };
};

const statementKey = (labels: Labels): string =>
  `${keyOf(labels)}\n${labels.queryid ?? ''}\n${labels.query_type ?? ''}`;
const byStatement = (samples: readonly Sample[]): ReadonlyMap<string, number> =>
  new Map(samples.map(({ labels, value }) => [statementKey(labels), value]));
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
