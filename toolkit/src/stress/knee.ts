/** What one step of the load came to, as far as it decides over the next. */
export type Point = {
  readonly clients: number;
  /** Transactions done per second. */
  readonly throughput: number;
  /** Which promises it broke; none if it kept them all. */
  readonly broken: readonly string[];
};

/** Two steps that differ by less are alike: a step is short, and machines are noisy. */
const NOISE = 0.05;
/** So much less than the best that was seen is a collapse, whatever latency says. */
const COLLAPSE = 0.25;
/** So many times the clients of the knee are past it by far enough. */
const FAR = 4;

/**
 * Kleinrock's power: throughput over response time. Clients that send when they have their answer make a response time of
 * clients over throughput (Little), so that it is known without a quantile.
 */
const powerOf = ({ clients, throughput }: Point): number => throughput ** 2 / clients;

/**
 * The step with the most power: up to it more clients get more done, past it they mostly wait for each other. Undefined
 * while nothing past it has been seen, as the next step may have more.
 */
export const kneeOf = <P extends Point>(points: readonly P[]): P | undefined => {
  const [first, ...others] = points;
  if (first === undefined || first.throughput === 0) return undefined;
  const best = others.reduce((a, b) => (powerOf(b) > powerOf(a) ? b : a), first);
  const past = points.slice(points.indexOf(best) + 1);
  return past.some((point) => powerOf(point) < powerOf(best) * (1 - NOISE)) ? best : undefined;
};

export type Breaking<P> = { readonly point: P; readonly why: readonly string[] };

/** The first step at which a promise is broken, or less gets done than with fewer clients. */
export const breakingOf = <P extends Point>(points: readonly P[]): Breaking<P> | undefined => {
  let best = 0;
  for (const point of points) {
    const isCollapse = point.throughput < best * (1 - COLLAPSE);
    const collapse = `${Math.round(100 * (1 - point.throughput / best))} % fewer transactions were done than with fewer clients`;
    const why = [...point.broken, ...(isCollapse ? [collapse] : [])];
    if (why.length > 0) return { point, why };
    best = Math.max(best, point.throughput);
  }
  return undefined;
};

export type Ramp = { readonly first: number; readonly most: number };

/** How many clients come next, or why none: twice as many, until the knee is well behind and something has broken. */
export const nextOf = (points: readonly Point[], { first, most }: Ramp): { clients: number } | { end: string } => {
  const last = points.at(-1);
  if (last === undefined) return { clients: first };
  if (last.throughput === 0) return { end: 'nothing gets done any more' };
  const knee = kneeOf(points);
  if (knee !== undefined && last.clients > knee.clients) {
    if (last.clients >= FAR * knee.clients) return { end: `${FAR} times the clients of the knee were enough` };
    const breaking = breakingOf(points);
    if (breaking !== undefined && breaking.point.clients > knee.clients) return { end: 'it broke past the knee' };
  }
  if (last.clients >= most) return { end: `no more than ${most} clients were asked for` };
  return { clients: Math.min(most, 2 * last.clients) };
};

export type Stretch = { readonly at: number; readonly count: number; readonly p50: number | null };

/** As before, within what a median varies by from one second to the next. */
const AS_BEFORE = 1.5;
/** One good second may be chance. */
const IN_A_ROW = 3;

/**
 * When, after the load was taken back to what it was at first, the median transaction was as fast as then, and stayed so.
 * Null if that was not seen.
 */
export const recoveredAt = (stretches: readonly Stretch[], calmSeconds: number): number | null => {
  const isCalm = ({ count, p50 }: Stretch): boolean => count > 0 && p50 !== null && p50 <= AS_BEFORE * calmSeconds;
  const found = stretches.find((_, i) => {
    const row = stretches.slice(i, i + IN_A_ROW);
    return row.length === IN_A_ROW && row.every(isCalm);
  });
  return found?.at ?? null;
};
