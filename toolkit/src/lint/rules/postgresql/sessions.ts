import { secondsText } from '../../parse/quantity';
import type { Rule } from '../../rule';
import { valueOf } from '../../view/server';
import { conf, settingRule } from './factory';

export const sessions: readonly Rule[] = [
  settingRule({
    id: 'postgresql-idle-in-transaction',
    title: 'A forgotten transaction lives for ever',
    ...{ severity: 'warning', fixable: true, name: 'idle_in_transaction_session_timeout', want: '60s' },
    source: 'PostgreSQL, Client Connection Defaults: idle_in_transaction_session_timeout',
    why: 'One client that forgets its transaction holds its locks, and every dead row since, for as long as it likes.',
    fix: "idle_in_transaction_session_timeout = '60s'",
    bad: conf('idle_in_transaction_session_timeout = 0'),
    good: conf('idle_in_transaction_session_timeout = 60s'),
    says: ({ number }) =>
      number === 0 ? 'idle_in_transaction_session_timeout is 0: a forgotten transaction is never ended' : undefined,
  }),
  settingRule({
    id: 'postgresql-keepalives',
    title: 'A client that vanished is noticed after hours',
    ...{ severity: 'warning', fixable: true, name: 'tcp_keepalives_idle', want: '2' },
    also: { tcp_keepalives_interval: '1', tcp_keepalives_count: '3' },
    source: 'PostgreSQL, Connections: tcp_keepalives_idle, tcp_keepalives_interval, tcp_keepalives_count',
    why: 'With the kernel’s defaults an idle connection to a machine that lost its power is given up after 2 h and 11 min: until then its session keeps its locks and its place.',
    fix: 'tcp_keepalives_idle = 2, tcp_keepalives_interval = 1, tcp_keepalives_count = 3',
    bad: conf('tcp_keepalives_idle = 0'),
    good: conf('tcp_keepalives_idle = 2\ntcp_keepalives_interval = 1\ntcp_keepalives_count = 3'),
    says: (idle, _, server) => {
      // 0 leaves it to the kernel.
      const or = (number: number | undefined, kernel: number): number =>
        number !== undefined && number > 0 ? number : kernel;
      const [interval, count] = ['interval', 'count'].map((name) => valueOf(server, `tcp_keepalives_${name}`)?.number);
      const seconds = or(idle.number, 7200) + or(interval, 75) * or(count, 9);
      return seconds > 120 ? `a client that vanished is noticed after ${secondsText(seconds)}` : undefined;
    },
  }),
  settingRule({
    id: 'postgresql-user-timeout',
    title: 'A result for a client that vanished hangs',
    ...{ severity: 'info', fixable: true, name: 'tcp_user_timeout', want: '5s' },
    source: 'PostgreSQL, Connections: tcp_user_timeout',
    why: 'Keepalives are for idle connections. Where data is on its way, the kernel repeats it for a quarter of an hour.',
    fix: "tcp_user_timeout = '5s'",
    bad: conf('tcp_user_timeout = 0'),
    good: conf('tcp_user_timeout = 5s'),
    says: ({ number }) =>
      number === 0 ? 'tcp_user_timeout is 0: data for a client that vanished is repeated for about 15 min' : undefined,
  }),
  settingRule({
    id: 'postgresql-client-check',
    title: 'A statement runs on when its client is gone',
    ...{ severity: 'info', fixable: true, name: 'client_connection_check_interval', want: '5s' },
    source: 'PostgreSQL 14, Connections: client_connection_check_interval',
    why: 'The server looks at the connection when it has something to say: a statement of an hour runs its hour for nobody, and pools start it again.',
    fix: "client_connection_check_interval = '5s'",
    bad: conf('client_connection_check_interval = 0'),
    good: conf('client_connection_check_interval = 5s'),
    says: ({ number }) =>
      number === 0 ? 'client_connection_check_interval is 0: statements run on for clients that are gone' : undefined,
  }),
  settingRule({
    id: 'postgresql-lock-waits',
    title: 'Waits for locks leave no trace',
    ...{ severity: 'info', fixable: true, name: 'log_lock_waits', want: 'on' },
    source: 'PostgreSQL, Error Reporting and Logging: log_lock_waits',
    why: 'A wait of more than deadlock_timeout is one line with who waits for whom: afterwards nothing else says it.',
    fix: 'log_lock_waits = on',
    bad: conf('log_lock_waits = off'),
    good: conf('log_lock_waits = on'),
    says: ({ isOn }) => (isOn ? undefined : 'log_lock_waits is off'),
  }),
  settingRule({
    id: 'postgresql-io-timing',
    title: 'I/O is not timed',
    ...{ severity: 'info', fixable: true, name: 'track_io_timing', want: 'on' },
    source: 'PostgreSQL, Run-time Statistics: track_io_timing',
    why: 'Without it nobody can say how much of a statement’s time is I/O. Check what reading the clock costs: pg_test_timing.',
    fix: 'track_io_timing = on',
    bad: conf('track_io_timing = off'),
    good: conf('track_io_timing = on'),
    says: ({ isOn }) => (isOn ? undefined : 'track_io_timing is off'),
  }),
  settingRule({
    id: 'postgresql-jit',
    title: 'Statements are compiled',
    ...{ severity: 'info', fixable: true, name: 'jit', want: 'off' },
    source: 'PostgreSQL, Just-in-Time Compilation: jit',
    why: 'Compiling takes tens of milliseconds: more than a short statement takes as a whole. It pays for reports; an estimate that is off brings it to others.',
    fix: "jit = off; ALTER ROLE report SET jit = 'on';",
    bad: conf('jit = on'),
    good: conf('jit = off'),
    says: ({ isOn }) =>
      isOn ? 'jit is on: a short statement with a wrong estimate is compiled for longer than it runs' : undefined,
  }),
  settingRule({
    id: 'postgresql-ssl-off',
    title: 'The server offers no TLS',
    ...{ severity: 'warning', fixable: false, name: 'ssl' },
    source: 'PostgreSQL, Connections: ssl',
    why: 'Statements and rows cross the network as they are, and so does replication.',
    fix: 'ssl = on with ssl_cert_file and ssl_key_file, and hostssl in pg_hba.conf.',
    bad: conf("listen_addresses = '*'\nssl = off"),
    good: conf("listen_addresses = '*'\nssl = on"),
    says: ({ isOn }, _, server) => {
      // Patroni listens where it is told to, which is not on this machine alone.
      const addresses = server.file.kind === 'patroni' ? '*' : (valueOf(server, 'listen_addresses')?.text ?? '');
      const isLocal = addresses.split(',').every((one) => /^\s*(localhost|127\.[\d.]+|::1|)\s*$/.test(one));
      return isOn || isLocal ? undefined : 'ssl is off, and the server listens on more than this machine';
    },
  }),
  settingRule({
    id: 'postgresql-password-encryption',
    title: 'New passwords are stored as md5',
    ...{ severity: 'warning', fixable: true, name: 'password_encryption', want: 'scram-sha-256' },
    source: 'PostgreSQL, Authentication: password_encryption; PostgreSQL 18 release notes',
    why: 'Who has read an md5 hash, in a backup or in a userlist.txt, can log in with it. PostgreSQL 18 deprecates it.',
    fix: "password_encryption = 'scram-sha-256', and each password set anew.",
    bad: conf('password_encryption = md5'),
    good: conf("password_encryption = 'scram-sha-256'"),
    says: ({ text }) => (/^(md5|on|true|yes|1)$/i.test(text) ? `password_encryption is ${text}` : undefined),
  }),
  settingRule({
    id: 'postgresql-statements',
    title: 'Nobody counts what statements cost',
    ...{ severity: 'info', fixable: false, name: 'shared_preload_libraries' },
    source: 'PostgreSQL, pg_stat_statements',
    why: 'Which statements take the time is the first question in any trouble, and only pg_stat_statements answers it; it must be there beforehand, and takes a restart.',
    fix: "shared_preload_libraries = 'pg_stat_statements'",
    bad: conf("shared_preload_libraries = 'auto_explain'"),
    good: conf("shared_preload_libraries = 'pg_stat_statements'"),
    says: ({ text }) => (/pg_stat_(statements|monitor)/.test(text) ? undefined : 'pg_stat_statements is not loaded'),
  }),
];
