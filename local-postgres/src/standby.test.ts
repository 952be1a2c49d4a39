import { isLeftOutOfBackup } from './standby';

describe('a base backup', () => {
  it('leaves out what belongs to the running primary or is made anew', () => {
    const left = [
      'postmaster.pid',
      'pg_wal/000000010000000000000001',
      'pg_replslot/second',
      'base/5/pgsql_tmp123',
      'global/pg_internal.init',
      'standby.signal',
    ];
    expect(left.filter((path) => !isLeftOutOfBackup(path))).toEqual([]);
  });

  it('takes the data, and the empty directories that the server expects', () => {
    const taken = ['PG_VERSION', 'base/5/1259', 'global/pg_control', 'pg_wal', 'pg_xact/0000', 'pg_hba.conf'];
    expect(taken.filter(isLeftOutOfBackup)).toEqual([]);
  });
});
