import { RESTRICTED_FUNCTIONS } from './facts';

export type SetupRoleOptions = {
  /** Name of the monitoring role. */
  readonly role: string;
  /** Databases in which to create `pg_stat_statements`, and to grant what is granted by database. */
  readonly databases: readonly string[];
  /** Lets the role read the server's log through the server. */
  readonly readLog?: boolean;
  /** Lets the role ask for plans: to show how a table would be read takes the right to read it. */
  readonly explain?: boolean;
  /** Makes the role and the table of the canary as well. */
  readonly canary?: boolean;
};

/**
 * SQL, for psql and a superuser, that makes the least-privilege monitoring role. It is only ever printed for a person
 * (or run by the reference cluster's own bootstrap); Submilli never runs it on a server it watches.
 *
 * The role can read statistics (`pg_monitor`) and nothing else; its connection limit and its own time limits hold even
 * if a client forgets to ask for them. Idempotent, and carries no password: set one with `\password`.
 */
export const setupRoleSql = ({
  role,
  databases,
  readLog = false,
  explain = false,
  canary = false,
}: SetupRoleOptions): string =>
  [
    '-- Run as a superuser in psql. Safe to run again.',
    ...setupRoleStatements({ role }).map((statement) => `${statement};`),
    ...(explain ? [`GRANT pg_read_all_data TO ${identifier(role)};`] : []),
    ...(canary ? canaryRoleStatements.map((statement) => `${statement};`) : []),
    ...databases.flatMap((database) => [
      `\\connect ${identifier(database)}`,
      ...setupDatabaseStatements({ role }).map((statement) => `${statement};`),
      // A schema of somebody else's is no place for what a superuser does next: psql must not go on after the refusal.
      ...(canary || readLog ? ['\\set ON_ERROR_STOP on'] : []),
      ...(canary ? canaryTableStatements.map((statement) => `${statement};`) : []),
      ...(readLog ? readLogStatements({ role }).map((statement) => `${statement};`) : []),
    ]),
    `-- Then give it a password: \\password ${identifier(role)}`,
    ...(canary ? ['-- and the canary: \\password submilli_canary'] : []),
    '',
  ].join('\n');

/** What the role needs in each database that an exporter connects to, as single statements. */
export const setupDatabaseStatements = ({ role }: Pick<SetupRoleOptions, 'role'>): readonly string[] => [
  'CREATE EXTENSION IF NOT EXISTS pg_stat_statements',
  ...RESTRICTED_FUNCTIONS.map((name) => `GRANT EXECUTE ON FUNCTION pg_catalog.${name} TO ${identifier(role)}`),
];

/**
 * Our schema, and the proof that it is ours: whoever may create schemas could have made it first, with a table whose
 * triggers the superuser would run, or a function that the monitoring role would call.
 */
const schemaStatements: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS submilli',
  `DO $do$
DECLARE
  stranger text;
BEGIN
  SELECT r.rolname INTO stranger
    FROM (SELECT nspowner AS owner FROM pg_catalog.pg_namespace WHERE nspname = 'submilli'
          UNION SELECT relowner FROM pg_catalog.pg_class WHERE relnamespace = 'submilli'::pg_catalog.regnamespace
          UNION SELECT proowner FROM pg_catalog.pg_proc WHERE pronamespace = 'submilli'::pg_catalog.regnamespace) o
    JOIN pg_catalog.pg_roles r ON r.oid = o.owner
   WHERE NOT r.rolsuper AND r.rolname <> current_user
   LIMIT 1;
  IF stranger IS NOT NULL THEN
    RAISE EXCEPTION 'the schema submilli, or something in it, belongs to %, who is no superuser', stranger
      USING HINT = 'See what is in it, then drop it: DROP SCHEMA submilli CASCADE.';
  END IF;
END $do$`,
];

/**
 * What lets the role read the server's log, and nothing else, through the server. A grant of `pg_read_binary_file` would
 * do as well, but it would open all of the data directory: table files, and keys that are kept there.
 */
export const readLogStatements = ({ role }: Pick<SetupRoleOptions, 'role'>): readonly string[] => [
  ...schemaStatements,
  `CREATE OR REPLACE FUNCTION submilli.read_log(file text, start int8, length int8) RETURNS bytea
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = '' AS $body$
  SELECT pg_catalog.pg_read_binary_file(
           pg_catalog.current_setting('log_directory') || '/' || file, start, LEAST(length, 8388608), true)
   WHERE file ~ '^[^/]+[.](json|csv)$' AND pg_catalog.strpos(file, '\\') = 0
$body$`,
  'REVOKE ALL ON FUNCTION submilli.read_log(text, int8, int8) FROM PUBLIC',
  `GRANT USAGE ON SCHEMA submilli TO ${identifier(role)}`,
  `GRANT EXECUTE ON FUNCTION submilli.read_log(text, int8, int8) TO ${identifier(role)}`,
];

/** A role that can do nothing but read and update the canary's rows. */
export const canaryRoleStatements: readonly string[] = [
  `DO $do$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'submilli_canary') THEN CREATE ROLE submilli_canary LOGIN; END IF; END $do$`,
  'ALTER ROLE submilli_canary NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT CONNECTION LIMIT 6',
  `ALTER ROLE submilli_canary SET statement_timeout = '5s'`,
  `ALTER ROLE submilli_canary SET lock_timeout = '1s'`,
  `ALTER ROLE submilli_canary SET idle_in_transaction_session_timeout = '10s'`,
];

/** One private row for each path, with room on their page to be updated in place. */
export const canaryTableStatements: readonly string[] = [
  ...schemaStatements,
  'CREATE TABLE IF NOT EXISTS submilli.canary (id int PRIMARY KEY, beat int8 NOT NULL) WITH (fillfactor = 10)',
  'INSERT INTO submilli.canary VALUES (1, 0), (2, 0) ON CONFLICT DO NOTHING',
  'GRANT USAGE ON SCHEMA submilli TO submilli_canary',
  'GRANT SELECT, UPDATE (beat) ON submilli.canary TO submilli_canary',
];

/** The same as single statements without psql's commands, for a client that is already connected. */
export const setupRoleStatements = ({ role }: Pick<SetupRoleOptions, 'role'>): readonly string[] => {
  const name = identifier(role);
  const settings = {
    lock_timeout: "'100ms'",
    statement_timeout: "'5s'",
    idle_in_transaction_session_timeout: "'10s'",
    default_transaction_read_only: 'on',
    search_path: "''",
    jit: 'off',
    // Keeps our own statements out of pg_stat_statements.
    'pg_stat_statements.track': "'none'",
  };
  return [
    `DO $do$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${literal(role)}) THEN CREATE ROLE ${name} LOGIN; END IF; END $do$`,
    `ALTER ROLE ${name} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT ${CONNECTION_LIMIT}`,
    `GRANT pg_monitor TO ${name}`,
    ...Object.entries(settings).map(([key, value]) => `ALTER ROLE ${name} SET ${key} = ${value}`),
  ];
};

/** Three exporters of at most three connections to a server each, and as many again while `submilli check` runs. */
const CONNECTION_LIMIT = 18;

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
