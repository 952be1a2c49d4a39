import {
  type Config,
  connectSql,
  type Deadline,
  deadlineIn,
  type PostgresTarget,
  readPostgresFacts,
  type SqlSession,
  systemClock,
} from '@submilli/core';
import { holdsSecret } from '@submilli/database';
import { z } from 'zod';
import type { Given } from '../files/read';
import { withoutSecrets } from '../render/excerpt';
import { captured, isDown, type Unread, whyOf } from './capture';

const APPLICATION = 'submilli/lint';

/**
 * As SHOW writes them. What only our own session has (by the role, the database or how we connect) says nothing of the
 * server; what holds a secret stays there.
 */
const settingsSql = `
  SELECT s.name, pg_catalog.current_setting(s.name, true) AS value, s.pending_restart AS pending
    FROM pg_catalog.pg_settings s
   WHERE s.source NOT IN ('client', 'session', 'user', 'database', 'database user', 'global')
     AND s.name NOT IN ('primary_conninfo', 'ssl_passphrase_command')
     AND NOT (s.name LIKE '%.%' AND s.name ~* 'pass|secret|token')
   ORDER BY s.name`;

/** Of what waits for a restart the server says that it "could not be applied", too: that is told by itself. */
const fileErrorsSql = `
  SELECT f.sourcefile AS file, f.sourceline AS line, f.name, f.error
    FROM pg_catalog.pg_show_all_file_settings() f
   WHERE f.error IS NOT NULL
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_settings s WHERE s.name = f.name AND s.pending_restart)
   ORDER BY f.seqno LIMIT 100`;

/** Which file it is, servers tell from 16 on. */
const hbaErrorsSql = `
  SELECT coalesce(pg_catalog.to_jsonb(r) ->> 'file_name', pg_catalog.current_setting('hba_file', true)) AS file,
         r.line_number AS line, r.error
    FROM pg_catalog.pg_hba_file_rules() r
   WHERE r.error IS NOT NULL
   ORDER BY r.line_number LIMIT 100`;

const settingRow = z.object({ name: z.string(), value: z.string().nullable(), pending: z.boolean() });
const text = z.string().nullable();
const errorRow = z.object({ file: text, line: z.number().nullable(), name: text.optional(), error: z.string() });

/** What a server runs with. Never throws: one that cannot be asked says why. */
export const readServer = async (target: PostgresTarget, config: Config): Promise<Given> => {
  const { name, host, port } = target;
  const own = { server: name, address: `${host}:${port}` };
  const deadline = deadlineIn(config.timeouts.scrape_ms, systemClock);
  const options = { limits: config.timeouts, applicationName: APPLICATION, dialect: 'postgres' } as const;
  try {
    const { session, close } = await connectSql({ ...options, address: target, clock: systemClock }, deadline);
    try {
      return captured(name, { ...own, ...(await foundOn(session, deadline)) });
    } finally {
      await close();
    }
  } catch (error) {
    const fix = 'submilli check says what it takes to connect.';
    return captured(name, { ...own, ...isDown(`PostgreSQL ${name}`, whyOf(error, name), fix) });
  }
};

/** A command may hold a password. Such a value is compared with nothing: what differs would be told. */
const isSecret = (value: string): boolean => holdsSecret(value) || withoutSecrets(value) !== value;

const foundOn = async (session: SqlSession, deadline: Deadline): Promise<Record<string, unknown>> => {
  const facts = await readPostgresFacts(session, deadline);
  const unread: Unread[] = [];
  const rows = settingRow.array().parse(await session.query(settingsSql, [], deadline));
  if (!facts.monitor) {
    unread.push({
      what: 'settings that only administrators see',
      why: `${facts.user} is not a member of pg_monitor`,
      fix: `GRANT pg_monitor TO ${facts.user}`,
    });
  }
  const errorsOf = async (view: string, call: string, sql: string): Promise<z.infer<typeof errorRow>[]> => {
    if (facts.functions.has(call)) return errorRow.array().parse(await session.query(sql, [], deadline));
    const fix = `In database ${facts.database}: GRANT EXECUTE ON FUNCTION pg_catalog.${call} TO ${facts.user}`;
    unread.push({ what: `errors in ${view}`, why: `${facts.user} may not call ${call}`, fix });
    return [];
  };
  return {
    system: facts.systemIdentifier,
    settings: Object.fromEntries(
      rows.map(({ name, value }) => [name, value ?? ''] as const).filter(([, value]) => !isSecret(value)),
    ),
    pending_restart: rows.filter(({ pending }) => pending).map(({ name }) => name),
    file_errors: await errorsOf('pg_file_settings', 'pg_show_all_file_settings()', fileErrorsSql),
    hba_errors: await errorsOf('pg_hba_file_rules', 'pg_hba_file_rules()', hbaErrorsSql),
    unread,
  };
};
