import { parseHba, parseSettings } from './settings';

describe('postgresql.conf', () => {
  it('is read as texts and numbers, and a mode keeps its nought', () => {
    const text = "# memory\nshared_buffers = '256MB'\njit = 'off'  # why\nwal_keep_size = 256\nlog_file_mode = 0640\n";
    expect(parseSettings(text)).toEqual({
      ...{ shared_buffers: '256MB', jit: 'off' },
      ...{ wal_keep_size: 256, log_file_mode: '0640' },
    });
  });

  it('names the line that is no setting', () => {
    expect(() => parseSettings("jit = 'off'\nshared_buffers 256MB")).toThrow('postgresql.conf:2');
  });
});

describe('pg_hba.conf', () => {
  const text = '# who\nhost  all  app  {{pools}}  scram-sha-256\nhost all dba {{self}} scram-sha-256\n';

  it('has a line for each place, and none twice', () => {
    const places = { pools: ['10.0.0.1/32', '10.0.0.2/32', '10.0.0.1/32'], self: ['10.0.0.3/32'] };
    expect(parseHba(text, places)).toEqual([
      'host all app 10.0.0.1/32 scram-sha-256',
      'host all app 10.0.0.2/32 scram-sha-256',
      'host all dba 10.0.0.3/32 scram-sha-256',
    ]);
  });

  it('is refused with a place nobody knows', () => {
    expect(() => parseHba(text, { pools: [] })).toThrow('{{self}}');
  });
});
