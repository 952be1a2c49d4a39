import type { MemberSettings } from '../collectors/settings';

/** One setting that is not the same everywhere: its value by member. */
export type Difference = { readonly name: string; readonly values: ReadonlyMap<string, string> };

/** What says where a server is and whom it follows, and what our own session sets. */
export const notCompared: readonly string[] = [
  ...['port', 'listen_addresses', 'unix_socket_directories', 'cluster_name', 'bonjour_name', 'event_source'],
  ...['data_directory', 'config_file', 'hba_file', 'ident_file', 'external_pid_file', 'log_directory'],
  ...['primary_conninfo', 'primary_slot_name', 'promote_trigger_file', 'synchronous_standby_names'],
  ...['recovery_target_timeline', 'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time'],
  ...['recovery_target_xid', 'recovery_target', 'recovery_target_action', 'recovery_target_inclusive'],
  ...['synchronized_standby_slots', 'sync_replication_slots', 'transaction_read_only', 'transaction_isolation'],
  ...['application_name', 'client_encoding', 'statement_timeout', 'lock_timeout', 'search_path', 'jit', 'DateStyle'],
  ...['idle_in_transaction_session_timeout', 'default_transaction_read_only', 'transaction_deferrable'],
  'standard_conforming_strings',
];

/** A standby on which one of these is smaller than on its primary stops its replay, and after that its start. */
const MUST_NOT_BE_SMALLER = [
  ...['max_connections', 'max_worker_processes', 'max_wal_senders'],
  ...['max_prepared_transactions', 'max_locks_per_transaction'],
];

/** Only settings that all could show: one without pg_monitor sees less. */
export const differing = (members: readonly MemberSettings[]): readonly Difference[] => {
  const [first, ...others] = members;
  if (first === undefined) return [];
  return [...first.settings].flatMap(([name, value]): Difference[] => {
    const values = others.map(({ settings }) => settings.get(name));
    if (values.some((other) => other === undefined) || values.every((other) => other === value)) return [];
    return [{ name, values: new Map(members.map(({ member, settings }) => [member, settings.get(name) ?? ''])) }];
  });
};

export const tooSmall = (
  members: readonly MemberSettings[],
  primary: string | null,
): readonly { readonly member: string; readonly name: string }[] => {
  const head = members.find(({ member }) => member === primary);
  if (head === undefined) return [];
  const numberOf = ({ settings }: MemberSettings, name: string): number => Number(settings.get(name) ?? NaN);
  return members.flatMap((one) =>
    MUST_NOT_BE_SMALLER.filter((name) => numberOf(one, name) < numberOf(head, name)).map((name) => ({
      ...{ member: one.member, name },
    })),
  );
};
