import type { Thresholds } from '@submilli/core';
import type { ActivityRow } from '../collectors/activity';
import { utilizationOf } from '../collectors/activity';
import { bufferHitRatio } from '../derived/buffer-hit';
import type { Change } from '../samplers/database-window';
import { curve, type Part } from './curve';

/** What the score of one database is made from; null where it could not be read. */
export type Signals = {
  readonly activity: ActivityRow | null;
  /** All databases of the server, which share its connection limit. */
  readonly all: readonly ActivityRow[];
  readonly change: Change | null;
  readonly windowSeconds: number | null;
};

/** A component: what it weighs, and its points from the signals against the thresholds. */
type Component = {
  readonly component: string;
  readonly weight: number;
  readonly points: (signals: Signals, thresholds: Thresholds) => number | null;
};

const components: readonly Component[] = [
  {
    component: 'connections',
    weight: 25,
    points: ({ activity, all }, t) =>
      activity === null
        ? null
        : curve(
            utilizationOf(activity, all) * 100,
            t.connection_utilization_warning,
            t.connection_utilization_critical,
          ),
  },
  {
    component: 'buffer_hits',
    weight: 20,
    points: ({ change }, t) => {
      const ratio = change === null ? null : bufferHitRatio(change);
      return ratio === null ? null : curve(ratio * 100, t.buffer_hit_ratio_warning, t.buffer_hit_ratio_critical);
    },
  },
  {
    component: 'rollbacks',
    weight: 15,
    points: ({ change }, t) => {
      const ended = change === null ? 0 : change.xact_commit + change.xact_rollback;
      if (change === null || ended === 0) return null;
      return curve((100 * change.xact_rollback) / ended, t.rollback_ratio_warning, t.rollback_ratio_critical);
    },
  },
  {
    component: 'transactions',
    weight: 15,
    points: ({ activity }, t) =>
      activity === null
        ? null
        : curve(
            activity.oldest_transaction ?? 0,
            t.oldest_transaction_warning_seconds,
            t.oldest_transaction_critical_seconds,
          ),
  },
  {
    component: 'locks',
    weight: 15,
    points: ({ activity }, t) => (activity === null ? null : curve(activity.lock_waiters, 0, t.lock_waiters_critical)),
  },
  {
    component: 'deadlocks',
    weight: 10,
    points: ({ change, windowSeconds }, t) =>
      change === null || windowSeconds === null || windowSeconds <= 0
        ? null
        : curve((change.deadlocks * 60) / windowSeconds, 0, t.deadlocks_per_minute_critical),
  },
];

/** The parts of one database's score. */
export const partsOf = (signals: Signals, thresholds: Thresholds): readonly Part[] =>
  components.map(({ component, weight, points }) => ({ component, weight, points: points(signals, thresholds) }));
