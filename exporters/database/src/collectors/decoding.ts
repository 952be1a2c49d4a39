import { counter, defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  slot: z.string(),
  spill_txns: z.number(),
  spill_bytes: z.number(),
  stream_txns: z.number(),
  stream_bytes: z.number(),
  total_txns: z.number(),
  total_bytes: z.number(),
});

export type DecodingRow = z.infer<typeof row>;

const MOST_SLOTS = 100;

const sql = `
  SELECT s.slot_name::text AS slot, s.spill_txns, s.spill_bytes, s.stream_txns, s.stream_bytes, s.total_txns, s.total_bytes
    FROM pg_catalog.pg_stat_replication_slots s
   ORDER BY s.total_bytes DESC
   LIMIT ${MOST_SLOTS}`;

const labels = ['slot', 'how'] as const;

export const decoding = defineCollector({
  name: 'decoding',
  source: 'pg_stat_replication_slots',
  metrics: {
    transactions: counter(
      'db_decoding_transactions_total',
      'Transactions decoded for a logical slot: all of them, those spilled to disk (logical_decoding_work_mem), those streamed in progress.',
      labels,
    ),
    bytes: counter('db_decoding_bytes_total', 'Bytes of decoded changes, in the same way.', labels),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly DecodingRow[], m) =>
    rows.flatMap(({ slot, ...r }) => [
      m.transactions({ slot, how: 'all' }, r.total_txns),
      m.transactions({ slot, how: 'spilled' }, r.spill_txns),
      m.transactions({ slot, how: 'streamed' }, r.stream_txns),
      m.bytes({ slot, how: 'all' }, r.total_bytes),
      m.bytes({ slot, how: 'spilled' }, r.spill_bytes),
      m.bytes({ slot, how: 'streamed' }, r.stream_bytes),
    ]),
});
