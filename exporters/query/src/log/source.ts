import {
  type Config,
  type Deadline,
  type Env,
  majorOf,
  type PostgresFacts,
  Skipped,
  type SqlSession,
} from '@submilli/core';
import { directoryOf, fileAccess, isSameDirectory, type LogAccess, mayReadLog, sqlAccess } from './access';
import { inOrder, type LogFile } from './position';
import type { Format } from './records';
import type { LogSettings } from './settings';

/** A server's log that can be read: in which format, its files, the one that is written now last, and how to get at them. */
export type LogSource = { readonly format: Format; readonly files: readonly LogFile[]; readonly access: LogAccess };

/** Finds a way to the log, or says what is in it. */
export const findLog = async (
  session: SqlSession,
  { config, facts }: Env<PostgresFacts>,
  settings: LogSettings,
  deadline: Deadline,
): Promise<LogSource> => {
  const wanted = logConfigOf(config, facts);
  if (wanted.source === 'off') throw new Skipped(switchedOff);
  const format = formatOf(settings, majorOf(facts));
  const directory = wanted.directory ?? directoryOf(settings);
  const sql = sqlAccess(session);
  const files = inOrder(await sql.list(deadline), format);
  const current = files.at(-1);
  if (current === undefined) throw new Skipped(notWriting(format));
  const isBeside = wanted.source === 'auto' && (wanted.directory !== undefined || isHere(facts));
  if (wanted.source === 'file' || (isBeside && (await isSameDirectory(directory, current)))) {
    const access = fileAccess(directory);
    return { format, files: inOrder(await access.list(deadline), format), access };
  }
  if (!(await mayReadLog(session, deadline))) throw new Skipped(notReadable(facts, directory));
  return { format, files, access: sql };
};

/** The entry of the configuration that this server was reached by. */
export const logConfigOf = (
  config: Config,
  { address }: Pick<PostgresFacts, 'address'>,
): Config['postgres'][number]['log'] =>
  config.postgres.find(({ host, port }) => `${host}:${port}` === address)?.log ?? { source: 'auto' };

/** PostgreSQL 15 and newer write JSON, which is the better one; 14 has CSV with the same fields. */
const formatOf = ({ destinations, collector, messages }: LogSettings, major: number): Format => {
  const best: Format = major >= 15 ? 'jsonlog' : 'csvlog';
  const found = (['jsonlog', 'csvlog'] as const).find((name) => destinations.includes(name));
  if (!collector || found === undefined) throw new Skipped(notStructured(best, destinations, collector));
  if (!/^(C|POSIX|en)/i.test(messages)) throw new Skipped(notEnglish(messages));
  return found;
};

const isHere = ({ address = '' }: PostgresFacts): boolean =>
  /^(\/.*|localhost|\[?::1\]?|127\.\d+\.\d+\.\d+):\d+$/.test(address);

const switchedOff = {
  reason: 'disabled',
  detail: 'log.source is off for this server in the configuration',
  remedy: 'set log.source to auto there',
} as const;

const notStructured = (best: Format, destinations: readonly string[], collector: boolean) =>
  ({
    reason: 'configuration',
    detail: `the server writes no ${best} (log_destination is ${destinations.join(', ')}, logging_collector ${collector ? 'on' : 'off'})`,
    remedy: `as a superuser: ALTER SYSTEM SET log_destination = '${best}'; ${collector ? 'SELECT pg_reload_conf();' : 'ALTER SYSTEM SET logging_collector = on; then restart the server'}`,
  }) as const;

const notEnglish = (messages: string) =>
  ({
    reason: 'configuration',
    detail: `the server writes its log in another language (lc_messages is ${messages}), and durations are known by their English name`,
    remedy: `as a superuser: ALTER SYSTEM SET lc_messages = 'C'; SELECT pg_reload_conf();`,
  }) as const;

const notWriting = (format: Format) =>
  ({
    reason: 'configuration',
    detail: `the server has no current ${format} file`,
    remedy: 'look at its start-up messages: the logging collector may not have been able to create one',
  }) as const;

const notReadable = ({ database }: PostgresFacts, directory: string) =>
  ({
    reason: 'grant',
    detail: `the server’s log can be read neither here (${directory}) nor through the server`,
    remedy: `run the exporter beside the server and let it read that directory, or make the function that reads it through the server: submilli setup-role --read-log --database ${database}`,
  }) as const;
