import { z } from 'zod';
import type { Deadline } from '../clock';
import type { Needs, Skip } from '../collector/define';
import type { SqlSession } from './connect';
import { quoteIdentifier } from './quote';

/** What decides which collectors can run on a server. Read anew at each scrape: roles move and grants change. */
export type PostgresFacts = {
  /** `server_version_num`, for example 150018. */
  readonly versionNumber: number;
  readonly role: 'primary' | 'standby';
  /** What a primary and its standbys have in common, and no other server. */
  readonly systemIdentifier: string;
  readonly user: string;
  readonly database: string;
  /** Where we reach it, as host:port. */
  readonly address?: string;
  readonly monitor: boolean;
  /** Whether our own connection uses TLS. */
  readonly encrypted?: boolean;
  /** Extensions of the connected database: name → schema. */
  readonly extensions: ReadonlyMap<string, string>;
  /** Those of `RESTRICTED_FUNCTIONS` that we may call. */
  readonly functions: ReadonlySet<string>;
};

/** Functions of use to us that even pg_monitor may not call. The grant is one of the database, not of the server. */
export const RESTRICTED_FUNCTIONS = ['pg_hba_file_rules()', 'pg_show_all_file_settings()'] as const;
export type RestrictedFunction = (typeof RESTRICTED_FUNCTIONS)[number];

/** The oldest major release that Submilli reads. */
export const OLDEST_MAJOR = 14;

const factsRow = z.object({
  version_number: z.number(),
  in_recovery: z.boolean(),
  system_identifier: z.string(),
  role_name: z.string(),
  database_name: z.string(),
  monitor: z.boolean(),
  extensions: z.array(z.tuple([z.string(), z.string()])),
  functions: z.array(z.string()),
});

const factsSql = `
  SELECT pg_catalog.current_setting('server_version_num')::int AS version_number,
         pg_catalog.pg_is_in_recovery() AS in_recovery,
         (SELECT c.system_identifier::text FROM pg_catalog.pg_control_system() c) AS system_identifier,
         current_user::text AS role_name,
         pg_catalog.current_database()::text AS database_name,
         pg_catalog.pg_has_role('pg_monitor', 'USAGE') AS monitor,
         (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(e.extname, n.nspname)), '[]')
            FROM pg_catalog.pg_extension e
            JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace) AS extensions,
         ARRAY(SELECT f FROM pg_catalog.unnest($1::text[]) AS f
                WHERE pg_catalog.has_function_privilege('pg_catalog.' || f, 'EXECUTE')) AS functions`;

export const readPostgresFacts = async (session: SqlSession, deadline: Deadline): Promise<PostgresFacts> => {
  const rows = await session.query(factsSql, [RESTRICTED_FUNCTIONS], deadline);
  const row = factsRow.parse(rows[0]);
  return {
    versionNumber: row.version_number,
    role: row.in_recovery ? 'standby' : 'primary',
    systemIdentifier: row.system_identifier,
    user: row.role_name,
    database: row.database_name,
    monitor: row.monitor,
    encrypted: session.certificate() !== null,
    extensions: new Map(row.extensions),
    functions: new Set(row.functions),
  };
};

export const majorOf = (facts: PostgresFacts): number => Math.floor(facts.versionNumber / 10_000);

/** Why a collector can't run on this server, or nothing if it can. */
export const planPostgres = (needs: Needs, facts: PostgresFacts): Skip | undefined => {
  const major = majorOf(facts);
  const { postgres, role, privilege, extension, execute, tls } = needs;
  if (major < OLDEST_MAJOR) {
    return {
      reason: 'version',
      detail: `PostgreSQL ${major} is older than ${OLDEST_MAJOR}, the oldest that is supported`,
      remedy: 'upgrade PostgreSQL',
    };
  }
  if (postgres?.min !== undefined && major < postgres.min) {
    return {
      reason: 'version',
      detail: `needs PostgreSQL ${postgres.min} or newer, this is ${major}`,
      remedy: `upgrade PostgreSQL to ${postgres.min} or newer`,
    };
  }
  if (postgres?.max !== undefined && major > postgres.max) {
    return { reason: 'version', detail: `PostgreSQL ${major} no longer has this source`, remedy: null };
  }
  if (role !== undefined && role !== facts.role) {
    return { reason: 'role', detail: `only on a ${role}, this server is a ${facts.role}`, remedy: null };
  }
  if (extension !== undefined && !facts.extensions.has(extension)) {
    return {
      reason: 'extension',
      detail: `extension ${extension} is not created in database ${facts.database}`,
      remedy: `in database ${facts.database}, as a superuser: CREATE EXTENSION ${extension}; (its library must be in shared_preload_libraries)`,
    };
  }
  if (privilege === 'pg_monitor' && !facts.monitor) {
    return {
      reason: 'privilege',
      detail: `role ${facts.user} is not a member of pg_monitor`,
      remedy: `as a superuser: GRANT pg_monitor TO ${quoteIdentifier(facts.user)};`,
    };
  }
  if (execute !== undefined && !facts.functions.has(execute)) {
    const user = quoteIdentifier(facts.user);
    return {
      reason: 'grant',
      detail: `role ${facts.user} may not call ${execute} in database ${facts.database}`,
      remedy: `in database ${facts.database}, as a superuser: GRANT EXECUTE ON FUNCTION pg_catalog.${execute} TO ${user};`,
    };
  }
  if (tls === true && facts.encrypted !== true) {
    return {
      reason: 'configuration',
      detail: 'our own connection is not encrypted',
      remedy: 'for this target sslmode: prefer, require or verify-full; on the server ssl = on, with a certificate',
    };
  }
  return undefined;
};
