import { parse, stringify } from 'yaml';

/**
 * The rules as they stand, with their clock set forward: a minute is a second. Waits are divided, ranges and intervals
 * too, as far as scrapes allow, and where a threshold is itself a time (or what a small machine can't do), the one from
 * the table is put in its place. Nothing else is touched: what is asked of which series, labels and texts.
 */
export const FACTOR = 60;

/** Prometheus evaluates at every second and scrapes at every other. */
export const EVALUATE_SECONDS = 1;
export const SCRAPE_SECONDS = 2;
/** A rate needs several scrapes. */
const SHORTEST_RANGE_SECONDS = 5 * SCRAPE_SECONDS;
/** What all notice, Patroni in its rounds and each exporter when it is scraped, they notice within so many seconds. */
const SHORTEST_WAIT_SECONDS = 10;
/** What has happened once is seen for as long, which must be longer than Alertmanager waits. */
const SHORTEST_INCREASE_SECONDS = 3 * SHORTEST_WAIT_SECONDS;

/** A threshold that can't be reached in a bounded test, and the one that takes its place. */
export type Lowered = {
  /** Of an alert, or of a recorded series. */
  readonly rule: string;
  /** What stands in the expression, as a whole number or word. */
  readonly from: string;
  readonly to: string;
  readonly because: string;
};

type Rule = { alert?: string; record?: string; expr: string; for?: string; keep_firing_for?: string };
type RulesFile = { groups: { name: string; interval?: string; rules: Rule[] }[] };

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

const secondsOf = (duration: string): number =>
  [...duration.matchAll(/(\d+)(ms|[smhd])/g)].reduce(
    (sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? NaN),
    0,
  );

/** A duration, divided; nothing stays nothing. */
const sooner = (duration: string, atLeastSeconds = 0): string => {
  const seconds = secondsOf(duration) / FACTOR;
  return seconds === 0 ? duration : `${Math.round(1000 * Math.max(seconds, atLeastSeconds))}ms`;
};

const RANGE = /(increase\([^()[\]]*)?\[(\d+(?:ms|[smhd]))\]/g;

const shorterRanges = (expr: string): string =>
  expr.replaceAll(RANGE, (_, increase: string | undefined, range: string) => {
    const shortest = increase === undefined ? SHORTEST_RANGE_SECONDS : SHORTEST_INCREASE_SECONDS;
    return `${increase ?? ''}[${sooner(range, shortest)}]`;
  });

const withThresholds = (name: string, expr: string, lowered: readonly Lowered[], used: Set<Lowered>): string =>
  lowered
    .filter(({ rule }) => rule === name)
    .reduce((text, one) => {
      const changed = text.split(whole(one.from)).join(one.to);
      if (changed !== text) used.add(one);
      return changed;
    }, expr);

const whole = (from: string): RegExp => new RegExp(`${from.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.])`);

/** @param texts rule files by name, as Prometheus loads them */
export const hurriedRules = (
  texts: ReadonlyMap<string, string>,
  lowered: readonly Lowered[],
): ReadonlyMap<string, string> => {
  const used = new Set<Lowered>();
  const hurry = (rule: Rule): Rule => ({
    ...rule,
    expr: withThresholds(rule.alert ?? rule.record ?? '', shorterRanges(rule.expr), lowered, used),
    ...(rule.for === undefined ? {} : { for: sooner(rule.for) }),
    ...(rule.keep_firing_for === undefined ? {} : { keep_firing_for: sooner(rule.keep_firing_for) }),
  });
  const files = [...texts].map(([name, text]) => {
    const { groups } = parse(text) as RulesFile;
    const hurried = groups.map((group) => ({
      ...group,
      ...(group.interval === undefined ? {} : { interval: sooner(group.interval, EVALUATE_SECONDS) }),
      rules: group.rules.map(hurry),
    }));
    return [name, stringify({ groups: hurried }, { lineWidth: 0 })] as const;
  });
  const idle = lowered.filter((one) => !used.has(one)).map(({ rule, from }) => `${rule} has no "${from}"`);
  if (idle.length > 0) throw new Error(idle.join('; '));
  return new Map(files);
};

type Route = { group_wait?: string; group_interval?: string; repeat_interval?: string; routes?: Route[] };

/** Alertmanager's route, with the same clock. */
export const hurriedRoute = (route: Route): Route => ({
  ...route,
  ...(route.group_wait === undefined ? {} : { group_wait: sooner(route.group_wait, SHORTEST_WAIT_SECONDS) }),
  ...(route.group_interval === undefined ? {} : { group_interval: sooner(route.group_interval) }),
  ...(route.repeat_interval === undefined ? {} : { repeat_interval: sooner(route.repeat_interval) }),
  ...(route.routes === undefined ? {} : { routes: route.routes.map(hurriedRoute) }),
});

/** Prometheus' own configuration, looking more often. */
export const hurriedPrometheus = (text: string): string => {
  const config = parse(text) as { global: object };
  const global = {
    ...config.global,
    scrape_interval: `${SCRAPE_SECONDS}s`,
    scrape_timeout: `${SCRAPE_SECONDS}s`,
    evaluation_interval: `${EVALUATE_SECONDS}s`,
  };
  return stringify({ ...config, global }, { lineWidth: 0 });
};

/** The exporters' windows and rounds as short as their configuration takes them, or as a small machine can do them. */
export const hurriedExporters = (text: string): string =>
  stringify({
    ...(parse(text) as object),
    window_seconds: 10,
    latency_window_seconds: 10,
    sample_interval_seconds: 1,
    survey_interval_seconds: 4,
  });
