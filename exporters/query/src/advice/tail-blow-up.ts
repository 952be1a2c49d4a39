import { defineRule, type Env, type Finding, type PostgresFacts } from '@submilli/core';
import { latency, type TypeLatency } from '../derived/latency';
import { slow } from '../derived/slow';
import type { ExplainedSlow } from '../slow/explained';

/** P99.9 of so many times P50 is no longer one distribution: something happens to some statements. */
const RATIO = 50;

/** A tail far from the body, from the log, with what slow statements of that kind were seen waiting for. */
export const tailBlowUp = defineRule({
  name: 'tail-blow-up',
  title: 'A few statements take far longer than all others of their kind',
  signal: 'P99.9 and P50 of the log, by database and type of statement; waits of slow statements',
  threshold: `P99.9 is ${RATIO} times P50 and at least thresholds.query_time_warning_ms`,
  inputs: { latency, slow },
  check: ({ latency: found, slow: statements }, { config }: Env<PostgresFacts>) => {
    const logged = found.types.filter(({ logged: own }) => own !== undefined && own.quantiles.length > 0);
    if (logged.length === 0) return { notEvaluated: 'no latency from the log: see /api/v1/status' };
    const least = config.thresholds.query_time_warning_ms / 1000;
    return logged.flatMap((one) => {
      const [p50, p999] = [quantileOf(one, 0.5), quantileOf(one, 0.999)];
      if (p50 === undefined || p999 === undefined || p999 < RATIO * p50 || p999 < least) return [];
      const own = statements.filter(({ database, type }) => database === one.database && type === one.type);
      return [findingOf(one, p50, p999, own)];
    });
  },
});

const quantileOf = ({ logged }: TypeLatency, quantile: number): number | undefined =>
  logged?.quantiles.find((one) => one.quantile === quantile)?.seconds;

const ms = (seconds: number): number => Number((seconds * 1000).toPrecision(3));

const findingOf = (
  { database, type }: TypeLatency,
  p50: number,
  p999: number,
  own: readonly ExplainedSlow[],
): Finding => {
  const waits = topOf(
    own.flatMap(({ waits: seen }) => seen.map(({ waitEventType: t, waitEvent: e }) => `${t} ${e}`.trim())),
  );
  const statements = topOf(own.flatMap(({ queryid }) => queryid ?? []));
  const blocked = own.filter(({ blockedBy }) => blockedBy.length > 0).length;
  return {
    subject: `${database} ${type}`,
    severity: 'warning',
    title: `One ${type} in a thousand in ${database} takes ${ms(p999)} ms or more; half take ${ms(p50)} ms or less`,
    why: 'A mean, and even P99, hides it: who sends a thousand statements a second meets one of these every second.',
    evidence: [
      { label: 'P50', value: ms(p50), unit: 'ms' },
      { label: 'P99.9', value: ms(p999), unit: 'ms' },
      { label: 'slow ones seen waiting for', value: waits.join(', ') || 'nothing, or not seen', unit: '' },
      { label: 'slow ones that another session held up', value: blocked, unit: `of ${own.length}` },
      { label: 'statements among them', value: statements.join(', ') || 'none in /api/v1/slow', unit: '' },
    ],
    action: {
      kind: 'command',
      text:
        blocked > 0
          ? 'look at /api/v1/slow for who blocked whom, and at the database exporter’s /api/v1/blocking while it happens'
          : 'look at /api/v1/slow: the statement, what it waited for, and where the log has all of it; then at its plan in /api/v1/plans',
      reversible: true,
      lock: null,
      needsRestart: false,
    },
    impact: {
      what: `P99.9 of ${type} in ${database}`,
      before: `${ms(p999)} ms`,
      after: null,
      confidence: 'high',
      measured: 'the server’s log, all of the tail and a share of the body',
    },
  };
};

/** The three most frequent. */
const topOf = (names: readonly string[]): string[] => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name]) => name);
};
