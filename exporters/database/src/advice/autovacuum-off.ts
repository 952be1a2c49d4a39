import { lintRule } from './settings-rule';

export const autovacuumOff = lintRule({ name: 'autovacuum-off', title: 'Dead rows are never removed' }, [
  {
    ...{ name: 'autovacuum', is: 'off', want: 'on', severity: 'critical', impact: 'bloat and wraparound' },
    why: 'Without autovacuum tables grow by their dead rows, plans use old statistics, and wraparound stops the server in the end.',
  },
  {
    ...{ name: 'track_counts', is: 'off', want: 'on', severity: 'critical', impact: 'bloat and wraparound' },
    why: 'Autovacuum finds its work by these counts: with them off it does nothing but prevent wraparound.',
  },
]);
