import { Problem, type ProblemKind } from '@submilli/core';

type Rule = readonly [pattern: RegExp, kind: ProblemKind, hint: (user: string) => string];

/**
 * PgBouncer gives nearly all its errors the same SQLSTATE (08P01), so that only the words tell them apart. The words
 * are those of 1.17 to 1.25.
 */
const rules: readonly Rule[] = [
  [
    /^not allowed$/,
    'permission',
    (user) => `Add ${user} to stats_users in pgbouncer.ini, then RELOAD. admin_users would be more than it needs.`,
  ],
  [
    /no such user|authentication failed|login rejected|client password must be a string|empty password/i,
    'authentication',
    (user) =>
      `Check password or password_file; ${user} must be in auth_file (or found by auth_query) and in stats_users.`,
  ],
  [
    /unsupported (options )?startup parameter/,
    'other',
    () =>
      'Something in this process’ environment asks for it, such as PGOPTIONS: unset that, or add it to ignore_startup_parameters.',
  ],
  [
    /no more connections allowed|client connections exceeded/,
    'connection',
    () => 'All client connections are taken: raise the limit that is named, or find who holds them (SHOW CLIENTS).',
  ],
  [/^SSL required$/, 'connection', () => 'Set sslmode to require or stricter: PgBouncer takes no plain connections.'],
  [
    /does not support SSL connections/,
    'connection',
    () => 'Set client_tls_sslmode in pgbouncer.ini, or sslmode: disable here if the network is trusted.',
  ],
  [
    /shutting down|^client_login_timeout/,
    'connection',
    () => 'PgBouncer closed the session; it is tried again by itself.',
  ],
  [
    /database "pgbouncer" does not exist|unrecognized configuration parameter "version"/,
    'data',
    () => 'PostgreSQL answers there, not PgBouncer: check host and port (usually 6432).',
  ],
  [/^invalid command/, 'missing', () => 'This version of PgBouncer does not have that command.'],
  [/^admin access needed$/, 'permission', () => 'Only admin_users may use that command.'],
];

/** What a client of a database may be told that is no watcher. */
const clientRules: readonly Rule[] = [
  [
    /^query_(wait_)?timeout/,
    'timeout',
    () => 'Every server connection was taken for that long: see db_pool_binding_limit_info for which limit it was.',
  ],
  [
    /server login (has been failing|failed)|server conn crashed|server connect(ion)? failed|^connect failed/,
    'connection',
    () => 'PgBouncer can’t log in to its server: its log says why; see host and user of the database in pgbouncer.ini.',
  ],
  [/^no such database/, 'missing', () => 'Add the database to [databases] in pgbouncer.ini, or correct its name here.'],
  [
    /no such user|authentication failed|login rejected|client password must be a string|empty password/i,
    'authentication',
    (user) =>
      `Check the probe’s password; ${user} must be in auth_file (or found by auth_query), and a role of the server.`,
  ],
  ...rules.filter(([, kind]) => kind === 'connection'),
];

const explainBy =
  (known: readonly Rule[]) =>
  (error: unknown, where: string, user: string): unknown => {
    if (!(error instanceof Problem)) return error;
    const words = error.what.replace(/ \(SQLSTATE [0-9A-Z]{5}\)$/, '');
    const rule = known.find(([pattern]) => pattern.test(words));
    if (rule === undefined) return error;
    const [, kind, hint] = rule;
    return new Problem(kind, { what: words, where, hint: hint(user), cause: error });
  };

/** A failure on the console, with what to do about it where PgBouncer's own words don't say. */
export const explain = explainBy(rules);

/** The same for a client of a database. */
export const explainClient = explainBy(clientRules);
