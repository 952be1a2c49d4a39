import { lintRule } from './settings-rule';

export const durability = lintRule({ name: 'durability', title: 'A crash can lose or corrupt data' }, [
  {
    ...{ name: 'fsync', is: 'off', want: 'on', severity: 'critical', impact: 'survival of a crash' },
    why: 'With fsync off a crash of the machine can leave the whole cluster corrupt, beyond repair by recovery.',
  },
  {
    ...{ name: 'full_page_writes', is: 'off', want: 'on', severity: 'critical', impact: 'survival of a crash' },
    why: 'Without full page images a page torn by a crash stays torn, unless the storage writes 8 kB atomically.',
  },
  {
    ...{ name: 'synchronous_commit', is: 'off', want: 'on', severity: 'warning', impact: 'commits lost in a crash' },
    why: 'Commits are confirmed before they are on disk: a crash loses the last of them. Set it per transaction where that is acceptable.',
  },
]);
