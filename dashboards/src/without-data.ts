/**
 * Questions that a healthy stack of `npm start` may not answer, each with its reason. All others must have data there.
 * `never`: as the stack is made it can't; should it answer, the reason no longer holds.
 */
export type WithoutData = {
  readonly panel: string;
  readonly refId: string;
  readonly why: string;
  readonly never?: true;
};

const NO_REHEARSAL = 'nobody has rehearsed a restore yet';
const NO_DRILL = 'nobody has drilled this stack';
const PROBE_OFF = 'the pool probe is not configured';
const OLD_PGBOUNCER = 'needs PgBouncer 1.21 or newer; Debian 12 has 1.18';

export const withoutData: readonly WithoutData[] = [
  { panel: 'Alerts', refId: 'firing', why: 'nothing fires' },
  { panel: 'What could not be read', refId: 'failed', why: 'every collector works' },
  { panel: 'Errors by SQLSTATE', refId: 'errors', why: 'no error is in the log yet' },
  { panel: 'Errors per second', refId: 'value', why: 'no error is in the log yet' },
  { panel: 'Plans that look unwise', refId: 'findings', why: 'no plan of the workload looks unwise' },
  { panel: 'I/O by who does it', refId: 'bytes', why: 'needs PostgreSQL 16 or newer; Debian 12 has 15', never: true },
  { panel: 'Age of the oldest file not archived', refId: 'age', why: 'every file is archived' },
  { panel: 'Deadlocks and lost sessions', refId: 'deadlocks', why: 'there was no deadlock' },
  { panel: 'Deadlocks and lost sessions', refId: 'lost', why: 'no session was lost' },
  { panel: 'Checkpoints', refId: 'checkpoints', why: 'there was no checkpoint yet' },
  { panel: 'Time of a checkpoint', refId: 'write', why: 'there was no checkpoint yet' },
  { panel: 'Time of a checkpoint', refId: 'sync', why: 'there was no checkpoint yet' },
  { panel: 'Largest tables', refId: 'dead', why: 'no table has many dead rows' },
  { panel: 'Tables that vacuum or analyze is due for', refId: 'vacuum', why: 'nothing is due' },
  { panel: 'Tables that vacuum or analyze is due for', refId: 'analyze', why: 'nothing is due' },
  { panel: 'Tables that vacuum or analyze is due for', refId: 'off', why: 'autovacuum is off for none' },
  { panel: 'Sequences that run out', refId: 'used', why: 'the trading schema has no sequence', never: true },
  { panel: 'Statements that take most time', refId: 'usual', why: 'what is usual takes days to know' },
  { panel: 'How long clients wait', refId: 'buckets', why: 'nobody waited long enough to be seen' },
  { panel: 'A client’s first statement through the pool', refId: 'P50', why: PROBE_OFF, never: true },
  { panel: 'A client’s first statement through the pool', refId: 'P99', why: PROBE_OFF, never: true },
  { panel: 'Oldest connections', refId: 'login', why: 'no server connection is logging in' },
  { panel: 'Prepared statements', refId: 'clients', why: OLD_PGBOUNCER, never: true },
  { panel: 'Prepared statements', refId: 'servers', why: OLD_PGBOUNCER, never: true },
  { panel: 'Clusters and their databases', refId: 'worst', why: 'no component costs anything' },
  { panel: 'What stands in the way of a failover', refId: 'reasons', why: 'nothing is in the way' },
  { panel: 'Recovery time by fault', refId: 'measured', why: 'nothing has interrupted the primary yet' },
  { panel: 'The last one took', refId: 'took', why: 'there was no failover yet' },
  { panel: 'The last one took', refId: 'error', why: 'there was no failover yet' },
  { panel: 'Interruptions by cause', refId: 'interruptions', why: 'nothing has interrupted the primary yet' },
  { panel: 'Scheduled switchover', refId: 'value', why: 'none is scheduled' },
  { panel: 'etcd: unrest', refId: 'changes', why: 'etcd has been calm' },
  { panel: 'etcd: unrest', refId: 'late', why: 'etcd has been calm' },
  { panel: 'Last failover', refId: 'value', why: 'no member was promoted yet' },
  { panel: 'Modes', refId: 'strict', why: 'Patroni’s configuration does not set it' },
  { panel: 'Drills', refId: 'ended', why: NO_DRILL },
  { panel: 'Drills', refId: 'passed', why: NO_DRILL },
  { panel: 'Drills', refId: 'took', why: NO_DRILL },
  { panel: 'Drills', refId: 'lost', why: NO_DRILL },
  { panel: 'Restore rehearsed', refId: 'value', why: NO_REHEARSAL },
  { panel: 'Restore takes', refId: 'value', why: NO_REHEARSAL },
];
