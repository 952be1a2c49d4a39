import { example, pgbouncerExample, type Rule, type Severity } from '../../rule';
import { databasesOf, isLocal, listOf, optionOf, poolsOf } from '../../view/pool';

const OPEN: Readonly<Record<string, readonly [Severity, string]>> = {
  any: ['error', 'whoever connects is whoever they say, and the pool logs in to the server for them'],
  trust: ['error', 'whoever connects is whoever they say: no password is asked for'],
  plain: ['error', 'passwords cross the network, and stand in auth_file, as they are'],
  md5: ['warning', 'who has read a stored md5 hash can log in with it; PostgreSQL 18 deprecates it'],
};

const VERIFIED: readonly string[] = ['verify-ca', 'verify-full'];
const ENFORCED: readonly string[] = ['require', ...VERIFIED];

export const security: readonly Rule[] = [
  {
    id: 'pgbouncer-auth-type',
    title: 'The pool lets in who cannot prove who they are',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): auth_type',
    why: 'A pool is a door to the server: what it lets in is in. The default is md5. With scram-sha-256 neither its file nor the network ever has what logs in.',
    fix: 'auth_type = scram-sha-256, and auth_file with the SCRAM verifiers of pg_authid.rolpassword.',
    bad: pgbouncerExample('auth_type = trust'),
    good: pgbouncerExample('auth_type = scram-sha-256'),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const { text, at, isSet } = optionOf(file, 'auth_type');
        const [severity, why] = OPEN[text] ?? [];
        return severity === undefined
          ? []
          : [{ at, severity, says: `auth_type is ${text}${isSet ? '' : ' (default)'}: ${why ?? ''}` }];
      }),
  },
  {
    id: 'pgbouncer-client-tls',
    title: 'Clients talk to the pool in the clear',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): client_tls_sslmode',
    why: 'Statements, rows and (but for SCRAM) passwords can be read and changed on the way. "allow" and "prefer" leave it to the client, and to whoever stands between.',
    fix: 'client_tls_sslmode = require, with client_tls_cert_file and client_tls_key_file.',
    bad: pgbouncerExample('listen_addr = *'),
    good: pgbouncerExample(
      'listen_addr = *\nclient_tls_sslmode = require\nclient_tls_cert_file = /etc/ssl/pool.crt\nclient_tls_key_file = /etc/ssl/pool.key',
    ),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const addresses = listOf(optionOf(file, 'listen_addr').text);
        const { text, at, isSet } = optionOf(file, 'client_tls_sslmode');
        if (ENFORCED.includes(text) || isLocal(addresses)) return [];
        return [
          {
            at,
            says: `client_tls_sslmode is ${text}${isSet ? '' : ' (default)'}, and the pool listens on ${addresses.join(', ')}`,
          },
        ];
      }),
  },
  {
    id: 'pgbouncer-server-tls',
    title: 'The pool does not know whom it talks to',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): server_tls_sslmode',
    why: 'Without TLS what goes to the server can be read; without a verified certificate anybody who takes over its address is the server.',
    fix: 'server_tls_sslmode = verify-full, with server_tls_ca_file.',
    bad: example({ pgbouncer: '[databases]\napp = host=10.0.0.1\n\n[pgbouncer]\nserver_tls_sslmode = prefer\n' }),
    good: example({ pgbouncer: '[databases]\napp = host=10.0.0.1\n\n[pgbouncer]\nserver_tls_sslmode = verify-full\n' }),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const { text, at, isSet } = optionOf(file, 'server_tls_sslmode');
        const hosts = databasesOf(file).flatMap(({ parts }) => listOf(parts.get('host')?.text ?? ''));
        // A socket's folder, or this machine.
        const remote = hosts.filter((host) => !host.startsWith('/') && !isLocal([host]));
        const isElsewhere = remote.length > 0 || file.includes.length > 0;
        if (VERIFIED.includes(text) || !isElsewhere) return [];
        return [
          {
            at,
            says: `server_tls_sslmode is ${text}${isSet ? '' : ' (default)'}: the server need not prove who it is`,
          },
        ];
      }),
  },
  {
    id: 'pgbouncer-admin-users',
    title: 'Who watches the pool can also stop it',
    ...{ severity: 'info', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): admin_users, stats_users',
    why: 'An administrator of the console may PAUSE, KILL and SHUTDOWN. Who only reads belongs in stats_users; a role of the application belongs in neither.',
    fix: 'stats_users = submilli, and one administrator of its own in admin_users.',
    bad: pgbouncerExample('admin_users = app, postgres'),
    good: pgbouncerExample('admin_users = pgbouncer\nstats_users = submilli'),
    check: (scene) =>
      poolsOf(scene).flatMap((file) => {
        const [admins, readers] = [optionOf(file, 'admin_users'), optionOf(file, 'stats_users')];
        const both = listOf(admins.text).filter((user) => listOf(readers.text).includes(user));
        if (both.length > 0)
          return [
            { at: admins.at, says: `${both.join(', ')} may only read by stats_users, and everything by admin_users` },
          ];
        return admins.isSet && listOf(readers.text).length === 0
          ? [
              {
                at: admins.at,
                says: 'there is nobody in stats_users: whoever watches needs the password of an administrator',
              },
            ]
          : [];
      }),
  },
  {
    id: 'pgbouncer-password-in-ini',
    title: 'A password stands in pgbouncer.ini',
    ...{ severity: 'warning', kinds: ['pgbouncer'], fixable: false },
    source: 'PgBouncer, pgbouncer.ini(5): section [databases], password',
    why: 'The file is copied, committed and shown by the console’s SHOW CONFIG to fewer people than read it. With SCRAM verifiers in auth_file the pool needs no password at all.',
    fix: 'Leave user= and password= out, and put the verifier into auth_file.',
    bad: example({
      pgbouncer: '[databases]\napp = host=10.0.0.1 password=example\n\n[pgbouncer]\nserver_tls_sslmode = verify-full\n',
    }),
    good: example({ pgbouncer: '[databases]\napp = host=10.0.0.1\n\n[pgbouncer]\nserver_tls_sslmode = verify-full\n' }),
    check: (scene) =>
      poolsOf(scene).flatMap((file) =>
        databasesOf(file).flatMap(({ name, parts }) => {
          const password = parts.get('password');
          return password === undefined ? [] : [{ at: name, says: `the password for ${name.text} stands in the file` }];
        }),
      ),
  },
];
