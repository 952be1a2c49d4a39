import { defineCollector, type Deadline, type Env, Problem } from '@submilli/core';
import { z } from 'zod';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

const row = z.object({
  archives: z.boolean(),
  last_archived: z.number().nullable(),
  last_failed: z.number().nullable(),
});

export type ArchiveRow = z.infer<typeof row>;

/** A demoted primary keeps the figures of its time, so only those of the present one count. */
const sql = `
  SELECT pg_catalog.current_setting('archive_mode') <> 'off' AS archives,
         extract(epoch FROM a.last_archived_time)::float8 AS last_archived,
         extract(epoch FROM a.last_failed_time)::float8 AS last_failed
    FROM pg_catalog.pg_stat_archiver a`;

/** Whether the primary's WAL is archived. Its figures are the database exporter's to publish. */
export const archive = defineCollector({
  name: 'archive',
  source: 'pg_stat_archiver',
  needs: { configured: 'postgres' },
  metrics: {},
  read: async (_session: ClusterSession, { facts }: Env<HaFacts>, deadline: Deadline): Promise<ArchiveRow> => {
    if (facts.primary instanceof Problem) throw facts.primary;
    const [first] = row.array().parse(await facts.primary.query(sql, [], deadline));
    if (first === undefined) throw new Problem('data', { what: 'pg_stat_archiver is empty' });
    return first;
  },
  publish: () => [],
});

export const isFailing = ({ archives, last_archived, last_failed }: ArchiveRow): boolean =>
  archives && (last_failed ?? -Infinity) > (last_archived ?? -Infinity);
