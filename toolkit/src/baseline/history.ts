import { messageOf } from '@submilli/core';
import { bounds, type Prometheus, QuestionRefused } from '../prometheus/client';
import { baselineMetrics } from './metrics';
import { type History, type Hour, HOUR, keyOf } from './model';

export type Asked = {
  readonly series: readonly History[];
  /** Metrics that Prometheus would not compute. */
  readonly refused: ReadonlySet<string>;
  /** Why not, and what else is to be known of the answers. */
  readonly problems: readonly string[];
};

export type Question = {
  readonly prometheus: Prometheus;
  /** One cluster only; undefined: all. */
  readonly cluster: string | undefined;
  /** The end of the last hour, and how many. */
  readonly to: number;
  readonly hours: number;
  readonly say: (what: string) => void;
};

/** A file of more would be of tens of megabytes. */
const MOST_SERIES = 2000;
const HOURS_AT_ONCE = Math.floor(bounds.points * 0.7);

/** Every metric's hours, the oldest first. */
export const askHours = async ({ prometheus, cluster, to, hours, say }: Question): Promise<Asked> => {
  const found = new Map<string, { -readonly [K in keyof History]: History[K] }>();
  const refused = new Set<string>();
  const problems: string[] = [];
  let left = 0;
  for (const { id, title, expr } of baselineMetrics({ cluster })) {
    say(title);
    try {
      for (const [first, last] of chunks(to - hours * HOUR, to)) {
        for (const { labels, points } of await prometheus.over(expr, { from: first, to: last, step: HOUR })) {
          const { cluster: own = '', database = '', query_type: queryType = '' } = labels;
          const place = { metric: id, cluster: own, database, queryType };
          const known = found.get(keyOf(place));
          const more = points.map(([end, value]): Hour => [Math.round(end), value]);
          if (known !== undefined) known.hours = [...known.hours, ...more];
          else if (found.size < MOST_SERIES) found.set(keyOf(place), { ...place, hours: more });
          else left += 1;
        }
      }
    } catch (error) {
      if (!(error instanceof QuestionRefused)) throw error;
      refused.add(id);
      problems.push(`${title}: ${messageOf(error)}`);
    }
  }
  if (left > 0) problems.push(`more than ${MOST_SERIES} rows: ${left} are left out; choose one with --cluster`);
  return {
    series: [...found.values()],
    refused,
    problems: [...problems, ...prometheus.warnings().map((warning) => `Prometheus warns: ${warning}`)],
  };
};

/** The ends of hours after `from`, no more of them in an answer than it may have. */
const chunks = (from: number, to: number): readonly (readonly [first: number, last: number])[] => {
  const all: (readonly [number, number])[] = [];
  for (let first = from + HOUR; first <= to; first += HOURS_AT_ONCE * HOUR) {
    all.push([first, Math.min(to, first + (HOURS_AT_ONCE - 1) * HOUR)]);
  }
  return all;
};

/** What Prometheus has forgotten stays; of what both know, Prometheus is right. Nothing is older than `from`. */
export const merged = (kept: readonly History[], asked: readonly History[], from: number): readonly History[] => {
  const all = new Map<string, { readonly place: History; readonly hours: Map<number, number> }>();
  for (const one of [...kept, ...asked]) {
    const hours = all.get(keyOf(one))?.hours ?? new Map<number, number>();
    for (const [end, value] of one.hours) if (end > from) hours.set(end, value);
    all.set(keyOf(one), { place: one, hours });
  }
  return [...all.values()].flatMap(({ place, hours }): History[] =>
    hours.size === 0 ? [] : [{ ...place, hours: [...hours].sort(([a], [b]) => a - b) }],
  );
};
