import { allOf, contains, namesOf, type Node } from './ast';

/**
 * To plan, PostgreSQL calls an immutable function whose arguments are known, and a stable one to estimate how many rows
 * a condition leaves. With a parameter or a column among its arguments it can't. So a call with neither must be of a
 * function that is known to be PostgreSQL's own; these are those that are called without arguments.
 */
const HARMLESS = new Set([
  ...['now', 'transaction_timestamp', 'statement_timestamp', 'clock_timestamp', 'timeofday', 'localtimestamp'],
  ...['current_database', 'current_schema', 'current_schemas', 'current_user', 'session_user', 'version', 'pi'],
  ...['random', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'pg_backend_pid', 'pg_is_in_recovery', 'lastval'],
  ...['pg_postmaster_start_time', 'pg_conf_load_time', 'pg_current_wal_lsn', 'pg_current_wal_insert_lsn'],
  ...['pg_last_wal_receive_lsn', 'pg_last_wal_replay_lsn', 'pg_last_xact_replay_timestamp', 'pg_my_temp_schema'],
  ...['inet_client_addr', 'inet_client_port', 'inet_server_addr', 'inet_server_port'],
  ...['count', 'row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist', 'date', 'age'],
]);

/** The first function that planning could call, or nothing. */
export const foldableCall = (select: Node, isBuiltin = (name: string) => HARMLESS.has(name)): string | undefined => {
  for (const call of allOf(select, 'FuncCall')) {
    const names = namesOf(call.funcname);
    const name = names.at(-1) ?? '';
    const own = names.length > 1 ? names[0] === 'pg_catalog' : isBuiltin(name);
    if (!own && !contains(call.args, 'ParamRef', 'ColumnRef')) return names.join('.');
  }
  return undefined;
};
