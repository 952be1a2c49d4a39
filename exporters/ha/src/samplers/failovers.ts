import { type Config, counter, defineSampler, type Env, gauge } from '@submilli/core';
import { z } from 'zod';
import { fold, nothingWatched, type Watch } from '../failover/machine';
import { causes, interruption, split } from '../failover/record';
import type { Beat } from '../failover/sight';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

export type Failovers = {
  readonly watch: Watch;
  /** No look before this, as long as all is well. */
  readonly restUntil: number;
  /** Whether what must survive a restart has changed. */
  readonly changed: boolean;
};

const saved = z.object({
  primary: z.object({ name: z.string(), timeline: z.number().nullable(), started: z.number().nullable() }).nullable(),
  records: z.array(interruption),
  splits: z.array(split),
  totals: z.object({
    counts: z.record(z.string(), z.number()),
    unwritableSeconds: z.number(),
    splitSeconds: z.number(),
  }),
});

const outcomes = ['failover', 'return'] as const;

const isCalm = ({ watch }: Failovers): boolean =>
  watch.primary !== null && watch.outage === null && watch.doubt === null && watch.lastAt !== null;

/** A beat that looks at nothing while all is well costs nothing; the next may be soon. */
const readBeat = async (session: ClusterSession, state: Failovers): Promise<Beat | null> => {
  const { observer, clock } = session;
  return isCalm(state) && !observer.isAlarmed() && clock.monotonic() < state.restUntil ? null : observer.look();
};

const started = (watch: Watch, at: number): number => (watch.outage === null ? 0 : at - sinceOf(watch, at)) / 1000;
const sinceOf = ({ outage }: Watch, at: number): number => (outage?.lastWritable ?? outage?.firstMissing)?.at ?? at;

/** Who can be written to, between scrapes: how failovers are found, timed and told apart. */
export const failovers = defineSampler({
  name: 'failovers',
  source: 'pg_is_in_recovery(), Patroni GET /patroni',
  keepsState: true,
  metrics: {
    interruptions: counter(
      'db_ha_interruptions_total',
      'Times that the primary was lost or handed over, as our own looks saw it, by cause: failover (to another server or timeline) or return (of the same one).',
      ['cause', 'outcome'],
    ),
    unwritableTotal: counter(
      'db_ha_unwritable_seconds_total',
      'Seconds in which no server could be written to, of all interruptions that are over.',
    ),
    unwritable: gauge(
      'db_ha_unwritable_seconds',
      'Since when no server can be written to; 0 while one can. Absent before a primary was seen.',
    ),
    duration: gauge(
      'db_ha_failover_duration_seconds',
      'How long no server could be written to in the last failover; absent if nobody looked then.',
    ),
    error: gauge(
      'db_ha_failover_duration_error_seconds',
      'By how much that may be more or less: half of what passed between two looks at its begin and its end.',
    ),
    split: gauge(
      'db_ha_split_brain',
      'Whether two servers can be written to at the same time (1), seen in two looks running.',
    ),
    splitTotal: counter(
      'db_ha_split_brain_seconds_total',
      'Seconds in which two servers could be written to, also between scrapes.',
    ),
  },
  // It beats as in an outage; while all is well most beats do nothing.
  interval: ({ cluster_sampling_hz: calm, cluster_outage_sampling_hz: hz }) => (calm === 0 ? 0 : 1 / hz),
  start: (): Failovers => ({ watch: nothingWatched, restUntil: 0, changed: false }),
  read: (session: ClusterSession, _env: Env<HaFacts>, _deadline, state: Failovers) => readBeat(session, state),
  fold: (state: Failovers, beat: Beat | null, at, { config }) => {
    if (beat === null) return { ...state, changed: false };
    const watch = fold(state.watch, beat);
    const changed =
      watch.records !== state.watch.records ||
      watch.splits !== state.watch.splits ||
      watch.primary?.name !== state.watch.primary?.name ||
      watch.primary?.timeline !== state.watch.primary?.timeline ||
      watch.primary?.started !== state.watch.primary?.started;
    return { watch, restUntil: at + restOf(config), changed };
  },
  persist: {
    save: ({ watch: { primary, records, splits, totals }, changed }: Failovers) =>
      changed ? { primary, records, splits, totals } : undefined,
    load: (json, fresh) => {
      const { data } = saved.safeParse(json);
      return data === undefined ? undefined : { ...fresh, watch: { ...nothingWatched, ...data } };
    },
  },
  publish: ({ watch }: Failovers, m) => {
    const { records, totals, doubt, primary, lastAt } = watch;
    const last = records.filter(({ outcome }) => outcome === 'failover').at(-1);
    const span = last === undefined || last.low === null || last.high === null ? null : last.high - last.low;
    const count = (cause: string, outcome: string): number =>
      Object.entries(totals.counts)
        .filter(([key]) => key.startsWith(`${cause} ${outcome} `))
        .reduce((sum, [, n]) => sum + n, 0);
    return [
      ...causes.flatMap((cause) =>
        outcomes.map((outcome) => m.interruptions({ cause, outcome }, count(cause, outcome))),
      ),
      m.unwritableTotal({}, totals.unwritableSeconds),
      m.unwritable({}, primary === null || lastAt === null ? null : started(watch, lastAt)),
      m.duration({}, last?.seconds ?? null),
      m.error({}, span === null ? null : span / 2),
      m.split({}, lastAt === null ? null : Number(doubt?.sure === true)),
      m.splitTotal({}, totals.splitSeconds),
    ];
  },
});

/** Half a beat early, so that a beat that comes a moment too soon does not cost a whole one. */
const restOf = ({ cluster_sampling_hz: calm, cluster_outage_sampling_hz: hz }: Config): number =>
  calm === 0 ? 0 : 1000 / calm - 500 / hz;
