import { emptyWindow, slide } from '@submilli/core';
import type { DatabaseRow } from '../collectors/database';
import { changeSince, type DatabaseReading } from './database-window';

const row = (overrides: Partial<DatabaseRow> = {}): DatabaseRow => ({
  database: 'app',
  ...{ xact_commit: 100, xact_rollback: 1, blks_hit: 1000, blks_read: 10, deadlocks: 0 },
  ...{ tup_returned: 0, tup_fetched: 0, tup_inserted: 0, tup_updated: 0, tup_deleted: 0 },
  ...{ temp_files: 0, temp_bytes: 0, blk_read_seconds: null, blk_write_seconds: null, checksum_failures: null },
  ...{ session_seconds: 0, active_seconds: 0, idle_in_transaction_seconds: 0 },
  ...{ sessions: 0, sessions_abandoned: 0, sessions_fatal: 0, sessions_killed: 0, stats_reset: 1 },
  ...overrides,
});

const windowOf = (...rows: DatabaseRow[]) =>
  rows.reduce((window, r, i) => slide(window, i * 5000, new Map([[r.database, r]])), emptyWindow<DatabaseReading>(60));

describe('the change over the window', () => {
  it('is the difference between its oldest reading and now', () => {
    const now = row({ xact_commit: 150, blks_hit: 1100 });
    expect(changeSince(windowOf(row(), row({ xact_commit: 120 })), now)).toMatchObject({
      xact_commit: 50,
      blks_hit: 100,
      blks_read: 0,
    });
  });

  it('is unknown before the first reading, and for a database that is new', () => {
    expect(changeSince(undefined, row())).toBeUndefined();
    expect(changeSince(windowOf(row()), row({ database: 'new' }))).toBeUndefined();
  });

  it('is unknown across a reset of the statistics, even when the counters have grown past their old values', () => {
    expect(changeSince(windowOf(row()), row({ stats_reset: 2, xact_commit: 200 }))).toBeUndefined();
  });

  it('is unknown when a counter went backwards', () => {
    expect(changeSince(windowOf(row()), row({ blks_hit: 5 }))).toBeUndefined();
  });
});
