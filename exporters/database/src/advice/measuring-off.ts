import { lintRule } from './settings-rule';

export const measuringOff = lintRule({ name: 'measuring-off', title: 'I/O is not timed' }, [
  {
    ...{ name: 'track_io_timing', is: 'off', want: 'on', severity: 'info', impact: 'I/O time in every view' },
    why: 'Without it nobody can say how much of a statement’s time is I/O. Check what reading the clock costs: pg_test_timing.',
  },
  {
    ...{ name: 'track_wal_io_timing', is: 'off', want: 'on', severity: 'info', impact: 'time of WAL flushes' },
    why: 'Without it the time of a commit’s flush is not known.',
  },
]);
