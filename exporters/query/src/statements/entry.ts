/** One entry of `pg_stat_statements` at one moment. Times in seconds, `wal_bytes` in bytes, blocks in blocks. */
export type Entry = {
  /** userid, dbid, queryid and toplevel: what makes an entry. */
  readonly key: string;
  readonly database: string;
  /** 64 bits, hence text. */
  readonly queryid: string;
  readonly calls: number;
  readonly total: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly deviation: number;
  /** When the entry was made, seconds since the epoch; PostgreSQL 17 and newer tell. */
  readonly since: number | null;
  readonly counters: Counters;
};

/** What is summed up per statement beside calls and time. */
export type Counters = {
  readonly rows: number;
  readonly hit: number;
  readonly read: number;
  readonly dirtied: number;
  readonly written: number;
  readonly tempRead: number;
  readonly tempWritten: number;
  readonly wal: number;
};

export const addCounters = (a: Counters, b: Counters): Counters => combine(a, b, 1);
export const subtractCounters = (a: Counters, b: Counters): Counters => combine(a, b, -1);

const combine = (a: Counters, b: Counters, sign: 1 | -1): Counters => ({
  rows: a.rows + sign * b.rows,
  hit: a.hit + sign * b.hit,
  read: a.read + sign * b.read,
  dirtied: a.dirtied + sign * b.dirtied,
  written: a.written + sign * b.written,
  tempRead: a.tempRead + sign * b.tempRead,
  tempWritten: a.tempWritten + sign * b.tempWritten,
  wal: a.wal + sign * b.wal,
});
