import type { Labels, Series } from '../../prometheus/answer';

/** An alert while it fired, in seconds since the epoch; `to` is null while it still does. */
export type Firing = { readonly labels: Labels; readonly from: number; readonly to: number | null };

/** Alerts of a cluster that fired at the same time, or soon after each other. */
export type Group = {
  readonly cluster: string;
  readonly from: number;
  readonly to: number | null;
  readonly severity: string;
  readonly firings: readonly Firing[];
};

/** Alerts with so little between them belong together. */
export const TOGETHER_SECONDS = 600;

/**
 * When each alert fired, from windows of `step` seconds in which it did: a point stands at the end of its window. What
 * fires in the last window fires still.
 */
export const firingsOf = (series: readonly Series[], step: number, end: number): readonly Firing[] =>
  series.flatMap(({ labels, points }) => {
    const firings: { labels: Labels; from: number; to: number }[] = [];
    for (const [at] of points) {
      const last = firings.at(-1);
      if (last !== undefined && at - last.to <= 1.5 * step) last.to = at;
      else firings.push({ labels, from: at - step, to: at });
    }
    return firings.map((one): Firing => ({ ...one, to: one.to >= end - step / 2 ? null : one.to }));
  });

/** What happened at the same time in a cluster is one incident, however many alerts tell of it. */
export const grouped = (firings: readonly Firing[]): readonly Group[] => {
  const groups: { cluster: string; from: number; to: number; firings: Firing[] }[] = [];
  for (const firing of firings.toSorted((a, b) => a.from - b.from)) {
    const cluster = firing.labels.cluster ?? '';
    const end = firing.to ?? Infinity;
    const open = groups.findLast((group) => group.cluster === cluster && firing.from - group.to <= TOGETHER_SECONDS);
    if (open === undefined) groups.push({ cluster, from: firing.from, to: end, firings: [firing] });
    else {
      open.firings.push(firing);
      open.to = Math.max(open.to, end);
    }
  }
  return groups.map(({ to, ...group }) => ({
    ...group,
    to: to === Infinity ? null : to,
    severity: group.firings.some(({ labels }) => labels.severity === 'critical') ? 'critical' : 'warning',
  }));
};

/** Critical ones first, then those that lasted. */
export const byWeight = (groups: readonly Group[], end: number): readonly Group[] =>
  groups.toSorted(
    (a, b) =>
      Number(b.severity === 'critical') - Number(a.severity === 'critical') ||
      (b.to ?? end) - b.from - ((a.to ?? end) - a.from),
  );
