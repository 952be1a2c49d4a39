import { argsOf, complaintOf, envOf, type PgbenchRun, progressOf } from './pgbench';

const run: PgbenchRun = {
  pgbench: '/usr/bin/pgbench',
  address: {
    ...{
      name: 'pg1',
      host: 'db.example',
      port: 5433,
      database: 'app',
      user: 'app',
      password: 'hush',
      sslmode: 'verify-full',
    },
    sslrootcert: '/certs/ca.pem',
  },
  ...{ applicationName: 'load', passFile: '/scratch/pgpass', serverOptions: '-c statement_timeout=30s' },
  scripts: [
    { name: 'a', path: '/scripts/a.sql', weight: 3 },
    { name: 'b', path: '/scripts/b.sql', weight: 1 },
  ],
  ...{
    clients: 50,
    threads: 2,
    seconds: 65,
    rate: undefined,
    protocol: 'simple',
    maxTries: 3,
    logPrefix: '/scratch/pool',
  },
};

describe('a pgbench', () => {
  it('is told to end by itself, and has no secret in its arguments or its environment', () => {
    expect(argsOf(run)).toEqual(
      expect.arrayContaining(['--time=65', '--client=50', '--file=/scripts/a.sql@3', '--log']),
    );
    expect(argsOf(run).some((argument) => argument.startsWith('--rate'))).toBe(false);
    expect(argsOf({ ...run, rate: 200 })).toContain('--rate=200');
    expect(JSON.stringify([argsOf(run), envOf(run)])).not.toContain('hush');
  });

  it('trusts whom the address trusts, and bounds the server where that takes it', () => {
    expect(envOf(run)).toMatchObject({
      ...{ PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/certs/ca.pem', PGOPTIONS: '-c statement_timeout=30s' },
    });
    expect(envOf({ ...run, serverOptions: undefined })).not.toHaveProperty('PGOPTIONS');
  });

  it('says how far it is', () => {
    expect(progressOf('progress: 12.0 s, 199.5 tps, lat 1.234 ms stddev 0.5, 0 failed')).toEqual({
      ...{ seconds: 12, tps: 199.5, latencyMs: 1.234 },
    });
    expect(progressOf('progress: 3.0 s, 0.0 tps, lat 0.000 ms stddev 0.000, 0 failed, lag 0.000 ms')?.tps).toBe(0);
    expect(progressOf('progress: 3.0 s, 0.0 tps, lat NaN ms stddev NaN')?.latencyMs).toBeNull();
    expect(progressOf('pgbench (15.18 (Debian 15.18-0+deb12u1))')).toBeUndefined();
  });

  it('tells a client that gave up from a failure of its own', () => {
    expect(
      complaintOf(
        'pgbench: error: client 7 script 0 aborted in command 1 query 0: ERROR:  relation "x" does not exist',
      ),
    ).toEqual({ client: true, why: 'ERROR:  relation "x" does not exist' });
    expect(
      complaintOf(
        'pgbench: error: client 3 aborted in command 4 (SQL) of script 0; perhaps the backend died while processing',
      ),
    ).toEqual({ client: true, why: 'perhaps the backend died while processing' });
    expect(complaintOf('pgbench: error: could not create connection for client 4')).toEqual({
      ...{ client: false, why: 'could not create connection for client 4' },
    });
    expect(complaintOf('pgbench: error: Run was aborted; the above results are incomplete.')).toBeUndefined();
    expect(complaintOf('starting vacuum...end.')).toBeUndefined();
  });
});
