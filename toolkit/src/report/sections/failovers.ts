import { failoversAnswer, type FailoverRecord } from '@submilli/core';
import type { Exporters } from '../../exporter-api/client';
import type { Point, Sample } from '../../prometheus/answer';
import { type Asking, byKey, grownBy, iso, overWindows, select } from '../asking';
import type { FailoverOfReport, FailoversOfCluster } from '../model';

/** The same failover, by Prometheus and by its exporter. */
const SAME_SECONDS = 90;
const SHOWN = 20;

const clusterOf = ({ labels }: { readonly labels: Sample['labels'] }): string => labels.cluster ?? '';
const byCluster = (samples: readonly Sample[]): ReadonlyMap<string, number> =>
  new Map(samples.map((one) => [clusterOf(one), one.value]));

/** Failovers of each cluster, how long it could not be written to, and how that compares with what its timers predict. */
export const failoversOf = async (
  asking: Asking,
  exporters: Exporters | null,
): Promise<readonly FailoversOfCluster[]> => {
  const { prometheus, period } = asking;
  const now = async (expr: string): Promise<readonly Sample[]> => prometheus.at(expr, period.to);
  const grown = (metric: string): string => grownBy('cluster', select(asking, metric), period.seconds);

  const members = await now(
    `max by (cluster) (last_over_time(${select(asking, 'db_ha_members')}[${period.seconds}s]))`,
  );
  const counts = byCluster(await now(grown('db_ha_failovers_total')));
  const unwritable = byCluster(await now(grown('db_ha_unwritable_seconds_total')));
  const unwritableBefore = byCluster(await prometheus.at(grown('db_ha_unwritable_seconds_total'), period.from));
  const split = byCluster(await now(grown('db_ha_split_brain_seconds_total')));
  const interruptions = byKey(await interruptionsOf(asking), clusterOf);
  const latest = (metric: string): string => `max by (cluster, fault) (last_over_time(${select(asking, metric)}[1h]))`;
  const predicted = byKey(await now(latest('db_ha_predicted_recovery_seconds')), clusterOf);
  const measured = byKey(await now(latest('db_ha_measured_recovery_seconds')), clusterOf);
  const seen = await seenBy(asking);
  const told = exporters === null ? [] : await exporters.all('/api/v1/failovers', failoversAnswer);
  // An exporter does not know the cluster's name in Prometheus: where there is one cluster, it is that.
  const records = members.length === 1 ? told.flatMap(({ answer }) => answer.failovers) : [];

  const all: FailoversOfCluster[] = [];
  for (const cluster of members.map(clusterOf).sort()) {
    const own = (seen.get(cluster) ?? []).slice(-SHOWN);
    const failovers: FailoverOfReport[] = [];
    for (const one of own) failovers.push(await failoverOf(asking, cluster, one, records));
    const faults = new Map<string, { predictedSeconds: number | null; measuredSeconds: number | null }>();
    const faultOf = ({ labels: { fault = '' } }: Sample) => {
      const known = faults.get(fault) ?? { predictedSeconds: null, measuredSeconds: null };
      faults.set(fault, known);
      return known;
    };
    for (const one of predicted.get(cluster) ?? []) faultOf(one).predictedSeconds = one.value;
    for (const one of measured.get(cluster) ?? []) faultOf(one).measuredSeconds = one.value;
    all.push({
      cluster,
      failovers,
      others: Math.max(0, Math.round(counts.get(cluster) ?? 0) - failovers.length),
      unwritableSeconds: unwritable.get(cluster) ?? null,
      previousUnwritableSeconds: unwritableBefore.get(cluster) ?? null,
      splitBrainSeconds: split.get(cluster) ?? null,
      interruptions: (interruptions.get(cluster) ?? []).map(({ labels: { cause = '' }, value }) => ({
        cause,
        count: value,
      })),
      recovery: [...faults].map(([fault, times]) => ({ fault, ...times })).sort((a, b) => (a.fault < b.fault ? -1 : 1)),
    });
  }
  return all;
};

/** A counter that begins at one has not grown for `increase`: the first interruption of a cause is counted by its value. */
const interruptionsOf = async (asking: Asking): Promise<readonly Sample[]> => {
  const { prometheus, period } = asking;
  const latest = `max by (cluster, cause) (last_over_time(${select(asking, 'db_ha_interruptions_total')}[1h]))`;
  const before = await prometheus.at(latest, period.from);
  const wasThere = new Set(
    (await prometheus.at(`max by (cluster) (last_over_time(${select(asking, 'db_ha_members')}[1h]))`, period.from)).map(
      clusterOf,
    ),
  );
  return (await prometheus.at(latest, period.to)).flatMap((one): Sample[] => {
    const earlier = before.find(
      ({ labels }) => labels.cause === one.labels.cause && (labels.cluster ?? '') === clusterOf(one),
    );
    if (earlier === undefined && !wasThere.has(clusterOf(one))) return [];
    const value = one.value - (earlier?.value ?? 0);
    return value > 0 ? [{ ...one, value }] : [];
  });
};

type Seen = { readonly at: number; readonly seconds: number | null; readonly error: number | null };

/** Each moment that the gauge of the last failover had in the period, with what was said of it. */
const seenBy = async (asking: Asking): Promise<ReadonlyMap<string, readonly Seen[]>> => {
  const last = (metric: string): string => `max by (cluster) (last_over_time(${select(asking, metric)}[{w}]))`;
  const moments = await overWindows(asking, last('db_ha_last_failover_timestamp_seconds'));
  const took = await overWindows(asking, last('db_ha_failover_duration_seconds'));
  const errors = await overWindows(asking, last('db_ha_failover_duration_error_seconds'));
  return new Map(
    moments.map((series) => {
      const valueAt = (all: typeof took, at: number): number | null =>
        all.find((one) => clusterOf(one) === clusterOf(series))?.points.find(([when]) => when === at)?.[1] ?? null;
      const lastPoint = new Map(series.points.map((point): [number, Point] => [Math.round(point[1]), point]));
      const own = [...lastPoint.values()].filter(([, at]) => at >= asking.period.from && at <= asking.period.to);
      return [
        clusterOf(series),
        own.map(([when, at]) => ({ at, seconds: valueAt(took, when), error: valueAt(errors, when) })),
      ] as const;
    }),
  );
};

const failoverOf = async (
  asking: Asking,
  cluster: string,
  { at, seconds, error }: Seen,
  records: readonly FailoverRecord[],
): Promise<FailoverOfReport> => {
  const record = records.find((one) => one.at !== null && Math.abs(Date.parse(one.at) / 1000 - at) <= SAME_SECONDS);
  const [low, high] = [record?.low ?? null, record?.high ?? null];
  return {
    at: iso(at),
    from: record?.from ?? (await leaderAt(asking, cluster, at - 2 * 60)),
    to: record?.to ?? (await leaderAt(asking, cluster, at + 2 * 60)),
    cause: record?.cause ?? null,
    planned: record?.planned ?? null,
    seconds: record?.seconds ?? seconds,
    error: low !== null && high !== null ? (high - low) / 2 : error,
  };
};

const leaderAt = async ({ prometheus }: Asking, cluster: string, moment: number): Promise<string | null> => {
  const matchers = `cluster=${JSON.stringify(cluster)},role=~"leader|standby_leader"`;
  const [one, another] = await prometheus.at(`group by (member) (db_ha_member_role{${matchers}} == 1)`, moment);
  return another === undefined ? (one?.labels.member ?? null) : null;
};
