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

export const bufferHit = defineDerived<PostgresFacts, typeof metrics>({
  name: 'buffer-hit',
  source: 'pg_stat_database',
  metrics,
  publish: (snapshots, m) =>
    (snapshots.of(database) ?? []).map((row) => {
      const change = changeSince(snapshots.of(databaseWindow), row);
      const ratio = change === undefined ? null : bufferHitRatio(change);
      return m.percent({ database: row.database }, ratio === null ? null : ratio * 100);
    }),
});
