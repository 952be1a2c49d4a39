import { createHash } from 'node:crypto';

/** Where in the interval a target is scraped: always the same for a name, and as good as evenly spread, as Prometheus does it. */
export const offsetOf = (target: string, intervalMs: number): number =>
  Number(createHash('sha256').update(target).digest().readBigUInt64BE() % BigInt(intervalMs));

/** One scrape, with its times in milliseconds of a monotonic clock. */
export type Scrape = {
  readonly target: string;
  readonly startedAt: number;
  readonly milliseconds: number;
  /** Why it failed; null if it didn't. */
  readonly problem: string | null;
  readonly series: number;
  /** Collectors that reported a failure of their own. */
  readonly failedCollectors: readonly string[];
};

export type Scrapes = {
  readonly scrapes: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  readonly series: number;
  readonly problems: readonly string[];
};

export const quantileOf = (numbers: readonly number[], q: number): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? NaN;
};

/** Those that began from `from` to `to`; what never came is in there as failed. */
export const summarise = (all: readonly Scrape[], from: number, to: number): Scrapes => {
  const inside = all.filter(({ startedAt }) => startedAt >= from && startedAt < to);
  const times = inside.map(({ milliseconds }) => milliseconds);
  const problems = inside.flatMap(({ problem, failedCollectors }) => [
    ...(problem === null ? [] : [problem]),
    // Of a target that is down all of them fail.
    ...(problem === null ? failedCollectors.map((name) => `collector ${name} failed`) : []),
  ]);
  return {
    scrapes: inside.length,
    failed: inside.filter(({ problem }) => problem !== null).length,
    p50Ms: quantileOf(times, 0.5),
    p99Ms: quantileOf(times, 0.99),
    slowestMs: Math.max(0, ...times),
    series: inside.reduce((sum, { series }) => sum + series, 0) / Math.max(1, inside.length),
    problems: [...new Set(problems)].toSorted(),
  };
};

/** What an answer of `/probe` says about how the collection went. */
export const readAnswer = (status: number, text: string): Pick<Scrape, 'problem' | 'series' | 'failedCollectors'> => {
  const failedCollectors = [...text.matchAll(/^db_exporter_collector_success\{collector="([^"]+)"\} 0$/gm)].map(
    ([, name]) => name ?? '',
  );
  const problem =
    status !== 200
      ? `HTTP ${String(status)}`
      : /^db_exporter_up 1$/m.test(text)
        ? null
        : 'the target was said to be down';
  return { problem, series: (text.match(/^[^#\n]/gm) ?? []).length, failedCollectors };
};
