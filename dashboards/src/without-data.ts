/** Questions that a healthy stack of `npm start` does not answer, each with its reason. All others must have data. */
export type WithoutData = { readonly panel: string; readonly refId: string; readonly why: string };

const PROBE_OFF = 'the pool probe is not configured';

export const withoutData: readonly WithoutData[] = [
  { panel: 'Alerts', refId: 'firing', why: 'no rules are loaded, or nothing fires' },
  { panel: 'What could not be read', refId: 'failed', why: 'every collector works' },
  { panel: 'Errors by SQLSTATE', refId: 'errors', why: 'no error is in the log yet' },
  { panel: 'Errors per second', refId: 'value', why: 'no error is in the log yet' },
  { panel: 'Plans that look unwise', refId: 'findings', why: 'no plan of the workload looks unwise' },
  { panel: 'I/O by who does it', refId: 'bytes', why: 'needs PostgreSQL 16 or newer' },
  { panel: 'Age of the oldest file not archived', refId: 'age', why: 'nothing is archived' },
  { panel: 'Sequences that run out', refId: 'used', why: 'no sequence of the workload can run out' },
  { panel: 'Certificate ends in', refId: 'value', why: 'the server has no TLS' },
  { panel: 'Statements that take most time', refId: 'usual', why: 'what is usual takes days to know' },
  { panel: 'How long clients wait', refId: 'buckets', why: 'nobody waited long enough to be seen' },
  { panel: 'A client’s first statement through the pool', refId: 'P50', why: PROBE_OFF },
  { panel: 'A client’s first statement through the pool', refId: 'P99', why: PROBE_OFF },
  { panel: 'Oldest connections', refId: 'login', why: 'no server connection is logging in' },
  { panel: 'Prepared statements', refId: 'clients', why: 'needs PgBouncer 1.21 or newer' },
  { panel: 'Prepared statements', refId: 'servers', why: 'needs PgBouncer 1.21 or newer' },
  { panel: 'Clusters and their databases', refId: 'worst', why: 'no component costs anything' },
  { panel: 'Recovery time by fault', refId: 'measured', why: 'nothing has interrupted the primary yet' },
  { panel: 'etcd may lose', refId: 'value', why: 'etcd is not named in the configuration' },
  { panel: 'etcd: a read through the quorum', refId: 'read', why: 'etcd is not named in the configuration' },
  { panel: 'etcd: WAL to disk, P99', refId: 'fsync', why: 'etcd is not named in the configuration' },
  { panel: 'Last failover', refId: 'value', why: 'no member was promoted yet' },
  { panel: 'Modes', refId: 'strict', why: 'Patroni’s configuration does not set it' },
];
