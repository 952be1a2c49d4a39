import type { CheckpointerRow } from '../collectors/checkpointer';
import type { WalRow } from '../collectors/wal';
import { changeOf, type Counters, type ServerWindow } from '../samplers/server-window';
import { duration } from './action';

/** Counters over the time that says most about now, and in words how long that was. */
export type Observed = Pick<
  Counters,
  'timed' | 'requested' | 'walBytes' | 'walWrites' | 'walBuffersFull' | 'walFsyncs'
> & {
  readonly walFsyncSeconds: number | null;
  readonly seconds: number | null;
  readonly over: string;
};

/**
 * What we saw ourselves, once that is enough by the caller's measure: it follows a change of settings within hours. Until
 * then what the server counted since its statistics began.
 */
export const observed = (
  window: ServerWindow,
  lifetime: Omit<Observed, 'over'>,
  isEnough: (seen: Omit<Observed, 'over'>) => boolean,
): Observed => {
  const recent = changeOf(window);
  return recent !== undefined && isEnough(recent)
    ? { ...recent, over: `in the last ${duration(recent.seconds)}` }
    : { ...lifetime, over: 'since the statistics began' };
};

/** The collectors' rows, which count since the statistics began. */
export const lifetimeOf = (points: CheckpointerRow | undefined, written: WalRow): Omit<Observed, 'over'> => ({
  ...{ timed: points?.timed ?? 0, requested: points?.requested ?? 0 },
  ...{ walBytes: written.bytes, walWrites: written.writes, walBuffersFull: written.buffers_full },
  ...{ walFsyncs: written.fsyncs, walFsyncSeconds: written.fsync_seconds, seconds: written.stats_seconds },
});
