import { type PostgresFacts, defineDerived, gauge, legacy } from '@submilli/core';
import { database } from '../collectors/database';
import { type Change, changeSince, databaseWindow } from '../samplers/database-window';

/** Share of block requests answered from shared buffers (0..1); nothing when no block was asked for. */
export const bufferHitRatio = (change: Change): number | null => {
  const requests = change.blks_hit + change.blks_read;
  return requests === 0 ? null : change.blks_hit / requests;
};

const metrics = {
  percent: legacy(
    gauge(
      'db_buffer_hit_ratio_percent',
      'Block requests answered from shared buffers over window_seconds, in percent (promised name; see db_buffer_blocks_hit_total and db_buffer_blocks_read_total).',
      ['database'],
    ),
  ),
} as const;

/** The ratio of each database over the window; null where no block was asked for, or the window is too short yet. */
export type BufferHits = ReadonlyMap<string, number | null>;

export const bufferHit = defineDerived<PostgresFacts, BufferHits, typeof metrics>({
  name: 'buffer-hit',
  source: 'pg_stat_database',
  metrics,
  derive: (snapshots) =>
    new Map(
      (snapshots.of(database) ?? []).map((row) => {
        const change = changeSince(snapshots.of(databaseWindow), row);
        return [row.database, change === undefined ? null : bufferHitRatio(change)];
      }),
    ),
  publish: (ratios, m) =>
    [...ratios].map(([name, ratio]) => m.percent({ database: name }, ratio === null ? null : ratio * 100)),
});
