import { defineCollector, type DrillReport, gauge, Problem } from '@submilli/core';
import { lastDrills } from '../drills/reports';
import type { ClusterSession } from '../session/cluster-session';

const byKind = ['kind'] as const;

const metrics = {
  ended: gauge('db_ha_drill_timestamp_seconds', 'When the last drill of this kind ended (`submilli drill`).', byKind),
  success: gauge(
    'db_ha_drill_success',
    'Whether that drill was passed (1): nothing acknowledged lost, one writer, every path back; or not (0).',
    byKind,
  ),
  recovery: gauge(
    'db_ha_drill_recovery_seconds',
    'How long its clients could not write on this path (pool, multi-host), median of its runs; absent where none noticed.',
    ['kind', 'path'],
  ),
  lost: gauge('db_ha_drill_lost_writes', 'Acknowledged writes that were lost in it, in all of its runs.', byKind),
} as const;

export const drills = defineCollector({
  name: 'drills',
  source: 'submilli drill',
  needs: { configured: 'drills' },
  every: 60,
  metrics,
  read: (session: ClusterSession): Promise<readonly DrillReport[]> => {
    const { drills: directory, name, where } = session;
    if (directory === undefined) throw new Problem('missing', { what: 'no drills are configured', where });
    return Promise.resolve(lastDrills(directory, name));
  },
  publish: (reports: readonly DrillReport[], m) =>
    reports.flatMap(({ kind, finishedAt, verdict, summary }) => [
      m.ended({ kind }, Date.parse(finishedAt) / 1000),
      m.success({ kind }, Number(verdict.passed)),
      m.lost({ kind }, summary.lost),
      ...summary.paths
        .filter(({ path }) => path !== 'old-primary')
        .map(({ path, recovery }) => m.recovery({ kind, path }, recovery?.median ?? null)),
    ]),
});
