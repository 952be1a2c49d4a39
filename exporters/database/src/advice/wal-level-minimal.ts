import { lintRule } from './settings-rule';

export const walLevelMinimal = lintRule(
  { name: 'wal-level-minimal', title: 'There can be no standby and no backup by WAL' },
  [
    {
      ...{ name: 'wal_level', is: 'minimal', want: 'replica', severity: 'warning' },
      impact: 'what can be restored after a loss',
      why: 'WAL of this level recovers from a crash only: a base backup, a standby or a restore to a moment needs replica.',
    },
  ],
);
